#include "repl_settings.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "exit_code.h"
#include "json_writer.h"
#include "session.h"
#include "suggest.h"

namespace dial {
namespace {

std::string NameOf(const std::string& header) {
  return std::string(absl::StripAsciiWhitespace(header.substr(0, header.find(':'))));
}

std::string ValueOf(const std::string& header) {
  return std::string(absl::StripAsciiWhitespace(header.substr(header.find(':') + 1)));
}

void RemoveHeaders(std::vector<std::string>& headers, const std::string& name) {
  headers.erase(std::remove_if(headers.begin(), headers.end(),
                               [&](const std::string& header) { return NameOf(header) == name; }),
                headers.end());
}

// Whether those may be sent.
absl::Status Check(const CommandLine& line) {
  const Session session(line);
  return session.call_options().status();
}

absl::Status NothingToSet(const std::string& name) {
  return UsageError(absl::StrCat("there is no setting ", name,
                                 DidYouMean(name, ReplSettings::Names()), "; there are ",
                                 absl::StrJoin(ReplSettings::Names(), ", ")));
}

const char* OnOrOff(bool on) { return on ? "on" : "off"; }

}  // namespace

ReplSettings::ReplSettings(const CommandLine& line)
    : line_(line), text_(line.form == MessageForm::kText) {
  line_.command.clear();
  line_.words.clear();
}

std::vector<std::string> ReplSettings::Names() {
  return {"json", "metadata", "text", "timeout", "verbose"};
}

bool* ReplSettings::Switch(const std::string& name) {
  if (name == "json") return &line_.json;
  if (name == "verbose") return &line_.verbose;
  return name == "text" ? &text_ : nullptr;
}

absl::Status ReplSettings::SetMetadata(const std::string& pair, const Value& value_of) {
  const size_t end = pair.find_first_of("=:");
  if (end == std::string::npos || end == 0)
    return UsageError(absl::StrCat("set metadata ", pair, ": write set metadata NAME=VALUE"));
  const std::string name(absl::StripAsciiWhitespace(pair.substr(0, end)));
  std::string value(absl::StripAsciiWhitespace(pair.substr(end + 1)));
  if (absl::StartsWith(value, "$")) {
    absl::StatusOr<std::string> found = value_of(value);
    if (!found.ok()) return found.status();
    value = *std::move(found);
  }
  CommandLine candidate = line_;
  RemoveHeaders(candidate.headers, name);
  candidate.headers.push_back(absl::StrCat(name, ": ", value));
  absl::Status may_be_sent = Check(candidate);
  if (may_be_sent.ok()) line_ = candidate;
  return may_be_sent;
}

absl::Status ReplSettings::Set(const std::vector<std::string>& words, const Value& value_of) {
  if (words.size() != 2) return UsageError("write set WHAT VALUE; see help set");
  if (words[0] == "metadata") return SetMetadata(words[1], value_of);
  if (words[0] == "timeout") {
    absl::Duration timeout;
    if (!absl::ParseDuration(words[1], &timeout) || timeout <= absl::ZeroDuration()) {
      return UsageError(
          absl::StrCat("set timeout: \"", words[1], "\" is no duration such as 500ms or 2s"));
    }
    line_.timeout = timeout;
    return absl::OkStatus();
  }
  bool* on = Switch(words[0]);
  if (on == nullptr) return NothingToSet(words[0]);
  if (words[1] != "on" && words[1] != "off")
    return UsageError(absl::StrCat("write set ", words[0], " on, or off"));
  *on = words[1] == "on";
  line_.form = text_ ? MessageForm::kText : MessageForm::kJson;
  return absl::OkStatus();
}

absl::Status ReplSettings::Unset(const std::vector<std::string>& words) {
  if (words.empty() || words.size() > 2) return UsageError("write unset WHAT; see help unset");
  if (words[0] == "metadata") {
    const std::vector<std::string> names = MetadataNames();
    if (words.size() == 1) {
      line_.headers.clear();
    } else if (std::find(names.begin(), names.end(), words[1]) == names.end()) {
      return UsageError(
          absl::StrCat("no metadata ", words[1], " is set", DidYouMean(words[1], names)));
    } else {
      RemoveHeaders(line_.headers, words[1]);
    }
    return absl::OkStatus();
  }
  bool* on = Switch(words[0]);
  if ((on == nullptr && words[0] != "timeout") || words.size() == 2) return NothingToSet(words[0]);
  if (on == nullptr) {
    line_.timeout.reset();
  } else {
    *on = false;
  }
  line_.form = text_ ? MessageForm::kText : MessageForm::kJson;
  return absl::OkStatus();
}

std::vector<std::string> ReplSettings::MetadataNames() const {
  std::vector<std::string> names;
  names.reserve(line_.headers.size());
  for (const std::string& header : line_.headers) names.push_back(NameOf(header));
  return names;
}

std::string ReplSettings::Show(const std::string& address) const {
  const std::string timeout = line_.timeout.has_value() ? absl::FormatDuration(*line_.timeout)
                                                        : std::string("15s, and a stream for ever");
  if (line_.json) {
    std::vector<std::string> pairs;
    pairs.reserve(line_.headers.size());
    for (const std::string& header : line_.headers) {
      pairs.push_back(
          absl::StrCat("[", JsonQuoted(NameOf(header)), ",", JsonQuoted(ValueOf(header)), "]"));
    }
    return absl::StrCat("{\"address\":", JsonQuoted(address),
                        ",\"timeout\":", line_.timeout.has_value() ? JsonQuoted(timeout) : "null",
                        ",\"metadata\":[", absl::StrJoin(pairs, ","),
                        "],\"verbose\":", line_.verbose ? "true" : "false",
                        ",\"text\":", text_ ? "true" : "false", "}");
  }
  std::string text = absl::StrCat("address   ", address, "\ntimeout   ", timeout, "\nverbose   ",
                                  OnOrOff(line_.verbose), "\njson      ", OnOrOff(line_.json),
                                  "\ntext      ", OnOrOff(text_));
  for (const std::string& header : line_.headers)
    absl::StrAppend(&text, "\nmetadata  ", NameOf(header), ": ", ValueOf(header));
  return Printable(text);
}

}  // namespace dial
