// The messages that a call sends, one after the other: from the command line, from files, from stdin.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "input_lines.h"
#include "message_splitter.h"

namespace dial {

// The messages on a command line, behind the method's name; stdin where a client that streams was given none.
std::vector<std::string> MessageWords(std::vector<std::string> given,
                                      const google::protobuf::MethodDescriptor& method);

// Each of `words` is a message (or some, one behind the other), "@file", or "-" or "@-" for stdin: all of it, or of `lines`, which others
// read, too, the next block. In text format a word and a file are one message, and stdin has an empty line behind each; but a
// terminal and `lines` a line for each. Used by one thread; but Stop() may come from any.
class Requests {
 public:
  // `lines` may be null; else it outlives this.
  Requests(std::vector<std::string> words, MessageForm form, InputLines* lines = nullptr);
  ~Requests();
  Requests(const Requests&) = delete;
  Requests& operator=(const Requests&) = delete;

  // False: there are no more. Waits for stdin if its turn has come, until Stop() or Ctrl-C: false as well. USAGE: the message
  // is wrong, or the file; where somebody types (interactive()), the next one may be asked for all the same.
  absl::StatusOr<bool> Next(google::protobuf::Message& into);
  // Whether the message that Next() gave last, or complained about, was typed at a terminal.
  bool interactive() const { return interactive_; }
  void Stop();

 private:
  // Feeds splitter_ from where the next bytes are. False: there are none any more.
  absl::StatusOr<bool> ReadMore();
  absl::StatusOr<bool> ReadStdin();
  absl::StatusOr<bool> ReadLine();
  // Stdin cannot be read: USAGE.
  absl::StatusOr<bool> Broken(int error);

  const MessageForm form_;
  InputLines* const lines_;
  std::deque<std::string> words_;
  // Of the word whose turn it is: what is in it, or that it is one message.
  std::unique_ptr<MessageSplitter> splitter_;
  std::optional<std::string> whole_;
  bool reads_stdin_ = false;
  bool interactive_ = false;
  const int stopped_;  // an eventfd
};

}  // namespace dial
