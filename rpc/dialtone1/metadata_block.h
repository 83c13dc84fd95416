// The metadata block of a REQUEST or RESPONSE: pairs of key and value, in order, as bytes.
//
//   u8 key length │ u16 value length │ key │ value        ... repeated to the end of the block
//
// Keys that begin with ':' are the protocol's own and come first, ":path" before all others. Users'
// keys follow gRPC's rules. What holds metadata for users is another layer's; this is bytes and
// views only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codes.h"
#include "frame.h"

namespace dialtone::dialtone1 {

inline constexpr std::string_view kPathKey = ":path";  // on REQUEST: "/package.Service/Method"
inline constexpr std::string_view kMessageKey =
    ":message";  // on RESPONSE+END: the status's text, UTF-8
inline constexpr std::string_view kDetailsKey = ":details";  // on RESPONSE+END: see AppendDetail
inline constexpr std::string_view kPushbackKey =
    ":pushback";  // on RESPONSE+END: in how many milliseconds to ask again
inline constexpr size_t kMaxKeyBytes = 255;
inline constexpr size_t kMaxValueBytes = 65535;
inline constexpr size_t kMaxMetadataPairs = 256;  // users have those that the protocol may not need
inline constexpr size_t kMaxPathBytes = 1024;
inline constexpr size_t kPairOverheadBytes = 3;

// Where a block stands decides which of the protocol's keys may be in it.
enum class MetadataPlace : uint8_t { kRequest, kInitial, kTrailing };
inline MetadataPlace PlaceOf(const FrameHeader& header) {
  if (header.is(FrameType::kRequest)) return MetadataPlace::kRequest;
  return header.has(kFlagEnd) ? MetadataPlace::kTrailing : MetadataPlace::kInitial;
}

// Why a user may not send this pair, for an INVALID_ARGUMENT; empty when it is fine.
std::string ExplainUserPair(std::string_view key, std::string_view value);
bool IsUserPairLegal(std::string_view key, std::string_view value);
// Values of such a key are any bytes.
inline bool IsBinaryKey(std::string_view key) { return key.ends_with("-bin"); }
// "/Service/Method", printable, at most kMaxPathBytes.
bool IsPathLegal(std::string_view path);

inline size_t PairBytes(std::string_view key, std::string_view value) {
  return kPairOverheadBytes + key.size() + value.size();
}
// Requires sizes within the limits; checks no other rule.
void AppendPair(std::string& block, std::string_view key, std::string_view value);

// Walks a received block and checks every rule on its way.
//
//   MetadataReader reader(frame.metadata, PlaceOf(frame.header));
//   while (reader.Next()) Use(reader.key(), reader.value());
//   if (reader.failed()) SendGoaway(reader.error());
class MetadataReader {
 public:
  MetadataReader(std::string_view block, MetadataPlace place) : rest_(block), place_(place) {}

  // False at the end, and on a broken rule. Keys of the protocol that this version does not know
  // are passed over.
  bool Next();
  std::string_view key() const { return key_; }
  std::string_view value() const { return value_; }
  // The pair is the protocol's, no user's.
  bool is_protocol_key() const { return key_.front() == ':'; }

  bool failed() const { return failed_ != nullptr; }
  // Requires failed().
  WireError error() const;

 private:
  bool ReadPair();
  bool Fail(const char* what);
  bool CheckProtocolKey();

  std::string_view rest_;
  std::string_view key_;
  std::string_view value_;
  MetadataPlace place_;
  bool users_begun_ = false;
  uint8_t seen_ = 0;  // which of the protocol's keys
  size_t pairs_ = 0;
  size_t offset_ = 0;  // of the pair being read
  const char* failed_ = nullptr;
};

// The ":path" of a block without reading the rest: it is the first pair or not there. Not checked.
std::optional<std::string_view> FindPath(std::string_view block);

// A ":details" value is any number of: u16 length, type URL, u16 length, bytes.
struct StatusDetail {
  std::string_view type_url;
  std::string_view bytes;
};
void AppendDetail(std::string& details, const StatusDetail& detail);
class DetailsReader {
 public:
  explicit DetailsReader(std::string_view value) : rest_(value) {}
  // False at the end, and when the rest is malformed, which failed() tells.
  bool Next(StatusDetail& detail);
  bool failed() const { return failed_; }

 private:
  bool Take(std::string_view& part);

  std::string_view rest_;
  bool failed_ = false;
};

// Builds the block of a RESPONSE with END, so that it always fits: what is too large loses the
// details, then of the text what does not fit, then the pushback and the users' pairs.
class TrailerBlock {
 public:
  // `user_pairs` is an encoded block of users' pairs; `details` an encoded ":details" value, empty
  // for none; and so is `pushback`.
  static TrailerBlock Build(std::string_view message, std::string_view details,
                            std::string_view user_pairs, size_t limit_bytes,
                            std::string_view pushback = {});

  const std::string& bytes() const { return bytes_; }
  bool lost_details() const { return lost_details_; }
  bool lost_text() const { return lost_text_; }  // cut or left out
  bool lost_user_pairs() const { return lost_user_pairs_; }

 private:
  std::string bytes_;
  bool lost_details_ = false;
  bool lost_text_ = false;
  bool lost_user_pairs_ = false;
};

}  // namespace dialtone::dialtone1
