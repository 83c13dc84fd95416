# Programs that need nothing of the machine they run on: -DDIALTONE_STATIC=ON, for Dialtone itself and for whoever says
# find_package(dialtone). Such a program is one file that runs in an empty container (docs/decisions/0008).
#
# Two functions: the one is called before, the other after Protobuf and Abseil have been found.
option(DIALTONE_STATIC "Link programs statically: they run without any library installed" OFF)

# What such a program is linked with. Position-independent, so that the kernel still places it at random; without the
# sections that nothing refers to, so that it is a sixth smaller.
set(DIALTONE_STATIC_LINK_OPTIONS -static-pie -Wl,--gc-sections)
if(DIALTONE_STATIC)
  # Relocations in a shorter form, where the C library that is linked in knows how to read it.
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_LINK_OPTIONS -Wl,-z,pack-relative-relocs -Wl,--fatal-warnings)
  check_cxx_source_compiles(
    "#include <features.h>
     #if !__GLIBC_PREREQ(2, 36)
     #error This C library does not know DT_RELR.
     #endif
     int main() {}"
    DIALTONE_PACKED_RELOCATIONS)
  unset(CMAKE_REQUIRED_LINK_OPTIONS)
  if(DIALTONE_PACKED_RELOCATIONS)
    list(APPEND DIALTONE_STATIC_LINK_OPTIONS -Wl,-z,pack-relative-relocs)
  endif()
endif()

function(dialtone_prefer_static_protobuf)
  if(DIALTONE_STATIC)
    set(Protobuf_USE_STATIC_LIBS ON PARENT_SCOPE)
  endif()
endfunction()

# Debian's package files of Abseil name the shared libraries alone, though the archives lie beside them.
function(dialtone_use_static_abseil)
  if(NOT DIALTONE_STATIC)
    return()
  endif()
  get_property(targets DIRECTORY PROPERTY IMPORTED_TARGETS)
  list(FILTER targets INCLUDE REGEX "^absl::")
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(NOT type STREQUAL "SHARED_LIBRARY")
      continue()
    endif()
    get_target_property(shared ${target} LOCATION)
    string(REGEX REPLACE "\\.so(\\.[0-9.]+)?$" ".a" archive "${shared}")
    if(NOT EXISTS "${archive}")
      message(FATAL_ERROR "DIALTONE_STATIC: ${target} is ${shared}, and there is no ${archive}")
    endif()
    get_target_property(configurations ${target} IMPORTED_CONFIGURATIONS)
    foreach(configuration IN LISTS configurations)
      set_target_properties(${target} PROPERTIES "IMPORTED_LOCATION_${configuration}" "${archive}")
    endforeach()
  endforeach()
endfunction()
