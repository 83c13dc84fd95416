// What protoc was told by --dialtone_opt, or before the colon of --dialtone_out:
//
//   no_comments         embeds no comments in the generated code (embedded_comments.h)
//   no_comments=a.proto   none of that file; may be given several times
#pragma once

#include <set>
#include <string>

namespace dialtone::plugin {

struct PluginOptions {
  bool no_comments = false;
  // As protoc names them: "store/items.proto".
  std::set<std::string> files_without_comments;
};

// What is wrong with the parameter; empty: nothing is.
std::string ReadOptions(const std::string& parameter, PluginOptions& options);

}  // namespace dialtone::plugin
