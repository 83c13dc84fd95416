# Two precompiled headers, one for libraries and programs and one for tests: most of what a file here makes the compiler
# read are headers of the standard library, Abseil, Protobuf and GoogleTest. For builds from nothing, such as CI's. Off
# else: then one tree's ccache serves every other, and a file that forgets an #include does not compile.
# With clang alone: g++ takes a precompiled header only where every macro is defined as it was for that, and gains less.
option(DIALTONE_PRECOMPILE_HEADERS "Compile other libraries' headers once, for all targets; with clang" OFF)
if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  set(DIALTONE_PRECOMPILE_HEADERS OFF)
endif()

set(DIALTONE_PRECOMPILED_HEADERS
  <algorithm> <array> <atomic> <chrono> <coroutine> <cstdint> <cstring> <deque> <functional> <map> <memory> <mutex>
  <optional> <span> <sstream> <string> <string_view> <thread> <tuple> <unordered_map> <utility> <variant> <vector>
  <absl/base/thread_annotations.h> <absl/container/flat_hash_map.h> <absl/container/inlined_vector.h>
  <absl/functional/any_invocable.h> <absl/status/status.h> <absl/status/statusor.h> <absl/strings/str_cat.h>
  <absl/strings/str_format.h> <absl/strings/str_join.h> <absl/time/time.h>
  <google/protobuf/arena.h> <google/protobuf/message.h>)

# dialtone_precompile(<name> [LINK library ...] [HEADERS header ...]): the target <name> that others use it from.
function(dialtone_precompile name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK;HEADERS")
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${name}.cc")
  file(CONFIGURE OUTPUT "${source}" CONTENT "")
  add_library(${name} OBJECT "${source}")
  target_link_libraries(${name} PRIVATE dialtone_settings absl::status protobuf::libprotobuf ${arg_LINK})
  target_precompile_headers(${name} PRIVATE ${DIALTONE_PRECOMPILED_HEADERS} ${arg_HEADERS})
endfunction()

# dialtone_use_precompiled(<directory> <name>): in every target at or below the directory that has no other; not in
# those with the property DIALTONE_NOT_PRECOMPILED, which are compiled with flags of their own.
function(dialtone_use_precompiled directory name)
  get_property(subdirectories DIRECTORY "${directory}" PROPERTY SUBDIRECTORIES)
  foreach(subdirectory IN LISTS subdirectories)
    dialtone_use_precompiled("${subdirectory}" ${name})
  endforeach()
  get_property(targets DIRECTORY "${directory}" PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    get_target_property(excepted ${target} DIALTONE_NOT_PRECOMPILED)
    get_target_property(from ${target} PRECOMPILE_HEADERS_REUSE_FROM)
    get_target_property(own ${target} PRECOMPILE_HEADERS)
    if(type MATCHES "EXECUTABLE|STATIC_LIBRARY|OBJECT_LIBRARY" AND NOT excepted AND NOT from AND NOT own)
      target_precompile_headers(${target} REUSE_FROM ${name})
    endif()
  endforeach()
endfunction()
