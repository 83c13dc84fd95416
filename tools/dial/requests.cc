#include "requests.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/check.h"
#include "exit_code.h"
#include "interrupt.h"
#include "message_text.h"
#include "read_file.h"

namespace dial {

std::vector<std::string> MessageWords(std::vector<std::string> given,
                                      const google::protobuf::MethodDescriptor& method) {
  if (given.empty() && method.client_streaming()) given.emplace_back("-");
  return given;
}

Requests::Requests(std::vector<std::string> words, MessageForm form, InputLines* lines)
    : form_(form),
      lines_(lines),
      words_(std::make_move_iterator(words.begin()), std::make_move_iterator(words.end())),
      stopped_(eventfd(0, EFD_CLOEXEC)) {
  DIALTONE_CHECK(stopped_ >= 0, "no descriptor left for an end of input");
}

Requests::~Requests() { close(stopped_); }

void Requests::Stop() {
  const uint64_t one = 1;
  const ssize_t written = write(stopped_, &one, sizeof one);
  DIALTONE_CHECK(written == sizeof one);
}

absl::StatusOr<bool> Requests::Next(google::protobuf::Message& into) {
  for (;;) {
    if (whole_.has_value()) {
      absl::Status parsed = ParseMessage(*std::exchange(whole_, std::nullopt), form_, into);
      if (!parsed.ok()) return parsed;
      return true;
    }
    if (splitter_ != nullptr) {
      absl::StatusOr<std::optional<std::string>> text = splitter_->Next();
      if (!text.ok()) return text.status();
      if (text->has_value()) {
        absl::Status parsed = ParseMessage(**text, form_, into);
        if (!parsed.ok()) return parsed;
        return true;
      }
    }
    absl::StatusOr<bool> more = ReadMore();
    if (!more.ok() || !*more) return more;
  }
}

absl::StatusOr<bool> Requests::ReadMore() {
  if (reads_stdin_) return lines_ == nullptr ? ReadStdin() : ReadLine();
  interactive_ = false;
  if (words_.empty()) return false;
  const std::string word = std::move(words_.front());
  words_.pop_front();
  splitter_ = nullptr;
  if (word == "-" || word == "@-") {
    reads_stdin_ = true;
    interactive_ = isatty(STDIN_FILENO) == 1;
    // An empty line ends a block of lines (input_lines.h), so it cannot part what is in one.
    splitter_ = std::make_unique<MessageSplitter>(
        form_, interactive_ || lines_ != nullptr ? TextEnd::kLine : TextEnd::kEmptyLine);
    if (lines_ != nullptr) lines_->BeginBlock();
    return true;
  }
  absl::StatusOr<std::string> text = word;
  if (!word.empty() && word[0] == '@') text = ReadFile(word.substr(1));
  if (!text.ok()) return text.status();
  if (form_ == MessageForm::kText) {
    whole_ = *std::move(text);
    return true;
  }
  splitter_ = std::make_unique<MessageSplitter>(form_);
  splitter_->Feed(*text);
  splitter_->End();
  return true;
}

absl::StatusOr<bool> Requests::ReadStdin() {
  std::array<pollfd, 3> wait = {
      {{STDIN_FILENO, POLLIN, 0}, {stopped_, POLLIN, 0}, {InterruptDescriptor(), POLLIN, 0}}};
  while (poll(wait.data(), wait.size(), -1) < 0) {
    if (errno != EINTR) return absl::InternalError("poll of stdin failed");
  }
  if (wait[1].revents != 0 || wait[2].revents != 0) return false;
  std::array<char, 64 * 1024> bytes{};
  const ssize_t read_now = read(STDIN_FILENO, bytes.data(), bytes.size());
  if (read_now > 0) {
    splitter_->Feed(std::string(bytes.data(), static_cast<size_t>(read_now)));
    return true;
  }
  if (read_now < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (read_now < 0) return Broken(errno);
  splitter_->End();
  reads_stdin_ = false;
  return true;
}

// Not even half a message comes of it, and nobody is asked for another one.
absl::StatusOr<bool> Requests::Broken(int error) {
  splitter_ = nullptr;
  reads_stdin_ = interactive_ = false;
  return UsageError(absl::StrCat("cannot read stdin: ", std::strerror(error)));
}

absl::StatusOr<bool> Requests::ReadLine() {
  std::string line;
  switch (lines_->NextOfBlock(line, stopped_)) {
    case InputLines::Got::kStopped:
      return false;
    case InputLines::Got::kLine:
      splitter_->Feed(line);
      return true;
    case InputLines::Got::kEnd:
      if (lines_->error() != 0) return Broken(lines_->error());
      splitter_->End();
      reads_stdin_ = false;
  }
  return true;
}

}  // namespace dial
