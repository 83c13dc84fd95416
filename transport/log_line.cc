#include "log_line.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/utf8.h"

namespace dialtone {
namespace {

constexpr std::string_view kCut = "…";
constexpr std::string_view kReplacement = "\uFFFD";

void AppendEscaped(std::string* out, char c, bool json) {
  switch (c) {
    case '\n':
      return absl::StrAppend(out, "\\n");
    case '\r':
      return absl::StrAppend(out, "\\r");
    case '\t':
      return absl::StrAppend(out, "\\t");
    case '"':
    case '\\':
      if (json) out->push_back('\\');
      return out->push_back(c);
    default:
      return absl::StrAppend(out, json ? "\\u00" : "\\x",
                             absl::Hex(static_cast<uint8_t>(c), absl::kZeroPad2));
  }
}

// Appends as much of `text` as fits, escaped, so that `out` has at most `bytes_max` bytes. False:
// it was cut.
bool AppendText(std::string* out, std::string_view text, size_t bytes_max, bool json) {
  while (!text.empty()) {
    const size_t before = out->size();
    size_t length = Utf8Length(text);
    if (length == 0) {
      length = 1;
      if (json) {
        absl::StrAppend(out, ToAbsl(kReplacement));
      } else {
        AppendEscaped(out, text.front(), false);
      }
    } else if (IsControl(text, length) || (json && (text[0] == '"' || text[0] == '\\'))) {
      AppendEscaped(out, text[length - 1], json);
    } else {
      out->append(text.substr(0, length));
    }
    if (out->size() > bytes_max) {
      out->resize(before);
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

void AppendTextOrCut(std::string* out, std::string_view text, size_t bytes_max, bool json) {
  if (!AppendText(out, text, bytes_max - kCut.size(), json)) out->append(kCut);
}

std::string JsonLine(const LogEvent& event, const std::string& time) {
  constexpr std::string_view kEnd = "}\n";
  std::string line = absl::StrCat("{\"time\":\"", time, "\",\"level\":\"",
                                  ToAbsl(LogLevelName(event.level)), "\",\"text\":\"");
  AppendTextOrCut(&line, event.text, kLogLineBytesMax - kEnd.size() - 1, true);
  line.push_back('"');
  for (const LogField& field : event.fields) {
    const size_t before = line.size();
    const size_t bytes_max = kLogLineBytesMax - kEnd.size() - 1;
    line.append(",\"");
    bool fits = AppendText(&line, field.name, bytes_max, true);
    line.append("\":\"");
    fits = fits && AppendText(&line, field.value, bytes_max, true) && line.size() <= bytes_max;
    line.push_back('"');
    if (!fits) line.resize(before);
  }
  line.append(kEnd);
  return line;
}

}  // namespace

std::string LogLine(const LogEvent& event, absl::Time time, LogFormat format) {
  const std::string time_text = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
  if (format == LogFormat::kJson) return JsonLine(event, time_text);
  std::string line = absl::StrCat(time_text, " ", ToAbsl(LogLevelName(event.level)), ": ");
  AppendTextOrCut(&line, event.text, kLogLineBytesMax - 1, false);
  line.push_back('\n');
  return line;
}

}  // namespace dialtone
