// What the comments in a schema say, as text.
#pragma once

#include <string>

#include "google/protobuf/descriptor.h"

namespace dial {

// A comment as Protobuf keeps it, without the spaces at its lines' ends and the one in front of each.
std::string CommentText(const std::string& comment);

// Of a service or a method: what stands before it, or else behind it; empty where there is nothing.
template <class Described>
std::string CommentOf(const Described& described) {
  google::protobuf::SourceLocation location;
  if (!described.GetSourceLocation(&location)) return "";
  std::string text = CommentText(location.leading_comments);
  return text.empty() ? CommentText(location.trailing_comments) : text;
}

// The first line of such a text, and of it the first sentence; a line that breaks off within one ends in " …".
std::string FirstSentence(const std::string& text);

}  // namespace dial
