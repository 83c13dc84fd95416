# dialtone_own_service(<target> PROTO path SOURCES file...): a service that every server has, as an OBJECT library that becomes
# a part of dialtone::rpc. Its code is generated with this project's own plugin, as a user's would be, but not with
# dialtone_library(), whose libraries link dialtone::rpc. `path` is relative to proto/. Its comments are left out (every server
# would carry them), unless it says COMMENTS.
function(dialtone_own_service target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "COMMENTS" "PROTO" "SOURCES")
  set(plugin_options "--dialtone_opt=no_comments")
  if(arg_COMMENTS)
    set(plugin_options)
  endif()
  set(root "${PROJECT_SOURCE_DIR}/proto")
  set(generated "${CMAKE_CURRENT_BINARY_DIR}/generated")
  string(REGEX REPLACE "\\.proto$" "" path "${arg_PROTO}")
  set(stem "${generated}/${path}")
  file(MAKE_DIRECTORY "${generated}")
  add_custom_command(
    OUTPUT "${stem}.dialtone.cc" "${stem}.dialtone.h" "${stem}.pb.cc" "${stem}.pb.h"
    COMMAND
      protobuf::protoc "--proto_path=${root}" "--cpp_out=${generated}"
      "--plugin=protoc-gen-dialtone=$<TARGET_FILE:protoc_gen_dialtone>" ${plugin_options}
      "--dialtone_out=${generated}" "${arg_PROTO}"
    DEPENDS "${root}/${arg_PROTO}" protobuf::protoc protoc_gen_dialtone
    COMMENT "Generating ${path}.{pb,dialtone}.{h,cc}"
    VERBATIM)

  add_library(${target} OBJECT ${arg_SOURCES} "${stem}.dialtone.cc" "${stem}.pb.cc")
  target_include_directories(${target}
    PRIVATE "${PROJECT_SOURCE_DIR}/rpc/call" "${PROJECT_SOURCE_DIR}/rpc/include")
  target_include_directories(${target} SYSTEM PUBLIC "${generated}")
  target_link_libraries(${target}
    PUBLIC dialtone_transport absl::any_invocable absl::function_ref absl::statusor protobuf::libprotobuf
    PRIVATE dialtone_settings)

  # What installs with the public headers, for clients: "<path>.dialtone.h".
  get_filename_component(folder "${arg_PROTO}" DIRECTORY)
  set_target_properties(${target} PROPERTIES
    DIALTONE_GENERATED "${generated}"
    DIALTONE_HEADERS "${stem}.dialtone.h;${stem}.pb.h"
    DIALTONE_HEADERS_FOLDER "${folder}")
  set_property(GLOBAL APPEND PROPERTY DIALTONE_OWN_SERVICES ${target})
endfunction()
