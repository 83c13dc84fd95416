// From the description of a .proto file to the text of its x.dialtone.h and x.dialtone.cc. The
// generated code uses public headers of dialtone/rpc alone; what a class in it looks like is shown
// in service_writer.h.
#pragma once

#include <google/protobuf/compiler/code_generator.h>

#include <cstdint>
#include <string>

namespace dialtone::plugin {

// Stateless: one object serves any number of files.
class Generator final : public google::protobuf::compiler::CodeGenerator {
 public:
  // Files without services get files that declare nothing, so that a build may name its outputs
  // before it has read the inputs. False: `error` says, without the file's name, which protoc puts
  // in front, what is wrong with the file or the parameter and how to cure it.
  bool Generate(const google::protobuf::FileDescriptor* file, const std::string& parameter,
                google::protobuf::compiler::GeneratorContext* context,
                std::string* error) const override;

  uint64_t GetSupportedFeatures() const override { return FEATURE_PROTO3_OPTIONAL; }
};

}  // namespace dialtone::plugin
