#include "flag_values.h"

#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone::flags {
namespace {

template <class Value, size_t kCount>
bool FromName(std::string_view text, const std::pair<std::string_view, Value> (&names)[kCount],
              Value& value) {
  for (const auto& [name, named] : names) {
    if (name != text) continue;
    value = named;
    return true;
  }
  return false;
}

template <class Value, size_t kCount>
std::string NameOf(Value value, const std::pair<std::string_view, Value> (&names)[kCount]) {
  for (const auto& [name, named] : names) {
    if (named == value) return std::string(name);
  }
  return "?";
}

constexpr std::pair<std::string_view, LogLevel> kLogLevels[] = {{"debug", LogLevel::kDebug},
                                                                {"info", LogLevel::kInfo},
                                                                {"warning", LogLevel::kWarning},
                                                                {"error", LogLevel::kError}};
constexpr std::pair<std::string_view, LogFormat> kLogFormats[] = {{"text", LogFormat::kText},
                                                                  {"json", LogFormat::kJson}};
using Mode = ConcurrencyOptions::Mode;
constexpr std::pair<std::string_view, Mode> kModes[] = {
    {"off", Mode::kOff}, {"fixed", Mode::kFixed}, {"adaptive", Mode::kAdaptive}};
constexpr std::pair<std::string_view, Compression> kCompressions[] = {
    {"none", Compression::kNone}, {"gzip", Compression::kGzip}, {"zstd", Compression::kZstd}};
constexpr std::pair<std::string_view, uint64_t> kUnits[] = {
    {"KiB", uint64_t{1} << 10}, {"MiB", uint64_t{1} << 20}, {"GiB", uint64_t{1} << 30}};

bool UnsignedFromText(std::string_view text, uint64_t max, uint64_t& value) {
  uint64_t unit = 1;
  for (const auto& [name, bytes] : kUnits) {
    if (!text.ends_with(name)) continue;
    unit = bytes;
    text.remove_suffix(name.size());
    break;
  }
  uint64_t number = 0;
  // The parser itself would take spaces and signs.
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !is_digit(text.front()) || !is_digit(text.back())) return false;
  if (!absl::SimpleAtoi(ToAbsl(text), &number) || number > max / unit) return false;
  value = number * unit;
  return true;
}

}  // namespace

bool FromText(std::string_view text, bool& value) {
  static constexpr std::pair<std::string_view, bool> kNames[] = {
      {"true", true}, {"false", false}, {"1", true}, {"0", false}};
  return FromName(text, kNames, value);
}
bool FromText(std::string_view text, int& value) { return absl::SimpleAtoi(ToAbsl(text), &value); }
bool FromText(std::string_view text, int64_t& value) {
  return absl::SimpleAtoi(ToAbsl(text), &value);
}
bool FromText(std::string_view text, uint32_t& value) {
  uint64_t wide = 0;
  if (!UnsignedFromText(text, std::numeric_limits<uint32_t>::max(), wide)) return false;
  value = static_cast<uint32_t>(wide);
  return true;
}
bool FromText(std::string_view text, uint64_t& value) {
  return UnsignedFromText(text, std::numeric_limits<uint64_t>::max(), value);
}
bool FromText(std::string_view text, double& value) {
  double number = 0;
  if (!absl::SimpleAtod(ToAbsl(text), &number) || !(number >= 0) ||
      number > std::numeric_limits<double>::max())
    return false;
  value = number;
  return true;
}
bool FromText(std::string_view text, std::string& value) {
  value = std::string(text);
  return true;
}
bool FromText(std::string_view text, absl::Duration& value) {
  absl::Duration duration;
  if (!absl::ParseDuration(ToAbsl(text), &duration) || duration < absl::ZeroDuration())
    return false;
  value = duration;
  return true;
}
bool FromText(std::string_view text, LogLevel& value) { return FromName(text, kLogLevels, value); }
bool FromText(std::string_view text, LogFormat& value) {
  return FromName(text, kLogFormats, value);
}
bool FromText(std::string_view text, Mode& value) { return FromName(text, kModes, value); }
bool FromText(std::string_view text, Compression& value) {
  return FromName(text, kCompressions, value);
}

std::string ToText(bool value) { return value ? "true" : "false"; }
std::string ToText(int value) { return absl::StrCat(value); }
std::string ToText(int64_t value) { return absl::StrCat(value); }
std::string ToText(uint32_t value) { return ToText(uint64_t{value}); }
std::string ToText(uint64_t value) {
  for (size_t i = std::size(kUnits); i-- > 0;) {
    const auto& [name, bytes] = kUnits[i];
    if (value >= bytes && value % bytes == 0) return absl::StrCat(value / bytes, ToAbsl(name));
  }
  return absl::StrCat(value);
}
std::string ToText(double value) { return absl::StrCat(value); }
std::string ToText(const std::string& value) { return value; }
std::string ToText(absl::Duration value) { return absl::FormatDuration(value); }
std::string ToText(LogLevel value) { return NameOf(value, kLogLevels); }
std::string ToText(LogFormat value) { return NameOf(value, kLogFormats); }
std::string ToText(Mode value) { return NameOf(value, kModes); }
std::string ToText(Compression value) { return NameOf(value, kCompressions); }

Kind KindOf(bool) { return {"BOOL", "value of a bool: true or false"}; }
Kind KindOf(int) { return {"N", "whole number"}; }
Kind KindOf(int64_t) { return {"N", "whole number"}; }
Kind KindOf(uint32_t) { return {"N", "whole number from 0 to 4294967295, such as 100 or 64KiB"}; }
Kind KindOf(uint64_t) { return {"N", "whole number that is not negative, such as 100 or 64KiB"}; }
Kind KindOf(double) { return {"NUMBER", "number that is not negative, such as 1.5"}; }
Kind KindOf(const std::string&) { return {"TEXT", "text"}; }
Kind KindOf(absl::Duration) { return {"DURATION", "duration such as 250ms, 1.5s or 2m"}; }
Kind KindOf(LogLevel) { return {"LEVEL", "level: debug, info, warning or error"}; }
Kind KindOf(LogFormat) { return {"FORMAT", "format: text or json"}; }
Kind KindOf(Mode) { return {"MODE", "mode: off, fixed or adaptive"}; }
Kind KindOf(Compression) { return {"ALGORITHM", "algorithm: none, gzip or zstd"}; }

}  // namespace dialtone::flags
