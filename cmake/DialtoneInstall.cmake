# What `cmake --install` leaves behind, so that another project can say find_package(dialtone): headers, the static
# libraries, protoc's plugin and the function dialtone_library(); and the programs to try a network with. Two components,
# `dev` and `runtime`, which become Debian packages in DialtonePackages.cmake.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME dev)
set(dialtone_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/dialtone")

# The language that our headers are written in comes with the libraries.
target_compile_features(dialtone_transport PUBLIC cxx_std_20)
target_compile_features(dialtone_rpc PUBLIC cxx_std_20)
set_target_properties(dialtone_transport PROPERTIES EXPORT_NAME transport)
set_target_properties(dialtone_rpc PROPERTIES EXPORT_NAME rpc)
set_target_properties(protoc_gen_dialtone PROPERTIES OUTPUT_NAME protoc-gen-dialtone)

# dialtone_settings is exported because static libraries name all that they link; it is empty for a consumer.
install(
  TARGETS dialtone_settings dialtone_transport dialtone_rpc dialtone_admin protoc_gen_dialtone
  EXPORT dialtoneTargets
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
if(TARGET dialtone_flags)
  install(TARGETS dialtone_flags EXPORT dialtoneTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endif()
if(TARGET dialtone_otlp)
  install(TARGETS dialtone_otlp EXPORT dialtoneTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(DIRECTORY tools/otlp/include/ DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")
endif()
install(
  DIRECTORY transport/include/ rpc/include/
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.h")
get_property(dialtone_own_services GLOBAL PROPERTY DIALTONE_OWN_SERVICES)
foreach(service IN LISTS dialtone_own_services)
  get_target_property(headers ${service} DIALTONE_HEADERS)
  get_target_property(folder ${service} DIALTONE_HEADERS_FOLDER)
  install(FILES ${headers} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/${folder}")
endforeach()
install(EXPORT dialtoneTargets NAMESPACE dialtone:: DESTINATION "${dialtone_package_dir}")

configure_package_config_file(
  cmake/dialtoneConfig.cmake.in "${PROJECT_BINARY_DIR}/dialtoneConfig.cmake"
  INSTALL_DESTINATION "${dialtone_package_dir}")
# Before 1.0 a minor version may break what was built against the one before.
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/dialtoneConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(
  FILES "${PROJECT_BINARY_DIR}/dialtoneConfig.cmake" "${PROJECT_BINARY_DIR}/dialtoneConfigVersion.cmake"
        cmake/DialtoneDepfile.cmake cmake/DialtoneLibrary.cmake cmake/DialtoneStatic.cmake
  DESTINATION "${dialtone_package_dir}")

if(TARGET dial)
  install(TARGETS dial RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT runtime)
endif()

# Under names that are clear among all others in a bin folder.
if(TARGET echo_server)
  foreach(program IN ITEMS server client caller)
    install(
      PROGRAMS "$<TARGET_FILE:echo_${program}>"
      DESTINATION "${CMAKE_INSTALL_BINDIR}"
      RENAME "dialtone-echo-${program}"
      COMPONENT runtime)
    # As CMake strips targets, but not what is renamed.
    install(
      CODE "if(CMAKE_INSTALL_DO_STRIP)
  execute_process(
    COMMAND \"${CMAKE_STRIP}\" \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/dialtone-echo-${program}\"
    COMMAND_ERROR_IS_FATAL ANY)
endif()"
      COMPONENT runtime)
  endforeach()
endif()
