#include "plugin_options.h"

#include <google/protobuf/compiler/code_generator.h>

#include <utility>
#include <vector>

namespace dialtone::plugin {

std::string ReadOptions(const std::string& parameter, PluginOptions& options) {
  std::vector<std::pair<std::string, std::string>> parts;
  google::protobuf::compiler::ParseGeneratorParameter(parameter, &parts);
  for (const auto& [key, value] : parts) {
    if (key != "no_comments") {
      return "--dialtone_opt: unknown parameter \"" + key +
             "\": protoc-gen-dialtone takes no_comments and no_comments=FILE.proto alone";
    }
    if (value.empty()) {
      options.no_comments = true;
    } else {
      options.files_without_comments.insert(value);
    }
  }
  return "";
}

}  // namespace dialtone::plugin
