#include "dialtone/transport/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"

namespace dialtone {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";

// `text` is the whole of what is parsed, so that every error can say where in it something is
// wrong.
absl::Status ParseError(std::string_view text, std::string_view part, size_t position,
                        std::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat("address \"", ToAbsl(text), "\": ", ToAbsl(part),
                                                 " at ", position, ": ", ToAbsl(reason)));
}

// A decimal number of `text` that starts at `position` and goes to `end`.
absl::StatusOr<uint32_t> ParseNumber(std::string_view text, std::string_view part, size_t position,
                                     size_t end, uint64_t max) {
  const std::string_view digits = text.substr(position, end - position);
  if (digits.empty()) return ParseError(text, part, position, "is missing");
  uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') {
      return ParseError(text, part, position,
                        absl::StrCat("\"", ToAbsl(digits), "\" is not a number"));
    }
    value = std::min<uint64_t>(value * 10 + static_cast<uint64_t>(c - '0'), 1ull << 40);
  }
  if (value > max) {
    return ParseError(text, part, position, absl::StrCat(ToAbsl(digits), " is above ", max));
  }
  return static_cast<uint32_t>(value);
}

absl::StatusOr<uint16_t> ParsePort(std::string_view text, size_t position) {
  const absl::StatusOr<uint32_t> port = ParseNumber(text, "port", position, text.size(), 65535);
  if (!port.ok()) return port.status();
  return static_cast<uint16_t>(*port);
}

absl::StatusOr<Address> ParseUnix(std::string_view text) {
  const size_t start = kUnixPrefix.size();
  const std::string_view path = text.substr(start);
  if (path.empty()) return ParseError(text, "path", start, "is missing");
  if (path.size() > Address::kUnixPathMax) {
    return ParseError(
        text, "path", start,
        absl::StrCat("is ", path.size(), " bytes long, above ", Address::kUnixPathMax));
  }
  const size_t zero = path.find('\0');
  if (zero != path.npos) return ParseError(text, "path", start + zero, "holds a zero byte");
  return Address::Unix(path);
}

absl::StatusOr<Address> ParseIpv6(std::string_view text) {
  const size_t close = text.find(']');
  if (close == text.npos) return ParseError(text, "ip", 0, "\"[\" has no \"]\"");
  size_t ip_end = close;
  uint32_t scope = 0;
  if (const size_t percent = text.find('%'); percent < close) {
    const absl::StatusOr<uint32_t> number =
        ParseNumber(text, "scope", percent + 1, close, 0xffffffff);
    if (!number.ok()) return number.status();
    scope = *number;
    ip_end = percent;
  }
  const std::string ip(text.substr(1, ip_end - 1));
  std::array<uint8_t, 16> bytes{};
  if (ip.find('\0') != ip.npos || inet_pton(AF_INET6, ip.c_str(), bytes.data()) != 1) {
    return ParseError(text, "ip", 1, absl::StrCat("\"", ip, "\" is not an IPv6 address"));
  }
  if (close + 1 == text.size() || text[close + 1] != ':') {
    return ParseError(text, "port", close + 1, "\":\" is missing");
  }
  const absl::StatusOr<uint16_t> port = ParsePort(text, close + 2);
  if (!port.ok()) return port.status();
  return Address::Ipv6(bytes, *port, scope);
}

absl::StatusOr<Address> ParseIpv4(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == text.npos) return ParseError(text, "port", text.size(), "\":\" is missing");
  if (text.find(':', colon + 1) != text.npos) {
    return ParseError(text, "ip", 0, "an IPv6 address stands in brackets: \"[::1]:80\"");
  }
  const std::string ip(text.substr(0, colon));
  std::array<uint8_t, 4> bytes{};
  if (ip.find('\0') != ip.npos || inet_pton(AF_INET, ip.c_str(), bytes.data()) != 1) {
    return ParseError(text, "ip", 0, absl::StrCat("\"", ip, "\" is not an IPv4 address"));
  }
  const absl::StatusOr<uint16_t> port = ParsePort(text, colon + 1);
  if (!port.ok()) return port.status();
  return Address::Ipv4(bytes, *port);
}

}  // namespace

absl::StatusOr<Address> Address::Parse(std::string_view text) {
  if (text.empty()) return ParseError(text, "ip", 0, "is missing");
  if (text.substr(0, kUnixPrefix.size()) == kUnixPrefix) return ParseUnix(text);
  if (text.front() == '[') return ParseIpv6(text);
  return ParseIpv4(text);
}

Address Address::Ipv4(std::array<uint8_t, 4> bytes, uint16_t port) {
  Address address;
  address.family_ = Family::kIpv4;
  address.port_ = port;
  std::copy(bytes.begin(), bytes.end(), address.ip_.begin());
  return address;
}

Address Address::Ipv6(std::array<uint8_t, 16> bytes, uint16_t port, uint32_t scope) {
  Address address;
  address.family_ = Family::kIpv6;
  address.port_ = port;
  address.scope_ = scope;
  address.ip_ = bytes;
  return address;
}

Address Address::Unix(std::string_view path) {
  DIALTONE_CHECK(path.size() <= kUnixPathMax, "path of a unix socket too long");
  Address address;
  address.family_ = Family::kUnix;
  address.path_ = internal::OptionalText(path);
  return address;
}

const std::string& Address::unix_path() const {
  static const std::string* const none = new std::string();
  return path_.get() == nullptr ? *none : *path_.get();
}

Address Address::WithPort(uint16_t port) const {
  DIALTONE_CHECK(is_ip(), "only an ip address has a port");
  Address address = *this;
  address.port_ = port;
  return address;
}

bool Address::is_loopback() const {
  if (family_ == Family::kUnix) return true;
  if (family_ == Family::kIpv4) return ip_[0] == 127;
  if (family_ != Family::kIpv6) return false;
  std::array<uint8_t, 16> one{};
  one[15] = 1;
  return ip_ == one;
}

bool Address::is_any() const { return is_ip() && ip_ == std::array<uint8_t, 16>{}; }

std::string Address::ToString() const {
  char text[INET6_ADDRSTRLEN] = "";
  switch (family_) {
    case Family::kNone:
      return "(none)";
    case Family::kUnix:
      return absl::StrCat(ToAbsl(kUnixPrefix), unix_path());
    case Family::kIpv4:
      inet_ntop(AF_INET, ip_.data(), text, sizeof text);
      return absl::StrCat(text, ":", port_);
    case Family::kIpv6:
      inet_ntop(AF_INET6, ip_.data(), text, sizeof text);
      if (scope_ != 0) return absl::StrCat("[", text, "%", scope_, "]:", port_);
      return absl::StrCat("[", text, "]:", port_);
  }
  return "";
}

}  // namespace dialtone
