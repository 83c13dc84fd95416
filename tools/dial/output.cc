#include "output.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "dialtone/transport/utf8.h"
#include "exit_code.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "json_writer.h"

namespace dial {
namespace {

constexpr char kTypePrefix[] = "type.googleapis.com/";
constexpr char kReset[] = "\033[0m";

bool WantsColours(ColourWish wish, int descriptor) {
  if (wish != ColourWish::kAuto) return wish == ColourWish::kAlways;
  const char* terminal = std::getenv("TERM");
  const char* no_colour = std::getenv("NO_COLOR");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  return isatty(descriptor) == 1 && terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
}

const char* CodeOf(Output::Tone tone) {
  switch (tone) {
    case Output::Tone::kName:
      return "\033[1m";
    case Output::Tone::kKey:
      return "\033[34m";
    case Output::Tone::kFaint:
      return "\033[2m";
    case Output::Tone::kGood:
      return "\033[32m";
    case Output::Tone::kBad:
      return "\033[31m";
    case Output::Tone::kPlain:
      break;
  }
  return "";
}

// One detail of a status as a JSON object with its type.
std::string DetailJson(const std::string& url, const std::string& bytes,
                       const google::protobuf::DescriptorPool* pool) {
  const size_t prefix = std::strlen(kTypePrefix);
  const bool usual = url.compare(0, prefix, kTypePrefix) == 0;
  const google::protobuf::Descriptor* type =
      usual && pool != nullptr ? pool->FindMessageTypeByName(url.substr(prefix)) : nullptr;
  if (type != nullptr) {
    google::protobuf::DynamicMessageFactory factory;
    const std::unique_ptr<google::protobuf::Message> detail(factory.GetPrototype(type)->New());
    if (detail->ParsePartialFromString(bytes)) {
      const std::string json = ToJson(*detail, JsonForm());
      const std::string head = absl::StrCat("{\"@type\":", JsonQuoted(url));
      if (json == "{}") return head + "}";
      // The fields beside the type; but well-known types are no objects.
      return json[0] == '{' ? absl::StrCat(head, ",", json.substr(1))
                            : absl::StrCat(head, ",\"value\":", json, "}");
    }
  }
  return absl::StrCat("{\"@type\":", JsonQuoted(url), ",\"value\":", JsonQuoted(Base64(bytes)),
                      "}");
}

std::vector<std::string> DetailsOf(const absl::Status& status,
                                   const google::protobuf::DescriptorPool* pool) {
  std::vector<std::string> details;
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& bytes) {
    if (!IsUsageError(status))
      details.push_back(DetailJson(std::string(url), std::string(bytes), pool));
  });
  return details;
}

// False: not all of it has left; errno says why.
// Waits for who reads, though the descriptor may be one that does not wait: whoever else has it may have made it so.
bool Write(std::FILE* file, std::string_view text) {
  if (std::fflush(file) != 0) return false;  // an editor of lines writes there, too
  const int descriptor = fileno(file);
  while (!text.empty()) {
    const ssize_t count = write(descriptor, text.data(), text.size());
    if (count >= 0) {
      text.remove_prefix(static_cast<size_t>(count));
    } else if (errno == EAGAIN) {
      pollfd room{descriptor, POLLOUT, 0};
      poll(&room, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

// At once, as SIGPIPE would: whoever is to have the results will not have them.
[[noreturn]] void EndForLostOutput(bool json) {
  const std::string why = absl::StrCat("cannot write stdout: ", std::strerror(errno));
  const absl::StatusCode code = absl::StatusCode::kDataLoss;
  Write(stderr, json ? absl::StrCat("{\"error\":{\"code\":", static_cast<int>(code),
                                    ",\"status\":", JsonQuoted(absl::StatusCodeToString(code)),
                                    ",\"message\":", JsonQuoted(why),
                                    "},\"exit_code\":", kExitOutputLost, "}\n")
                     : absl::StrCat("dial: ", why, "\n"));
  _exit(kExitOutputLost);
}

}  // namespace

void WriteNow(const std::string& text) {
  if (!Write(stdout, text)) EndForLostOutput(false);
}

std::string Printable(const std::string& text) {
  std::string printable;
  for (std::string_view left = text; !left.empty();) {
    const size_t length = dialtone::Utf8Length(left);
    const std::string_view character = left.substr(0, std::max<size_t>(length, 1));
    const bool commands =
        length == 0 || (dialtone::IsControl(left, length) && left[0] != '\n' && left[0] != '\t');
    for (const char c : character) {
      if (commands) {
        absl::StrAppend(&printable, "\\x",
                        absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
      } else {
        printable += c;
      }
    }
    left.remove_prefix(character.size());
  }
  return printable;
}

Output::Output(bool json, ColourWish wish)
    : json_(json),
      colours_(!json && WantsColours(wish, STDOUT_FILENO)),
      colours_of_errors_(!json && WantsColours(wish, STDERR_FILENO)) {}

void Output::Line(const std::string& text) const {
  if (!Write(stdout, text + "\n")) EndForLostOutput(json_);
}

void Output::Note(const std::string& text) const { Write(stderr, text + "\n"); }

std::string Output::In(Tone tone, const std::string& text) const {
  if (!colours_ || tone == Tone::kPlain) return text;
  return absl::StrCat(CodeOf(tone), text, kReset);
}

int Output::Fail(const absl::Status& status, const google::protobuf::DescriptorPool* pool) const {
  const std::string name = absl::StatusCodeToString(status.code());
  const std::string message(status.message());
  const std::vector<std::string> details = DetailsOf(status, pool);
  const int code = ExitCodeOf(status);
  if (json_) {
    std::string text =
        absl::StrCat("{\"error\":{\"code\":", static_cast<int>(status.code()),
                     ",\"status\":", JsonQuoted(name), ",\"message\":", JsonQuoted(message));
    if (!details.empty())
      absl::StrAppend(&text, ",\"details\":[", absl::StrJoin(details, ","), "]");
    Note(absl::StrCat(text, "},\"exit_code\":", code, "}"));
    return code;
  }
  const std::string head = IsUsageError(status) ? "dial:" : absl::StrCat("dial: ", name, ":");
  const char* tone = colours_of_errors_ ? CodeOf(Tone::kBad) : "";
  Note(absl::StrCat(tone, head, colours_of_errors_ ? kReset : "", " ", Printable(message)));
  for (const std::string& detail : details) Note(absl::StrCat("  detail ", detail));
  return code;
}

}  // namespace dial
