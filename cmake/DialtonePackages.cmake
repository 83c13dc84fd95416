# Debian packages of what DialtoneInstall.cmake installs: `cpack` in a build tree that was configured with
# -DCMAKE_INSTALL_PREFIX=/usr writes dialtone-dev_<version>_<architecture>.deb (headers, static libraries, protoc's
# plugin, find_package) and dialtone_<version>_<architecture>.deb (dial and the echo programs). No shared library is packaged, and
# so nothing of Dialtone's is needed where a program runs: docs/decisions/0008.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME dialtone)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "typed calls between C++ processes over raw sockets")
set(CPACK_PACKAGE_CONTACT "The Dialtone maintainers <maintainers@dialtone.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL dev)
if(TARGET echo_server OR TARGET dial)
  list(APPEND CPACK_COMPONENTS_ALL runtime)
endif()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS OFF)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)

# The headers name Abseil's namespace of one release, and generated code wants the Protobuf that its compiler is of.
math(EXPR absl_after "${absl_VERSION} + 1")
string(REGEX MATCH "^[0-9]+\\.[0-9]+" protobuf_from "${Protobuf_VERSION}")
string(REGEX REPLACE "^[0-9]+\\.([0-9]+)$" "\\1" protobuf_minor "${protobuf_from}")
string(REGEX REPLACE "\\..*$" "" protobuf_major "${protobuf_from}")
math(EXPR protobuf_minor_after "${protobuf_minor} + 1")
set(protobuf_after "${protobuf_major}.${protobuf_minor_after}")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME dialtone-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
    "libabsl-dev (>= ${absl_VERSION}), libabsl-dev (<< ${absl_after}), \
libprotobuf-dev (>= ${protobuf_from}), libprotobuf-dev (<< ${protobuf_after}), protobuf-compiler")
foreach(library IN ITEMS CARES:libc-ares-dev ZLIB:zlib1g-dev ZSTD:libzstd-dev)
  string(REPLACE ":" ";" library "${library}")
  list(GET library 0 switch)
  list(GET library 1 package)
  if(DIALTONE_${switch} AND DIALTONE_${switch}_LIBRARY)
    string(APPEND CPACK_DEBIAN_DEV_PACKAGE_DEPENDS ", ${package}")
  endif()
endforeach()
set(CPACK_DEBIAN_DEV_PACKAGE_RECOMMENDS "cmake (>= 3.25), g++")
if(TARGET dialtone_otlp)
  string(APPEND CPACK_DEBIAN_DEV_PACKAGE_RECOMMENDS ", libcurl4-openssl-dev")
endif()
set(CPACK_COMPONENT_DEV_DESCRIPTION
    "Headers, static libraries, the protoc plugin protoc-gen-dialtone and the CMake
package of Dialtone: find_package(dialtone), dialtone_library().")

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME dialtone)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION net)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION
    "dial, which shows, calls and measures any server from a shell. And to try a
network, a container or a restart with: a server that answers what it is told,
a client, and a caller at a steady rate.")

# Where Debian's tools look for the license.
foreach(package IN ITEMS dev runtime)
  string(TOUPPER ${package} package_upper)
  set(name "${CPACK_DEBIAN_${package_upper}_PACKAGE_NAME}")
  install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/doc/${name}" RENAME copyright COMPONENT ${package})
endforeach()
include(CPack)
