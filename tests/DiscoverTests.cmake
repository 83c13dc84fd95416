# dialtone_discover_tests(<target> [PARTS n] [TIMEOUT seconds] [SUFFIX s] [ENVIRONMENT variable=value ...])
#
# Has ctest run what a GoogleTest program has: each test in a process of its own, named as the test is. A program under a
# sanitizer takes longer to begin and to end than most tests do; there it runs its tests one after the other, in so many
# parts as PARTS says (default: 1), which can run at the same time: <target>, or <target>.part_1 and so on.
#
# TIMEOUT is of each test, or part; default: 300. SUFFIX is added to the tests' names.
include(GoogleTest)

function(dialtone_discover_tests target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "PARTS;TIMEOUT;SUFFIX" "ENVIRONMENT")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  if(NOT DIALTONE_SANITIZE)
    gtest_discover_tests(
      ${target} DISCOVERY_TIMEOUT 60 TEST_SUFFIX "${arg_SUFFIX}" PROPERTIES TIMEOUT ${arg_TIMEOUT} ENVIRONMENT
                                                                            "${arg_ENVIRONMENT}")
    return()
  endif()
  if(NOT arg_PARTS OR arg_PARTS EQUAL 1)
    add_test(NAME ${target} COMMAND ${target})
    set_tests_properties(${target} PROPERTIES TIMEOUT 600 ENVIRONMENT "${arg_ENVIRONMENT}")
    return()
  endif()
  foreach(part RANGE 1 ${arg_PARTS})
    math(EXPR index "${part} - 1")
    add_test(NAME ${target}.part_${part} COMMAND ${target})
    set_tests_properties(
      ${target}.part_${part} PROPERTIES TIMEOUT 600 ENVIRONMENT
                                        "GTEST_TOTAL_SHARDS=${arg_PARTS};GTEST_SHARD_INDEX=${index};${arg_ENVIRONMENT}")
  endforeach()
endfunction()
