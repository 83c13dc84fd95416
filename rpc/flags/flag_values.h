// How a flag's text becomes a value, and back. Pure. Internal to dialtone::flags.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "dialtone/rpc/compression.h"
#include "dialtone/rpc/concurrency.h"
#include "dialtone/transport/log.h"

namespace dialtone::flags {

// False: no such value; `value` is left alone.
bool FromText(std::string_view text, bool& value);
bool FromText(std::string_view text, int& value);
bool FromText(std::string_view text, int64_t& value);
bool FromText(std::string_view text, uint32_t& value);
bool FromText(std::string_view text, uint64_t& value);
bool FromText(std::string_view text, double& value);
bool FromText(std::string_view text, std::string& value);
bool FromText(std::string_view text, absl::Duration& value);
bool FromText(std::string_view text, LogLevel& value);
bool FromText(std::string_view text, LogFormat& value);
bool FromText(std::string_view text, ConcurrencyOptions::Mode& value);
bool FromText(std::string_view text, Compression& value);

// What FromText() would read as the same value.
std::string ToText(bool value);
std::string ToText(int value);
std::string ToText(int64_t value);
std::string ToText(uint32_t value);
std::string ToText(uint64_t value);
std::string ToText(double value);
std::string ToText(const std::string& value);
std::string ToText(absl::Duration value);
std::string ToText(LogLevel value);
std::string ToText(LogFormat value);
std::string ToText(ConcurrencyOptions::Mode value);
std::string ToText(Compression value);

// What a value of this type is called in help, and in "... is no <expected>".
struct Kind {
  const char* takes;
  const char* expected;
};
Kind KindOf(bool);
Kind KindOf(int);
Kind KindOf(int64_t);
Kind KindOf(uint32_t);
Kind KindOf(uint64_t);
Kind KindOf(double);
Kind KindOf(const std::string&);
Kind KindOf(absl::Duration);
Kind KindOf(LogLevel);
Kind KindOf(LogFormat);
Kind KindOf(ConcurrencyOptions::Mode);
Kind KindOf(Compression);

}  // namespace dialtone::flags
