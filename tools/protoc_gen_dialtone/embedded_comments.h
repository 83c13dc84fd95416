// The comments of .proto files as constants in the generated code, for the reflection service:
// descriptors in a program come without them. One serialised google.protobuf.SourceCodeInfo a file,
// of those locations alone that a message, field, oneof, enum, value, service, method or extension
// with a comment is at; it is parsed when somebody asks for the file.
//
//   namespace dialtone::internal {
//   inline constexpr char kCommentsOf_greeter_2eproto[] = "…";
//   namespace {
//   constexpr FileComments kCommentsFor_greeter_2eproto[] = {
//       {"greeter.proto", {kCommentsOf_greeter_2eproto, sizeof(kCommentsOf_greeter_2eproto) - 1}},
//   };
//   }  // namespace
//   }  // namespace dialtone::internal
//
// A file's comments are inline, so a program has them once, however many services use its messages.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/printer.h>

#include <string>
#include <utility>
#include <vector>

#include "plugin_options.h"

namespace dialtone::plugin {

// Those that go into the generated code of one file.
class EmbeddedComments {
 public:
  // Of the file itself and of those that its services' messages and enums are declared in, whoever
  // generates their code: nothing refers to the .dialtone.cc of a file without a service, so what
  // it held would not be linked. None of google/protobuf/: who asks has those files.
  EmbeddedComments(const google::protobuf::FileDescriptor& file, const PluginOptions& options);

  // Into the global namespace. Nothing where there are no comments.
  void Define(google::protobuf::io::Printer& printer) const;
  // What names them as an argument of ::dialtone::Service's constructor; empty where there are none.
  std::string name() const;

 private:
  // "greeter.proto"
  const std::string file_;
  // By their names: serialised.
  std::vector<std::pair<std::string, std::string>> comments_;
};

}  // namespace dialtone::plugin
