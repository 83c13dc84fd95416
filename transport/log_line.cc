#include "log_line.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone {
namespace {

constexpr std::string_view kCut = "…";
constexpr std::string_view kReplacement = "\uFFFD";

// How many bytes the UTF-8 character at the front has; 0 if there is none.
size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const auto follows = [&](size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!follows(1) || !follows(2)) return 0;
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    const bool overlong = lead == 0xF0 && byte(1) < 0x90;
    const bool too_large = lead == 0xF4 && byte(1) >= 0x90;
    return overlong || too_large ? 0 : 4;
  }
  return 0;
}

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

bool IsControl(char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; }

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
    } else if (length == 1 &&
               (IsControl(text.front()) || (json && (text[0] == '"' || text[0] == '\\')))) {
      AppendEscaped(out, text.front(), json);
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
