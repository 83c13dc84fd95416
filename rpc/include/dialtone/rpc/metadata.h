// Key–value pairs that travel beside a call: from client to server with the request, and back
// before (initial) and after (trailing) the replies. gRPC's rules: a key is lower-case letters,
// digits, '-', '_' and '.'; a key that ends in "-bin" has any bytes as its value, any other key
// printable ASCII; keys may repeat, order is kept.
//
//   CallOptions options;
//   options.metadata.Add("authorization", "Bearer …");
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace dialtone {

// A value: copies and compares. Allocates nothing while it is empty.
class Metadata {
 public:
  using Entry = std::pair<std::string, std::string>;

  // What the peer accepts at most, unless its settings say more: keys, values and the framing of
  // both.
  static constexpr size_t kDefaultBytesMax = 16 * 1024;
  // Pairs that a call carries each way.
  static constexpr size_t kPairsMax = 250;

  // INVALID_ARGUMENT for a key or value against the rules above; keys that start with "grpc-" or
  // "dialtone-" are reserved.
  static absl::Status Validate(std::string_view key, std::string_view value);

  // Adds a pair behind those there are; a pair against the rules is refused, and nothing is added.
  // RESOURCE_EXHAUSTED: there are kPairsMax already.
  absl::Status Add(std::string_view key, std::string_view value);
  // For pairs that were checked already.
  void AddUnchecked(std::string key, std::string value) {
    entries_.emplace_back(std::move(key), std::move(value));
  }

  // The first value of `key`.
  std::optional<std::string_view> Get(std::string_view key) const;
  std::vector<std::string_view> GetAll(std::string_view key) const;

  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  void Clear() { entries_.clear(); }

  friend bool operator==(const Metadata&, const Metadata&) = default;

 private:
  std::vector<Entry> entries_;
};

}  // namespace dialtone
