# dialtone_check_headers(<target> DIRECTORY dir): compiles every header below dir on its own, twice in one file, so
# that each includes what it uses and guards itself. `target` gives the include directories and definitions.
function(dialtone_check_headers target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "DIRECTORY" "")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${arg_DIRECTORY}/*.h")
  set(sources)
  foreach(header IN LISTS headers)
    file(RELATIVE_PATH relative "${arg_DIRECTORY}" "${header}")
    string(REPLACE "/" "_" flat "${relative}")
    set(source "${CMAKE_CURRENT_BINARY_DIR}/${target}_headers/${flat}.cc")
    file(CONFIGURE OUTPUT "${source}" CONTENT "#include \"${header}\"\n#include \"${header}\"\n")
    list(APPEND sources "${source}")
  endforeach()
  if(NOT sources)
    message(FATAL_ERROR "dialtone_check_headers(${target}): no header below ${arg_DIRECTORY}")
  endif()
  add_library(${target}_headers_alone OBJECT ${sources})
  target_link_libraries(${target}_headers_alone PRIVATE dialtone_settings ${target})
  # The private headers of a module include one another by bare name, as its sources do.
  target_include_directories(
    ${target}_headers_alone PRIVATE $<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>)
  # Only whether it compiles is asked.
  target_compile_options(${target}_headers_alone PRIVATE -O0 -g0)
endfunction()
