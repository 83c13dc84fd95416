#include "dialtone/rpc/metadata.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone {
namespace {

bool IsKeyCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool IsPrintable(char c) { return c >= 0x20 && c <= 0x7e; }

std::string Quoted(std::string_view text) {
  return absl::StrCat("\"", absl::CHexEscape(ToAbsl(text)), "\"");
}

}  // namespace

absl::Status Metadata::Validate(std::string_view key, std::string_view value) {
  if (key.empty()) return absl::InvalidArgumentError("metadata: a key is empty");
  const auto bad_key = std::find_if_not(key.begin(), key.end(), IsKeyCharacter);
  if (bad_key != key.end()) {
    return absl::InvalidArgumentError(absl::StrCat("metadata key ", Quoted(key), ": character ",
                                                   bad_key - key.begin(),
                                                   " is none of a-z 0-9 - _ ."));
  }
  if (key.starts_with("grpc-") || key.starts_with("dialtone-")) {
    return absl::InvalidArgumentError(
        absl::StrCat("metadata key ", Quoted(key), ": the prefix is reserved"));
  }
  if (key.ends_with("-bin")) return absl::OkStatus();
  const auto bad_value = std::find_if_not(value.begin(), value.end(), IsPrintable);
  if (bad_value != value.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("metadata value of ", Quoted(key), ": character ", bad_value - value.begin(),
                     " is not printable ASCII; keys of binary values end in -bin"));
  }
  return absl::OkStatus();
}

absl::Status Metadata::Add(std::string_view key, std::string_view value) {
  absl::Status valid = Validate(key, value);
  if (!valid.ok()) return valid;
  if (size() >= kPairsMax) {
    return absl::ResourceExhaustedError(absl::StrCat("metadata key ", Quoted(key), ": there are ",
                                                     size(), " pairs already, which is the limit"));
  }
  AddUnchecked(std::string(key), std::string(value));
  return absl::OkStatus();
}

std::optional<std::string_view> Metadata::Get(std::string_view key) const {
  for (const Entry& entry : entries_) {
    if (entry.first == key) return entry.second;
  }
  return std::nullopt;
}

std::vector<std::string_view> Metadata::GetAll(std::string_view key) const {
  std::vector<std::string_view> values;
  for (const Entry& entry : entries_) {
    if (entry.first == key) values.push_back(entry.second);
  }
  return values;
}

}  // namespace dialtone
