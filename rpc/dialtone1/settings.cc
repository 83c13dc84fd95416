#include "settings.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"

namespace dialtone::dialtone1 {
namespace {

constexpr size_t kPairBytes = 6;

// The ids in order, with the values that are legal.
struct SettingRule {
  SettingId id;
  std::string_view name;
  uint32_t minimum;
  uint32_t maximum;
};
constexpr uint32_t kAnyValue = 0xFFFFFFFF;
constexpr SettingRule kRules[] = {
    {SettingId::kMaxStreams, "max_streams", kMinMaxStreams, kAnyValue},
    {SettingId::kStreamWindow, "stream_window", kMinStreamWindow, kMaxWindow},
    {SettingId::kConnectionWindow, "connection_window", kMinConnectionWindow, kMaxWindow},
    {SettingId::kMaxMethods, "max_methods", kMinMaxMethods, kMaxMaxMethods},
    {SettingId::kMaxMetadataBytes, "max_metadata_bytes", kMinMaxMetadataBytes,
     kMaxMetadataBlockBytes},
    {SettingId::kMaxMessageBytes, "max_message_bytes", 0, kAnyValue},
    {SettingId::kWantsTimes, "wants_times", 0, 1},
    {SettingId::kFeatures, "features", 0, kAnyValue},
    {SettingId::kCompressions, "compressions", 0, kAnyValue},
};

uint32_t Get(const Settings& s, SettingId id) {
  switch (id) {
    case SettingId::kMaxStreams:
      return s.max_streams;
    case SettingId::kStreamWindow:
      return s.stream_window;
    case SettingId::kConnectionWindow:
      return s.connection_window;
    case SettingId::kMaxMethods:
      return s.max_methods;
    case SettingId::kMaxMetadataBytes:
      return s.max_metadata_bytes;
    case SettingId::kMaxMessageBytes:
      return s.max_message_bytes;
    case SettingId::kWantsTimes:
      return s.wants_times ? 1 : 0;
    case SettingId::kFeatures:
      return s.features;
    case SettingId::kCompressions:
      return s.compressions;
  }
  return 0;
}

void Set(Settings& s, SettingId id, uint32_t value) {
  switch (id) {
    case SettingId::kMaxStreams:
      s.max_streams = value;
      break;
    case SettingId::kStreamWindow:
      s.stream_window = value;
      break;
    case SettingId::kConnectionWindow:
      s.connection_window = value;
      break;
    case SettingId::kMaxMethods:
      s.max_methods = value;
      break;
    case SettingId::kMaxMetadataBytes:
      s.max_metadata_bytes = value;
      break;
    case SettingId::kMaxMessageBytes:
      s.max_message_bytes = value;
      break;
    case SettingId::kWantsTimes:
      s.wants_times = value != 0;
      break;
    case SettingId::kFeatures:
      s.features = value;
      break;
    case SettingId::kCompressions:
      s.compressions = value;
      break;
  }
}

bool InRange(const SettingRule& rule, uint32_t value) {
  return value >= rule.minimum && value <= rule.maximum;
}

WireError Malformed(std::string text) {
  return WireError{GoawayReason::kSettings, std::move(text)};
}

}  // namespace

void EncodeSettings(const Settings& settings, std::string& payload) {
  const Settings minima;
  for (const SettingRule& rule : kRules) {
    const uint32_t value = Get(settings, rule.id);
    DIALTONE_CHECK(InRange(rule, value), "a setting is outside of what the protocol allows");
    if (value == Get(minima, rule.id)) continue;
    char pair[kPairBytes];
    Store16(pair, static_cast<uint16_t>(rule.id));
    Store32(pair + 2, value);
    payload.append(pair, kPairBytes);
  }
}

void AppendSettingsFrame(const Settings& settings, std::string& bytes) {
  std::string payload;
  EncodeSettings(settings, payload);
  FrameHeader header;
  header.type = static_cast<uint8_t>(FrameType::kSettings);
  header.length = static_cast<uint32_t>(payload.size());
  char head[kHeaderBytes];
  EncodeHeader(header, head);
  bytes.append(head, kHeaderBytes).append(payload);
}

std::optional<WireError> DecodeSettings(std::string_view payload, Settings& settings) {
  if (payload.size() % kPairBytes != 0) {
    return Malformed(absl::StrCat("SETTINGS of ", payload.size(),
                                  " bytes are no whole number of pairs of 6 bytes"));
  }
  uint32_t seen = 0;
  for (; !payload.empty(); payload.remove_prefix(kPairBytes)) {
    const uint16_t id = Load16(payload.data());
    const uint32_t value = Load32(payload.data() + 2);
    if (id == 0) return Malformed("SETTINGS with the id 0, which stands for nothing");
    if (id > std::size(kRules)) continue;
    const SettingRule& rule = kRules[id - 1];
    if ((seen & (1u << id)) != 0) {
      return Malformed(absl::StrCat("SETTINGS say ", ToAbsl(rule.name), " twice"));
    }
    seen |= 1u << id;
    if (!InRange(rule, value)) {
      return Malformed(absl::StrCat("SETTINGS say ", ToAbsl(rule.name), " is ", value,
                                    ", which is not in ", rule.minimum, "..", rule.maximum));
    }
    Set(settings, rule.id, value);
  }
  return std::nullopt;
}

}  // namespace dialtone::dialtone1
