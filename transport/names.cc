#include "dialtone/transport/names.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone {
namespace {

constexpr size_t kNameMax = 253;
constexpr size_t kLabelMax = 63;

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

// Without a port or a scope.
std::vector<Address> ParseIp(std::string_view text) {
  const std::string ip(text);
  std::array<uint8_t, 4> four{};
  if (inet_pton(AF_INET, ip.c_str(), four.data()) == 1) return {Address::Ipv4(four, 0)};
  std::array<uint8_t, 16> six{};
  if (inet_pton(AF_INET6, ip.c_str(), six.data()) == 1) return {Address::Ipv6(six, 0)};
  return {};
}

absl::string_view WithoutLastDot(std::string_view name) {
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  return ToAbsl(name);
}

std::vector<Address> Loopback() {
  std::array<uint8_t, 16> six{};
  six[15] = 1;
  return {Address::Ipv6(six, 0), Address::Ipv4({127, 0, 0, 1}, 0)};
}

}  // namespace

bool IsHostName(std::string_view text) {
  const absl::string_view name = WithoutLastDot(text);
  if (name.empty() || name.size() > kNameMax) return false;
  absl::string_view last;
  for (absl::string_view label : absl::StrSplit(name, '.')) {
    if (label.empty() || label.size() > kLabelMax) return false;
    if (!std::all_of(label.begin(), label.end(), IsNameCharacter)) return false;
    last = label;
  }
  return !std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<Address> InterleaveFamilies(const std::vector<Address>& addresses, size_t max) {
  std::vector<Address> six;
  std::vector<Address> rest;
  for (const Address& address : addresses)
    (address.family() == Address::Family::kIpv6 ? six : rest).push_back(address);
  std::vector<Address> mixed;
  for (size_t i = 0; i < std::max(six.size(), rest.size()); ++i) {
    if (i < six.size()) mixed.push_back(six[i]);
    if (i < rest.size()) mixed.push_back(rest[i]);
  }
  if (mixed.size() > max) mixed.resize(max);
  return mixed;
}

std::vector<Address> FindInHosts(std::string_view hosts, std::string_view name) {
  const absl::string_view wanted = WithoutLastDot(name);
  std::vector<Address> found;
  for (absl::string_view line : absl::StrSplit(ToAbsl(hosts), '\n')) {
    line = line.substr(0, line.find('#'));
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
    for (size_t i = 1; i < words.size(); ++i) {
      if (!absl::EqualsIgnoreCase(words[i], wanted)) continue;
      for (const Address& address : ParseIp(ToStd(words[0]))) {
        if (std::find(found.begin(), found.end(), address) == found.end()) found.push_back(address);
      }
      break;
    }
  }
  const bool local =
      absl::EqualsIgnoreCase(wanted, "localhost") || absl::EndsWithIgnoreCase(wanted, ".localhost");
  return found.empty() && local ? Loopback() : found;
}

}  // namespace dialtone
