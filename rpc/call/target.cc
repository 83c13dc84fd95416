#include "target.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/names.h"

namespace dialtone::internal {
namespace {

absl::Status TargetError(absl::string_view part, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat("resolve \"", part, "\": ", reason));
}

absl::StatusOr<TargetPart> ParseAddress(absl::string_view part, absl::string_view text) {
  absl::StatusOr<Address> address = Address::Parse(ToStd(text));
  if (!address.ok()) return address.status();
  if (address->is_ip() && address->port() == 0) return TargetError(part, "port 0 finds no server");
  TargetPart parsed;
  parsed.address = *std::move(address);
  return parsed;
}

// A name and a port, or an address. `part` is what errors show.
absl::StatusOr<TargetPart> ParseHost(absl::string_view part, absl::string_view text) {
  const size_t colon = text.find(':');
  const absl::string_view host = text.substr(0, colon);
  if (colon == text.npos || !IsHostName(ToStd(host))) return ParseAddress(part, text);
  const absl::string_view digits = text.substr(colon + 1);
  uint32_t port = 0;
  if (!absl::SimpleAtoi(digits, &port) || port == 0 || port > 65535) {
    return TargetError(part, absl::StrCat("port \"", digits, "\" is no number from 1 to 65535"));
  }
  TargetPart parsed;
  parsed.host = std::string(host);
  parsed.port = static_cast<uint16_t>(port);
  return parsed;
}

absl::StatusOr<TargetPart> ParseDns(absl::string_view part, absl::string_view rest) {
  absl::string_view server;
  if (absl::ConsumePrefix(&rest, "//")) {
    const size_t slash = rest.find('/');
    if (slash == rest.npos) return TargetError(part, "after \"dns://\" a \"/\" is missing");
    server = rest.substr(0, slash);
    rest.remove_prefix(slash + 1);
  }
  if (absl::StartsWith(rest, "unix:")) return TargetError(part, "a path is no name");
  if (!server.empty()) {
    if (const auto address = Address::Parse(ToStd(server)); !address.ok() || !address->is_ip()) {
      return TargetError(
          part, absl::StrCat("name server \"", server, "\" is no address like 10.0.0.53:53"));
    }
  }
  absl::StatusOr<TargetPart> parsed = ParseHost(part, rest);
  if (parsed.ok()) parsed->server = std::string(server);
  return parsed;
}

absl::StatusOr<TargetPart> ParsePart(absl::string_view part) {
  absl::string_view rest = part;
  if (absl::ConsumePrefix(&rest, "dns:")) return ParseDns(part, rest);
  if (absl::StartsWith(part, "unix:")) return ParseAddress(part, part);
  return ParseHost(part, part);
}

}  // namespace

absl::StatusOr<std::vector<TargetPart>> ParseTarget(std::string_view target) {
  absl::string_view rest = ToAbsl(target);
  std::vector<absl::string_view> texts = {rest};
  if (absl::ConsumePrefix(&rest, "list:")) texts = absl::StrSplit(rest, ',');
  std::vector<TargetPart> parts;
  for (absl::string_view text : texts) {
    absl::StatusOr<TargetPart> part = ParsePart(text);
    if (!part.ok()) return part.status();
    parts.push_back(*std::move(part));
  }
  return parts;
}

}  // namespace dialtone::internal
