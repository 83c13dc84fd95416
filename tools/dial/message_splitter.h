// Cuts text that comes bit by bit, from a pipe or from somebody who types, into messages.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace dial {

enum class MessageForm { kJson, kText };

// JSON: a message ends with the bracket that it began with, however many lines it takes; anything else than an object or a
// list ends with its line. Text format: a message a line. Used by one thread.
class MessageSplitter {
 public:
  // Of one message; more is refused.
  static constexpr size_t kMessageBytesMax = 256 * 1024 * 1024;

  explicit MessageSplitter(MessageForm form) : form_(form) {}

  void Feed(const std::string& bytes) { text_ += bytes; }
  // Nothing more comes.
  void End() { ended_ = true; }
  // Nothing: more has to be fed first, or all has been taken. USAGE if a message is too long.
  absl::StatusOr<std::optional<std::string>> Next();

 private:
  void SkipSpace();
  // Where the message that begins at begin_ ends, if that can be told already.
  std::optional<size_t> FindEnd();
  std::optional<size_t> FindEndOfLine();

  const MessageForm form_;
  std::string text_;
  size_t begin_ = 0;
  // How far FindEnd() has come, and in what state: nothing is looked at twice.
  size_t looked_at_ = 0;
  size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool ended_ = false;
};

}  // namespace dial
