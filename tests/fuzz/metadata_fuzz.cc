// The metadata block: any bytes are read or refused, what is read is legal and is written again as
// the same bytes, and what is written is read.
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "call_metadata.h"
#include "dialtone/rpc/metadata.h"
#include "dialtone/transport/check.h"
#include "fuzz_input.h"
#include "fuzz_target.h"
#include "metadata_block.h"

namespace dialtone::fuzz {
namespace {

using namespace dialtone1;

void CheckDetails(std::string_view value) {
  DetailsReader reader(value);
  StatusDetail detail;
  std::string again;
  while (reader.Next(detail)) AppendDetail(again, detail);
  DIALTONE_CHECK(value.starts_with(again));
  DIALTONE_CHECK(reader.failed() == (again.size() != value.size()));
}

void CheckBlock(std::string_view block, MetadataPlace place) {
  MetadataReader reader(block, place);
  std::string again;
  size_t pairs = 0;
  bool users = false;
  while (reader.Next()) {
    ++pairs;
    AppendPair(again, reader.key(), reader.value());
    if (reader.is_protocol_key()) {
      DIALTONE_CHECK(!users, "a key of the protocol behind users' keys");
      if (reader.key() == kPathKey) {
        DIALTONE_CHECK(pairs == 1 && FindPath(block) == reader.value());
      }
      if (reader.key() == kDetailsKey) CheckDetails(reader.value());
    } else {
      users = true;
      DIALTONE_CHECK(IsUserPairLegal(reader.key(), reader.value()));
    }
  }
  DIALTONE_CHECK(pairs <= kMaxMetadataPairs);
  // Keys of the protocol that this version does not know were passed over.
  DIALTONE_CHECK(reader.failed() || again.size() < block.size() || again == block);

  ReceivedMetadata received;
  const std::optional<WireError> error = ReadMetadata(block, place, received);
  DIALTONE_CHECK(error.has_value() == reader.failed());
  if (error.has_value()) {
    DIALTONE_CHECK(error->reason == GoawayReason::kMetadata && !error->text.empty());
    return;
  }
  std::string user_block;
  const bool may_travel_on = received.users.size() <= Metadata::kPairsMax;
  DIALTONE_CHECK(AppendMetadata(received.users, user_block).ok() == may_travel_on);
  DIALTONE_CHECK(block.ends_with(user_block), "users' pairs changed on their way");
  const absl::Status status = ReadStatus(3, received.message, received.details);
  DIALTONE_CHECK(!status.ok());
}

// Pairs that a user may send, and a trailer made of them.
void CheckWriting(FuzzInput& input) {
  Metadata users;
  std::string user_block;
  for (int count = input.Byte() % 16; count > 0; --count) {
    const std::string_view key = input.ShortBytes();
    const std::string_view value = input.ShortBytes();
    const bool added = users.Add(key, value).ok();
    if (!added) continue;
    DIALTONE_CHECK(IsUserPairLegal(key, value), "a pair was taken that may not travel");
    AppendPair(user_block, key, value);
  }
  std::string block;
  DIALTONE_CHECK(AppendMetadata(users, block).ok() && block == user_block);

  const uint16_t limit = input.Number16();
  std::string details;
  const std::string_view url = input.ShortBytes();
  AppendDetail(details, {url, input.ShortBytes()});
  const std::string_view message = input.Rest();
  const TrailerBlock trailer = TrailerBlock::Build(message, details, user_block, limit);
  DIALTONE_CHECK(trailer.bytes().size() <= limit, "a trailer above its limit");
  ReceivedMetadata received;
  DIALTONE_CHECK(!ReadMetadata(trailer.bytes(), MetadataPlace::kTrailing, received).has_value());
  DIALTONE_CHECK(message.starts_with(received.message));
  DIALTONE_CHECK(trailer.lost_text() == (received.message.size() != message.size()));
  DIALTONE_CHECK(trailer.lost_details() == received.details.empty());
  if (!trailer.lost_user_pairs()) DIALTONE_CHECK(received.users == users);
}

}  // namespace

void RunInput(std::string_view data) {
  FuzzInput input(data);
  const uint8_t mode = input.Byte();
  if (mode & 4) return CheckWriting(input);
  const MetadataPlace places[] = {MetadataPlace::kRequest, MetadataPlace::kInitial,
                                  MetadataPlace::kTrailing};
  CheckBlock(input.Rest(), places[(mode & 3) % 3]);
}

}  // namespace dialtone::fuzz
