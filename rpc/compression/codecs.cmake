# Messages are compressed by what is there: libzstd, zlib. Where one is missing, its algorithm is not announced to peers.
option(DIALTONE_ZSTD "Compress messages with zstd, if libzstd is installed" ON)
option(DIALTONE_ZLIB "Compress messages with gzip, if zlib is installed" ON)

# dialtone_add_codec(<algorithm> <switch> HEADER x.h LIBRARY x): a source with the algorithm, or the one that says it is
# not there. The library is linked by name, so that an installed package links the static one where its user links
# statically.
function(dialtone_add_codec algorithm switch)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "HEADER;LIBRARY" "")
  find_path(${switch}_INCLUDE_DIR ${arg_HEADER})
  find_library(${switch}_LIBRARY ${arg_LIBRARY})
  mark_as_advanced(${switch}_INCLUDE_DIR ${switch}_LIBRARY)
  if(${switch} AND ${switch}_INCLUDE_DIR AND ${switch}_LIBRARY)
    target_sources(dialtone_rpc PRIVATE compression/${algorithm}_codec.cc)
    target_include_directories(dialtone_rpc PRIVATE ${${switch}_INCLUDE_DIR})
    target_link_libraries(dialtone_rpc PRIVATE ${arg_LIBRARY})
  else()
    message(STATUS "No ${arg_LIBRARY}: messages are not compressed with ${algorithm}")
    target_sources(dialtone_rpc PRIVATE compression/${algorithm}_none.cc)
  endif()
endfunction()
dialtone_add_codec(gzip DIALTONE_ZLIB HEADER zlib.h LIBRARY z)
dialtone_add_codec(zstd DIALTONE_ZSTD HEADER zstd.h LIBRARY zstd)
