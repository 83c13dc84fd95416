#include "frame.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone::dialtone1 {
namespace {

using internal::StreamRule;
using internal::TypeRule;

std::string Subject(const FrameHeader& h) {
  return absl::StrCat(ToAbsl(FrameTypeName(h.type)), " on stream ", h.stream);
}

std::string ExplainFlags(const FrameHeader& h, uint8_t accepted_flags) {
  const std::string subject = absl::StrCat(Subject(h), ": flags ", FlagNames(h.type, h.flags));
  const auto illegal = static_cast<uint8_t>(h.flags & ~internal::kTypeRules[h.type].flags);
  if (illegal != 0) {
    return absl::StrCat(subject, ": ", FlagNames(h.type, illegal), " is not legal on this type");
  }
  const auto refused = static_cast<uint8_t>(h.flags & ~accepted_flags);
  if (refused != 0) {
    return absl::StrCat(subject, ": ", FlagNames(h.type, refused),
                        " needs a feature that this side's SETTINGS do not announce");
  }
  return absl::StrCat(subject, " do not go together");
}

// Empty when the stream is fine.
std::string ExplainStream(const FrameHeader& h) {
  const StreamRule rule = internal::kTypeRules[h.type].stream;
  if (h.stream == 0) {
    return rule == StreamRule::kCall ? absl::StrCat(Subject(h), ": the type belongs to a call")
                                     : "";
  }
  if (rule == StreamRule::kConnection) {
    return absl::StrCat(Subject(h), ": the type belongs to the connection, stream 0");
  }
  if ((h.stream & 1) == 0) return absl::StrCat(Subject(h), ": the stream id is even");
  if (h.stream == kNoLastStream) return absl::StrCat(Subject(h), ": the stream id is reserved");
  return "";
}

// Empty when the parts add up to the length.
std::string ExplainSizes(const FrameHeader& h) {
  const TypeRule& rule = internal::kTypeRules[h.type];
  const uint32_t time = h.has(kFlagDeadline) ? kTimePrefixBytes : 0;
  const uint32_t before = h.meta_length + time;
  if (h.length < before) {
    return absl::StrCat(Subject(h), ": a payload of ", h.length, " bytes cannot hold ", time,
                        " bytes of time and ", h.meta_length, " of metadata");
  }
  const uint32_t body = h.length - before;
  if (body > rule.body_max) {
    return absl::StrCat(Subject(h), ": ", body, " bytes are above the limit of ", rule.body_max);
  }
  if (rule.body_is_message && !h.has(kFlagMessage) && body != 0) {
    return absl::StrCat(Subject(h), ": ", body, " bytes of a message without the flag MESSAGE");
  }
  return "";
}

}  // namespace

std::string_view FrameTypeName(uint8_t type) {
  constexpr std::string_view kNames[] = {"UNKNOWN", "SETTINGS", "REQUEST", "RESPONSE", "DATA",
                                         "CANCEL",  "WINDOW",   "PING",    "GOAWAY"};
  return IsKnownType(type) ? kNames[type] : kNames[0];
}

std::string FlagNames(uint8_t type, uint8_t flags) {
  const bool response = type == static_cast<uint8_t>(FrameType::kResponse);
  const bool ping = type == static_cast<uint8_t>(FrameType::kPing);
  const std::string_view names[] = {
      ping ? "ANSWER" : "END",         "MORE",    "MESSAGE",  "COMPRESSED",
      response ? "TIMES" : "DEADLINE", "REFUSED", "ATTACHED", "0x80"};
  std::string text;
  for (int bit = 0; bit < 8; ++bit) {
    if ((flags & (1 << bit)) == 0) continue;
    absl::StrAppend(&text, text.empty() ? "" : "|", ToAbsl(names[bit]));
  }
  return text.empty() ? "none" : text;
}

WireError ExplainHeader(const FrameHeader& h, uint8_t accepted_flags) {
  if (!LengthLegal(h)) {
    return {GoawayReason::kFrameSize,
            absl::StrCat(Subject(h), ": a payload of ", h.length, " bytes is above the limit of ",
                         kMaxFramePayloadBytes)};
  }
  if (!IsKnownType(h.type)) {
    return {GoawayReason::kProtocol,
            absl::StrCat("a frame of the unknown type ", absl::Hex(h.type, absl::kZeroPad2),
                         " (hex) without the skip bit 80, on stream ", h.stream)};
  }
  if (!internal::kLegalFlags[h.type][h.flags] || (h.flags & ~accepted_flags) != 0) {
    return {GoawayReason::kProtocol, ExplainFlags(h, accepted_flags)};
  }
  if (std::string text = ExplainStream(h); !text.empty()) {
    const bool id = h.stream != 0 && internal::kTypeRules[h.type].stream != StreamRule::kConnection;
    return {id ? GoawayReason::kStreamId : GoawayReason::kProtocol, std::move(text)};
  }
  if (h.meta_length != 0 && !internal::kTypeRules[h.type].metadata) {
    return {GoawayReason::kProtocol, absl::StrCat(Subject(h),
                                                  ": the type carries no metadata, but "
                                                  "meta_length is ",
                                                  h.meta_length)};
  }
  if (std::string text = ExplainSizes(h); !text.empty()) {
    return {GoawayReason::kFrameSize, std::move(text)};
  }
  if (h.is(FrameType::kWindow)) {
    return {GoawayReason::kFlowControl,
            absl::StrCat(Subject(h), ": a credit of ", h.argument, " is not in 1..2147483647")};
  }
  if (h.has(kFlagRefused) && h.argument == 0) {
    return {GoawayReason::kProtocol, absl::StrCat(Subject(h), ": REFUSED with the status 0")};
  }
  return {GoawayReason::kProtocol,
          absl::StrCat(Subject(h), " with flags ", FlagNames(h.type, h.flags), ": the argument is ",
                       h.argument, " where only 0 is legal")};
}

}  // namespace dialtone::dialtone1
