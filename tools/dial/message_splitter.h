// Cuts text that comes bit by bit, from a pipe or from somebody who types, into messages.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace dial {

enum class MessageForm { kJson, kText };

// What ends a message in text format, which does not say so itself.
enum class TextEnd {
  kLine,       // where somebody types
  kEmptyLine,  // as files have it
};

// JSON: a message ends with the bracket that it began with, however many lines it takes; anything else than an object or a
// list ends with its line. Text format: as TextEnd says, and what is all comments is no message. Used by one thread.
class MessageSplitter {
 public:
  // Of one message; more is refused.
  static constexpr size_t kMessageBytesMax = 256 * 1024 * 1024;

  explicit MessageSplitter(MessageForm form, TextEnd text_end = TextEnd::kEmptyLine)
      : form_(form), text_end_(text_end) {}

  void Feed(const std::string& bytes) { text_ += bytes; }
  // Nothing more comes.
  void End() { ended_ = true; }
  // Nothing: more has to be fed first, or all has been taken. USAGE if a message is too long.
  absl::StatusOr<std::optional<std::string>> Next();

 private:
  // Next(), but that comments count.
  absl::StatusOr<std::optional<std::string>> Take();
  void SkipSpace();
  // Where the message that begins at begin_ ends, if that can be told already.
  std::optional<size_t> FindEnd();
  std::optional<size_t> FindEndOfLine();
  std::optional<size_t> FindEmptyLine();

  const MessageForm form_;
  const TextEnd text_end_;
  std::string text_;
  size_t begin_ = 0;
  // How far FindEnd() has come, and in what state: nothing is looked at twice.
  size_t looked_at_ = 0;
  size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool blank_ = false;  // so far, the line that looked_at_ is in, which is not the message's first
  bool ended_ = false;
};

}  // namespace dial
