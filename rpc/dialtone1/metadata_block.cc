#include "metadata_block.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"

namespace dialtone::dialtone1 {
namespace {

constexpr size_t kQuotedKeyBytes = 64;

// The protocol's keys, with the one place where each may stand.
struct ProtocolKey {
  std::string_view key;
  MetadataPlace place;
};
constexpr ProtocolKey kProtocolKeys[] = {
    {kPathKey, MetadataPlace::kRequest},
    {kMessageKey, MetadataPlace::kTrailing},
    {kDetailsKey, MetadataPlace::kTrailing},
    {kPushbackKey, MetadataPlace::kTrailing},
};

bool IsKeyCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}
bool IsPrintable(char c) { return c >= 0x20 && c <= 0x7E; }

// Null when a user may send the pair.
const char* WhyIllegal(std::string_view key, std::string_view value) {
  if (key.empty()) return "the key is empty";
  if (key.size() > kMaxKeyBytes) return "the key is longer than 255 bytes";
  if (!std::all_of(key.begin(), key.end(), IsKeyCharacter)) {
    return "the key has characters other than a-z, 0-9, '-', '_' and '.'";
  }
  if (key.starts_with("grpc-")) return "keys that begin with grpc- are reserved";
  if (value.size() > kMaxValueBytes) return "the value is longer than 65535 bytes";
  if (!IsBinaryKey(key) && !std::all_of(value.begin(), value.end(), IsPrintable)) {
    return "the value is not printable ASCII, which needs a key that ends in -bin";
  }
  return nullptr;
}

// The longest beginning of `text` of at most `bytes` bytes that cuts no UTF-8 sequence in two.
std::string_view CutText(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace

std::string ExplainUserPair(std::string_view key, std::string_view value) {
  const char* why = WhyIllegal(key, value);
  if (why == nullptr) return "";
  return absl::StrCat("metadata key \"", ToAbsl(key.substr(0, kQuotedKeyBytes)), "\": ", why);
}

bool IsUserPairLegal(std::string_view key, std::string_view value) {
  return WhyIllegal(key, value) == nullptr;
}

bool IsPathLegal(std::string_view path) {
  if (path.size() > kMaxPathBytes || path.size() < 4 || path.front() != '/') return false;
  const size_t second = path.find('/', 1);
  if (second == std::string_view::npos || second == 1 || second + 1 == path.size()) return false;
  if (path.find('/', second + 1) != std::string_view::npos) return false;
  return std::all_of(path.begin(), path.end(), [](char c) { return IsPrintable(c) && c != ' '; });
}

void AppendPair(std::string& block, std::string_view key, std::string_view value) {
  DIALTONE_CHECK(!key.empty() && key.size() <= kMaxKeyBytes && value.size() <= kMaxValueBytes);
  char lengths[kPairOverheadBytes];
  lengths[0] = static_cast<char>(key.size());
  Store16(lengths + 1, static_cast<uint16_t>(value.size()));
  block.append(lengths, kPairOverheadBytes).append(key).append(value);
}

bool MetadataReader::Next() {
  while (!rest_.empty() && failed_ == nullptr) {
    if (!ReadPair()) return false;
    if (!is_protocol_key()) {
      users_begun_ = true;
      const char* why = WhyIllegal(key_, value_);
      return why == nullptr ? true : Fail(why);
    }
    if (!CheckProtocolKey()) return false;
    const bool known = std::any_of(std::begin(kProtocolKeys), std::end(kProtocolKeys),
                                   [this](const ProtocolKey& k) { return k.key == key_; });
    if (known) return true;
  }
  return false;
}

bool MetadataReader::ReadPair() {
  offset_ += pairs_ == 0 ? 0 : PairBytes(key_, value_);
  key_ = {};
  if (++pairs_ > kMaxMetadataPairs) return Fail("the block has more than 256 pairs");
  if (rest_.size() < kPairOverheadBytes) return Fail("the block ends inside a pair's lengths");
  const size_t key_bytes = static_cast<unsigned char>(rest_[0]);
  const size_t value_bytes = Load16(rest_.data() + 1);
  if (key_bytes == 0) return Fail("the key is empty");
  if (rest_.size() - kPairOverheadBytes < key_bytes + value_bytes) {
    return Fail("the pair is longer than what is left of the block");
  }
  key_ = rest_.substr(kPairOverheadBytes, key_bytes);
  value_ = rest_.substr(kPairOverheadBytes + key_bytes, value_bytes);
  rest_.remove_prefix(kPairOverheadBytes + key_bytes + value_bytes);
  return true;
}

bool MetadataReader::CheckProtocolKey() {
  if (users_begun_) return Fail("a key of the protocol behind a user's");
  for (size_t i = 0; i < std::size(kProtocolKeys); ++i) {
    if (kProtocolKeys[i].key != key_) continue;
    if (kProtocolKeys[i].place != place_) return Fail("the key is not legal in this kind of block");
    if ((seen_ & (1 << i)) != 0) return Fail("the key is there twice");
    seen_ |= static_cast<uint8_t>(1 << i);
  }
  if (key_ != kPathKey) return true;
  if (pairs_ != 1) return Fail("the key is not the first of the block");
  return IsPathLegal(value_) ? true : Fail("the value is not \"/Service/Method\"");
}

bool MetadataReader::Fail(const char* what) {
  failed_ = what;
  return false;
}

WireError MetadataReader::error() const {
  std::string printable(key_.substr(0, kQuotedKeyBytes));
  std::replace_if(printable.begin(), printable.end(), [](char c) { return !IsPrintable(c); }, '?');
  return WireError{GoawayReason::kMetadata,
                   absl::StrCat("metadata, pair ", pairs_, " at byte ", offset_, " of the block",
                                printable.empty() ? "" : absl::StrCat(", key \"", printable, "\""),
                                ": ", failed_)};
}

std::optional<std::string_view> FindPath(std::string_view block) {
  if (block.size() < kPairOverheadBytes + kPathKey.size()) return std::nullopt;
  const size_t key_bytes = static_cast<unsigned char>(block[0]);
  const size_t value_bytes = Load16(block.data() + 1);
  if (block.substr(kPairOverheadBytes, key_bytes) != kPathKey) return std::nullopt;
  const size_t value_at = kPairOverheadBytes + key_bytes;
  if (block.size() - value_at < value_bytes) return std::nullopt;
  return block.substr(value_at, value_bytes);
}

void AppendDetail(std::string& details, const StatusDetail& detail) {
  for (const std::string_view part : {detail.type_url, detail.bytes}) {
    DIALTONE_CHECK(part.size() <= kMaxValueBytes);
    char length[2];
    Store16(length, static_cast<uint16_t>(part.size()));
    details.append(length, 2).append(part);
  }
}

bool DetailsReader::Next(StatusDetail& detail) {
  if (rest_.empty() || failed_) return false;
  failed_ = !Take(detail.type_url) || !Take(detail.bytes);
  return !failed_;
}

bool DetailsReader::Take(std::string_view& part) {
  if (rest_.size() < 2) return false;
  const size_t bytes = Load16(rest_.data());
  if (rest_.size() - 2 < bytes) return false;
  part = rest_.substr(2, bytes);
  rest_.remove_prefix(2 + bytes);
  return true;
}

TrailerBlock TrailerBlock::Build(std::string_view message, std::string_view details,
                                 std::string_view user_pairs, size_t limit_bytes,
                                 std::string_view pushback) {
  TrailerBlock block;
  limit_bytes = std::min<size_t>(limit_bytes, kMaxMetadataBlockBytes);
  if (user_pairs.size() > limit_bytes) {
    block.lost_user_pairs_ = true;
    user_pairs = {};
  }
  size_t room = limit_bytes - user_pairs.size();
  if (!pushback.empty() && PairBytes(kPushbackKey, pushback) <= room) {
    AppendPair(block.bytes_, kPushbackKey, pushback);
    room -= block.bytes_.size();
  }
  const size_t text_overhead = PairBytes(kMessageKey, {});
  const std::string_view whole = message;
  const size_t text_room = room < text_overhead ? 0 : room - text_overhead;
  message = CutText(message, std::min(text_room, kMaxValueBytes));
  block.lost_text_ = message.size() < whole.size();
  if (!message.empty()) {
    AppendPair(block.bytes_, kMessageKey, message);
    room -= PairBytes(kMessageKey, message);
  }
  if (!details.empty()) {
    block.lost_details_ = block.lost_text_ || details.size() > kMaxValueBytes ||
                          PairBytes(kDetailsKey, details) > room;
    if (!block.lost_details_) AppendPair(block.bytes_, kDetailsKey, details);
  }
  block.bytes_.append(user_pairs);
  return block;
}

}  // namespace dialtone::dialtone1
