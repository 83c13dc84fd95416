// protoc-gen-dialtone: protoc runs it for --dialtone_out=DIR. It writes x.dialtone.h and
// x.dialtone.cc for x.proto.
#include <google/protobuf/compiler/plugin.h>

#include "generator.h"

int main(int argc, char** argv) {
  const dialtone::plugin::Generator generator;
  return google::protobuf::compiler::PluginMain(argc, argv, &generator);
}
