#include "message_splitter.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "exit_code.h"

namespace dial {

namespace {

bool IsComment(absl::string_view line) {
  const absl::string_view text = absl::StripLeadingAsciiWhitespace(line);
  return text.empty() || text[0] == '#';
}

bool IsAllComments(const std::string& text) {
  for (const absl::string_view line : absl::StrSplit(text, '\n'))
    if (!IsComment(line)) return false;
  return true;
}

}  // namespace

absl::StatusOr<std::optional<std::string>> MessageSplitter::Next() {
  for (;;) {
    absl::StatusOr<std::optional<std::string>> taken = Take();
    const bool is_message = taken.ok() && taken->has_value();
    if (!is_message || form_ != MessageForm::kText || !IsAllComments(**taken)) return taken;
  }
}

absl::StatusOr<std::optional<std::string>> MessageSplitter::Take() {
  SkipSpace();
  if (begin_ == text_.size()) return std::nullopt;
  std::optional<size_t> end = FindEnd();
  if (text_.size() - begin_ > kMessageBytesMax && (!end || *end - begin_ > kMessageBytesMax)) {
    text_.clear();
    begin_ = looked_at_ = depth_ = 0;
    return UsageError(absl::StrCat("a message of more than ", kMessageBytesMax, " bytes of text"));
  }
  if (!end) {
    if (!ended_) return std::nullopt;
    end = text_.size();  // cut short: whoever parses it says what is missing
  }
  std::string message = text_.substr(begin_, *end - begin_);
  begin_ = *end;
  if (begin_ > text_.size() / 2) {  // so that each byte moves a bounded number of times
    text_.erase(0, begin_);
    begin_ = 0;
  }
  looked_at_ = begin_;
  depth_ = 0;
  in_string_ = escaped_ = blank_ = false;
  return message;
}

void MessageSplitter::SkipSpace() {
  if (looked_at_ > begin_) return;
  while (begin_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[begin_])))
    ++begin_;
  looked_at_ = begin_;
}

std::optional<size_t> MessageSplitter::FindEndOfLine() {
  const size_t end = text_.find('\n', looked_at_);
  looked_at_ = text_.size();
  return end == std::string::npos ? std::nullopt : std::optional<size_t>(end);
}

std::optional<size_t> MessageSplitter::FindEmptyLine() {
  for (; looked_at_ < text_.size(); ++looked_at_) {
    const char c = text_[looked_at_];
    if (c == '\n') {
      if (blank_) return looked_at_;
      blank_ = true;
    } else if (!absl::ascii_isspace(static_cast<unsigned char>(c))) {
      blank_ = false;
    }
  }
  return std::nullopt;
}

std::optional<size_t> MessageSplitter::FindEnd() {
  const char first = text_[begin_];
  if (form_ == MessageForm::kText)
    return text_end_ == TextEnd::kLine ? FindEndOfLine() : FindEmptyLine();
  if (first != '{' && first != '[') return FindEndOfLine();
  for (; looked_at_ < text_.size(); ++looked_at_) {
    const char c = text_[looked_at_];
    if (in_string_) {
      const bool was_escaped = escaped_;
      escaped_ = !was_escaped && c == '\\';
      in_string_ = was_escaped || c != '"';
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if ((c == '}' || c == ']') && --depth_ == 0) {
      return ++looked_at_;
    }
  }
  return std::nullopt;
}

}  // namespace dial
