# What every target of this project is compiled with.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

option(DIALTONE_WARNINGS_AS_ERRORS "Treat compiler warnings as errors" OFF)
set(DIALTONE_SANITIZE "" CACHE STRING "Sanitizers to build with: 'address,undefined' or 'thread'")

# A project that has this one as a subdirectory links what is found here, too: what dialtone_library() makes, in the
# project's own directories.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)
include(cmake/DialtoneStatic.cmake)
dialtone_prefer_static_protobuf()
find_package(Threads REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(Protobuf REQUIRED)
dialtone_use_static_abseil()

find_program(DIALTONE_CCACHE ccache)
if(DIALTONE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${DIALTONE_CCACHE})
endif()

# Flags that a consumer of the installed package does not inherit: targets link this PRIVATE.
add_library(dialtone_settings INTERFACE)
target_compile_options(dialtone_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wno-unused-parameter)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(dialtone_settings INTERFACE -Wthread-safety)
  # The distribution's Abseil was built by g++: keep clang's ABI at the version that mangles alike.
  if(CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 18)
    add_compile_options(-fclang-abi-compat=17)
  endif()
endif()
# A section for each function, so that a program is linked with those alone that it can reach: a server that calls nobody
# has no client in it. See the libraries' link options.
target_compile_options(dialtone_settings INTERFACE $<$<CONFIG:Release,MinSizeRel>:-ffunction-sections>)
# A function begins at a cache line, wherever a linker puts it: otherwise a call's cost goes up and down by a few hundredths
# with each change of other code. Some sixty kilobytes of a server.
target_compile_options(dialtone_settings INTERFACE $<$<CONFIG:Release>:-falign-functions=64>)
# g++ makes one 16-byte store or load of two members that lie side by side. To put the halves together takes longer than the
# second instruction that it saves, and a load of two that were stored one by one waits until both have left the processor.
# Without it a call costs its client four hundredths less, with 64 in flight; the server no more, and no less.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(dialtone_settings INTERFACE $<$<CONFIG:Release>:-fno-tree-slp-vectorize>)
endif()
# What g++ says of a type of an unnamed namespace in a header it also says of one in any file but the first of several that
# are compiled as one.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(dialtone_settings INTERFACE $<$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>:-Wno-subobject-linkage>)
endif()
if(DIALTONE_WARNINGS_AS_ERRORS)
  target_compile_options(dialtone_settings INTERFACE -Werror)
endif()
if(DIALTONE_SANITIZE)
  add_compile_options(-fsanitize=${DIALTONE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${DIALTONE_SANITIZE})
endif()
