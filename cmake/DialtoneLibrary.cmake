# dialtone_library(<name> PROTOS a.proto [b.proto ...]
#                  [PROTO_ROOT dir] [IMPORT_DIRS dir ...] [LINK library ...] [NO_COMMENTS] [SEPARATE_MESSAGES])
#
# A static library with the messages, the services and the clients of some .proto files: for each x.proto the four
# files x.pb.h, x.pb.cc, x.dialtone.h and x.dialtone.cc. Works alike in Dialtone's own tree and with an installed
# package. Whoever links it can #include "x.dialtone.h" and has dialtone::rpc.
#
#   PROTO_ROOT   what paths, both of PROTOS and in the files' imports, are relative to; default: this directory.
#   IMPORT_DIRS  further directories to look for imports in, whose code somebody else generates.
#   LINK         other dialtone_library() targets whose .proto files these ones import.
#   NO_COMMENTS  leaves the comments out that the reflection service would tell: those of what is generated here, and in
#                libraries that LINK this one those of its .proto files. By default a service brings along the comments of
#                its file and of the files of its messages, whoever generates their code (none of google/protobuf/).
#   SEPARATE_MESSAGES
#                keeps messages and services in object files of their own, for programs that use the messages alone and
#                shall not link Dialtone with them (some 0.5 MB), or have another RPC library's service of the same name,
#                gRPC's above all. By default x.pb.cc and x.dialtone.cc are compiled as one, in hardly more time than either
#                takes.
#
# A file is generated anew when it, anything that it imports, protoc or the plugin changes.
function(dialtone_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NO_COMMENTS;SEPARATE_MESSAGES" "PROTO_ROOT" "PROTOS;IMPORT_DIRS;LINK")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "dialtone_library(${name}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_PROTOS)
    message(FATAL_ERROR "dialtone_library(${name}): PROTOS names no .proto file")
  endif()
  if(NOT arg_PROTO_ROOT)
    set(arg_PROTO_ROOT "${CMAKE_CURRENT_SOURCE_DIR}")
  endif()
  get_filename_component(root "${arg_PROTO_ROOT}" ABSOLUTE)

  # Where imports are looked for: here, in what is linked (and what that links), and where the caller says.
  set(import_dirs "${root}")
  set(files_without_comments)
  foreach(directory IN LISTS arg_IMPORT_DIRS)
    get_filename_component(directory "${directory}" ABSOLUTE)
    list(APPEND import_dirs "${directory}")
  endforeach()
  foreach(library IN LISTS arg_LINK)
    if(NOT TARGET ${library})
      message(FATAL_ERROR "dialtone_library(${name}): LINK names '${library}', which is no target (yet)")
    endif()
    get_target_property(inherited ${library} DIALTONE_IMPORT_DIRS)
    if(inherited)
      list(APPEND import_dirs ${inherited})
    endif()
    get_target_property(inherited ${library} DIALTONE_FILES_WITHOUT_COMMENTS)
    if(inherited)
      list(APPEND files_without_comments ${inherited})
    endif()
  endforeach()
  set(plugin_options "${files_without_comments}")
  list(TRANSFORM plugin_options PREPEND "--dialtone_opt=no_comments=")
  if(arg_NO_COMMENTS)
    set(plugin_options "--dialtone_opt=no_comments")
  endif()
  list(REMOVE_DUPLICATES import_dirs)
  list(TRANSFORM import_dirs PREPEND "--proto_path=" OUTPUT_VARIABLE proto_paths)

  set(generated_dir "${CMAKE_CURRENT_BINARY_DIR}/${name}_generated")
  file(MAKE_DIRECTORY "${generated_dir}")
  set(sources)
  foreach(proto IN LISTS arg_PROTOS)
    get_filename_component(proto_path "${proto}" ABSOLUTE BASE_DIR "${root}")
    file(RELATIVE_PATH relative "${root}" "${proto_path}")
    if(relative MATCHES "^\\.\\.")
      message(FATAL_ERROR "dialtone_library(${name}): ${proto} lies outside of PROTO_ROOT ${root}")
    endif()
    string(REGEX REPLACE "\\.proto$" "" stem "${relative}")
    set(out "${generated_dir}/${stem}")
    # Ninja wants the first output to be the first that the dependency file names, and protoc sorts them.
    add_custom_command(
      OUTPUT "${out}.dialtone.cc" "${out}.dialtone.h" "${out}.pb.cc" "${out}.pb.h"
      COMMAND
        protobuf::protoc ${proto_paths} "--cpp_out=${generated_dir}"
        "--plugin=protoc-gen-dialtone=$<TARGET_FILE:dialtone::protoc_gen_dialtone>"
        "--dialtone_out=${generated_dir}" ${plugin_options} "--dependency_out=${out}.d" "${relative}"
      COMMAND "${CMAKE_COMMAND}" "-DDEPFILE=${out}.d" -P "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/DialtoneDepfile.cmake"
      DEPENDS "${proto_path}" protobuf::protoc dialtone::protoc_gen_dialtone
      DEPFILE "${out}.d"
      COMMENT "Generating ${stem}.{pb,dialtone}.{h,cc}"
      VERBATIM)
    list(APPEND sources "${out}.pb.cc" "${out}.dialtone.cc" "${out}.pb.h" "${out}.dialtone.h")
    # Nearly all that the compiler reads for one of the two it reads for the other. Files of several .proto files use the
    # same names, and never come together, whatever the project does.
    if(arg_SEPARATE_MESSAGES)
      set_source_files_properties("${out}.pb.cc" "${out}.dialtone.cc" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    else()
      list(LENGTH sources place)
      string(MAKE_C_IDENTIFIER "${stem}_${place}" unity_group)
      set_source_files_properties("${out}.pb.cc" "${out}.dialtone.cc" PROPERTIES UNITY_GROUP "${unity_group}")
    endif()
    if(arg_NO_COMMENTS)
      list(APPEND files_without_comments "${relative}")
    endif()
  endforeach()

  add_library(${name} STATIC ${sources})
  set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP DIALTONE_IMPORT_DIRS "${import_dirs}"
    DIALTONE_FILES_WITHOUT_COMMENTS "${files_without_comments}")
  # SYSTEM, so that protoc's headers do not answer for the user's warning flags.
  target_include_directories(${name} SYSTEM PUBLIC "${generated_dir}")
  target_link_libraries(${name} PUBLIC dialtone::rpc protobuf::libprotobuf ${arg_LINK})
endfunction()
