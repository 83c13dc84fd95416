// Between the call part's values (Metadata, absl::Status) and the metadata blocks of REQUEST and
// RESPONSE frames. Internal to dialtone1/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "codes.h"
#include "dialtone/rpc/metadata.h"
#include "metadata_block.h"

namespace dialtone::dialtone1 {

// Appends users' pairs to a block. INVALID_ARGUMENT for a pair that may not travel; the block is of
// no use then.
absl::Status AppendMetadata(const Metadata& metadata, std::string& block);

// A received block, taken apart. Views point into the block.
struct ReceivedMetadata {
  Metadata users;
  std::optional<std::string_view> path;
  std::string_view message;
  std::string_view details;
  std::optional<std::string_view> pushback;
};
// The error is what the GOAWAY says.
[[nodiscard]] std::optional<WireError> ReadMetadata(std::string_view block, MetadataPlace place,
                                                    ReceivedMetadata& into);

// When the peer wants to be asked again, as ":pushback" says it: in whole milliseconds, rounded up;
// absl::InfiniteDuration(): not at all.
std::string EncodePushback(absl::Duration pushback);
absl::Duration ReadPushback(std::string_view value);

// The block of a RESPONSE with END. Empty for an OK without trailing metadata.
std::string MakeTrailer(const absl::Status& status, const Metadata* trailing,
                        const std::optional<absl::Duration>& pushback, size_t limit_bytes);
// What the caller gets: a code that nobody knows becomes UNKNOWN.
absl::Status ReadStatus(uint32_t code, std::string_view message, std::string_view details);

}  // namespace dialtone::dialtone1
