#include "call_metadata.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"

namespace dialtone::dialtone1 {
namespace {

constexpr uint32_t kStatusCodeMax = 16;
// Lengths inside of ":details" have 16 bits, as has the whole value.
constexpr size_t kDetailPartBytesMax = 65535;

std::string EncodeDetails(const absl::Status& status) {
  std::string details;
  status.ForEachPayload([&details](absl::string_view type_url, const absl::Cord& payload) {
    const std::string bytes(payload);
    if (type_url.size() > kDetailPartBytesMax || bytes.size() > kDetailPartBytesMax) return;
    AppendDetail(details, StatusDetail{ToStd(type_url), bytes});
  });
  return details;
}

// Nobody but the server's own people can do anything about it.
void LogLeftOut(std::string_view why) {
  static constinit LogKind kind(LogLevel::kWarning, "trailing metadata that were left out");
  if (kind.Admits())
    Log(kind.level(), absl::StrCat("a handler's trailing metadata were left out: ", ToAbsl(why)));
}

}  // namespace

absl::Status AppendMetadata(const Metadata& metadata, std::string& block) {
  if (metadata.size() > Metadata::kPairsMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "metadata: ", metadata.size(), " pairs are above the limit of ", Metadata::kPairsMax));
  }
  for (const auto& [key, value] : metadata) {
    if (!IsUserPairLegal(key, value))
      return absl::InvalidArgumentError(ExplainUserPair(key, value));
    AppendPair(block, key, value);
  }
  return absl::OkStatus();
}

std::optional<WireError> ReadMetadata(std::string_view block, MetadataPlace place,
                                      ReceivedMetadata& into) {
  MetadataReader reader(block, place);
  while (reader.Next()) {
    if (!reader.is_protocol_key()) {
      into.users.AddUnchecked(std::string(reader.key()), std::string(reader.value()));
    } else if (reader.key() == kPathKey) {
      into.path = reader.value();
    } else if (reader.key() == kMessageKey) {
      into.message = reader.value();
    } else if (reader.key() == kDetailsKey) {
      into.details = reader.value();
    } else if (reader.key() == kPushbackKey) {
      into.pushback = reader.value();
    }
  }
  if (reader.failed()) return reader.error();
  return std::nullopt;
}

std::string EncodePushback(absl::Duration pushback) {
  if (pushback == absl::InfiniteDuration()) return "-1";
  const absl::Duration whole =
      absl::Ceil(std::max(pushback, absl::ZeroDuration()), absl::Milliseconds(1));
  return absl::StrCat(absl::ToInt64Milliseconds(whole));
}

absl::Duration ReadPushback(std::string_view value) {
  int64_t milliseconds = 0;
  if (!absl::SimpleAtoi(ToAbsl(value), &milliseconds) || milliseconds < 0)
    return absl::InfiniteDuration();
  return absl::Milliseconds(milliseconds);
}

std::string MakeTrailer(const absl::Status& status, const Metadata* trailing,
                        const std::optional<absl::Duration>& pushback, size_t limit_bytes) {
  std::string user_pairs;
  if (trailing != nullptr && !trailing->empty()) {
    // Pairs that may not travel were refused when they were added; what came past that check, and
    // what is too much, is left out.
    if (absl::Status fits = AppendMetadata(*trailing, user_pairs); !fits.ok()) {
      LogLeftOut(ToStd(fits.message()));
      user_pairs.clear();
    }
  }
  if (status.ok() && user_pairs.empty()) return std::string();
  const bool pushes_back = !status.ok() && pushback.has_value();
  const TrailerBlock block =
      TrailerBlock::Build(ToStd(status.message()), EncodeDetails(status), user_pairs, limit_bytes,
                          pushes_back ? EncodePushback(*pushback) : std::string());
  if (block.lost_user_pairs()) {
    LogLeftOut(absl::StrCat("metadata: ", user_pairs.size(),
                            " bytes are above the client's limit of ", limit_bytes));
  }
  return block.bytes();
}

absl::Status ReadStatus(uint32_t code, std::string_view message, std::string_view details) {
  if (code == 0) return absl::OkStatus();
  absl::Status status;
  if (code <= kStatusCodeMax) {
    status = absl::Status(static_cast<absl::StatusCode>(code), ToAbsl(message));
  } else {
    status = absl::UnknownError(absl::StrCat("status code ", code, ": ", ToAbsl(message)));
  }
  DetailsReader reader(details);
  StatusDetail detail;
  while (reader.Next(detail))
    status.SetPayload(ToAbsl(detail.type_url), absl::Cord(ToAbsl(detail.bytes)));
  return status;
}

}  // namespace dialtone::dialtone1
