# dialtone_peer(<name> SERVER source... CLIENT source... LINK library...)
#
# The two programs of a peer, where the suite looks for them.
function(dialtone_peer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SERVER;CLIENT;LINK")
  foreach(side IN ITEMS server client)
    string(TOUPPER ${side} sources)
    set(program ${name}_${side})
    add_executable(${program} ${arg_${sources}})
    target_link_libraries(${program} PRIVATE bench_program dialtone_settings ${arg_LINK})
    set_target_properties(${program} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bench/peers/${name}")
  endforeach()
endfunction()

# dialtone_peer_missing(<what> <packages>): says what is left out, and how to have it.
function(dialtone_peer_missing what packages)
  message(STATUS "No ${what} in the benchmark: install ${packages}")
endfunction()
