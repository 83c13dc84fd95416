// Comments of a .proto file, carried into C++.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/printer.h>

#include <string>
#include <vector>

namespace dialtone::plugin {

// The lines of a comment as they may stand behind "//", each on its own: without control
// characters, and without a backslash at the end, which would make the next line a comment, too.
// Empty lines around it are dropped.
std::vector<std::string> CommentLines(const std::string& text);

// Prints the comments before and behind a service or a method; nothing where there are none.
template <class Descriptor>
void PrintComments(const Descriptor& descriptor, google::protobuf::io::Printer& printer) {
  google::protobuf::SourceLocation location;
  if (!descriptor.GetSourceLocation(&location)) return;
  for (const std::string* text : {&location.leading_comments, &location.trailing_comments}) {
    for (const std::string& line : CommentLines(*text)) printer.Print("//$line$\n", "line", line);
  }
}

}  // namespace dialtone::plugin
