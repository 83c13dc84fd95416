// What dial writes: results to stdout, all else to stderr; in colours on a terminal, as JSON for scripts.
//
// Every line leaves at once. Once nobody reads stdout any more, the next line ends the program by SIGPIPE; one that cannot be
// written otherwise ends it, too, with an error on stderr and kExitOutputLost (exit_code.h). Lines that stderr does not take are
// lost.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"

namespace dial {

enum class ColourWish { kAuto, kAlways, kNever };

// What a server has said, for a terminal: control characters, which could command it, are written as \x1b, and so is what is no
// UTF-8.
std::string Printable(const std::string& text);

// To stdout as it is, without a line's end; leaves at once.
void WriteNow(const std::string& text);

// Thread-safe: a line is written whole.
class Output {
 public:
  enum class Tone { kPlain, kName, kKey, kFaint, kGood, kBad };

  // kAuto: colours if stdout is a terminal, and neither NO_COLOR is set nor TERM "dumb".
  Output(bool json, ColourWish wish);

  bool json() const { return json_; }
  bool colours() const { return colours_; }

  // To stdout, with an end of line.
  void Line(const std::string& text) const;
  // To stderr, with an end of line.
  void Note(const std::string& text) const;
  // `text` as it is written in that tone.
  std::string In(Tone tone, const std::string& text) const;

  // Tells of an error on stderr and returns the exit code for it: "dial: NOT_FOUND: no such user", or with json()
  // {"error":{"code":5,"status":"NOT_FOUND","message":"no such user","details":[…]}}. Details whose type `pool` knows (null:
  // none) are shown; the others by their type's name and their bytes in base64.
  int Fail(const absl::Status& status,
           const google::protobuf::DescriptorPool* pool = nullptr) const;

 private:
  const bool json_;
  const bool colours_;
  const bool colours_of_errors_;
};

}  // namespace dial
