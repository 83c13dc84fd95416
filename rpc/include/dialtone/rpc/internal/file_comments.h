// The comments of a .proto file, as generated code keeps them for the reflection service: the descriptors in a program have
// none. Internal.
#pragma once

#include <string_view>

namespace dialtone::internal {

// Both have static storage.
struct FileComments {
  std::string_view file;              // "greeter/greeter.proto"
  std::string_view source_code_info;  // a serialised google.protobuf.SourceCodeInfo
};

}  // namespace dialtone::internal
