#include "settings.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "preface.h"
#include "wire_test_support.h"

namespace dialtone::dialtone1::settings_test {
namespace {

std::string Pairs(std::initializer_list<std::pair<uint16_t, uint32_t>> pairs) {
  std::string payload;
  for (const auto& [id, value] : pairs) {
    char bytes[6];
    Store16(bytes, id);
    Store32(bytes + 2, value);
    payload.append(bytes, 6);
  }
  return payload;
}

TEST(Settings, ComeBackAsTheyWereSent) {
  Settings sent;
  sent.max_streams = 10000;
  sent.stream_window = kMaxWindow;
  sent.connection_window = 2 * kMinConnectionWindow;
  sent.max_methods = 65535;
  sent.max_metadata_bytes = 65535;
  sent.max_message_bytes = 1;
  sent.wants_times = true;
  sent.features = kFeatureAttached | 0x80000000;
  sent.compressions = AlgorithmBit(kAlgorithmGzip) | AlgorithmBit(32);
  std::string payload;
  EncodeSettings(sent, payload);
  EXPECT_EQ(payload.size(), 54u);
  Settings received;
  EXPECT_FALSE(DecodeSettings(payload, received).has_value());
  EXPECT_EQ(received, sent);
}

TEST(Settings, TheMinimaNeedNoBytes) {
  std::string frame;
  AppendSettingsFrame(Settings(), frame);
  EXPECT_EQ(frame, Settings0());
  Settings received;
  EXPECT_FALSE(DecodeSettings("", received).has_value());
  EXPECT_EQ(received, Settings());
}

TEST(Settings, UnknownIdsAreIgnored) {
  Settings received;
  EXPECT_FALSE(
      DecodeSettings(Pairs({{10, 0}, {1, 100}, {0xFFFF, 7}, {10, 1}}), received).has_value());
  EXPECT_EQ(received.max_streams, 100u);
}

TEST(Settings, MalformedOnesNameTheSettingAndTheLimit) {
  const std::pair<std::string, const char*> cases[] = {
      {std::string(5, '\1'), "5 bytes"},
      {Pairs({{1, 64}}) + "x", "7 bytes"},
      {Pairs({{0, 1}}), "id 0"},
      {Pairs({{1, 64}, {1, 65}}), "max_streams twice"},
      {Pairs({{1, 63}}), "max_streams is 63, which is not in 64.."},
      {Pairs({{2, kMinStreamWindow - 1}}), "stream_window"},
      {Pairs({{2, 0x80000000}}), "stream_window"},
      {Pairs({{3, kMinConnectionWindow - 1}}), "connection_window"},
      {Pairs({{3, 0xFFFFFFFF}}), "connection_window"},
      {Pairs({{4, 63}}), "max_methods"},
      {Pairs({{4, 65536}}), "max_methods"},
      {Pairs({{5, 8191}}), "max_metadata_bytes"},
      {Pairs({{5, 65536}}), "max_metadata_bytes"},
      {Pairs({{7, 2}}), "wants_times"},
  };
  for (const auto& [payload, text] : cases) {
    Settings received;
    const auto error = DecodeSettings(payload, received);
    ASSERT_TRUE(error.has_value()) << text;
    EXPECT_EQ(error->reason, GoawayReason::kSettings);
    EXPECT_NE(error->text.find(text), std::string::npos) << error->text;
  }
}

TEST(Preface, IsKnownFromItsFirstBytes) {
  EXPECT_EQ(MatchPreface("").match, PrefaceMatch::kNeedMore);
  for (size_t n = 1; n < kPrefaceBytes; ++n) {
    EXPECT_EQ(MatchPreface(kPreface.substr(0, n)).match, PrefaceMatch::kNeedMore);
  }
  const PrefaceResult whole = MatchPreface(std::string(kPreface) + "more");
  EXPECT_EQ(whole.match, PrefaceMatch::kMine);
  EXPECT_EQ(whole.major, 1);
  EXPECT_EQ(whole.minor, 0);
}

TEST(Preface, AnythingElseIsNotOurs) {
  for (size_t n = 0; n < 5; ++n) {
    std::string wrong(kPreface.substr(0, n + 1));
    wrong[n] ^= 1;
    EXPECT_EQ(MatchPreface(wrong).match, PrefaceMatch::kNotMine) << n;
  }
  EXPECT_EQ(MatchPreface("PRI * HTTP/2.0").match, PrefaceMatch::kNotMine);
  EXPECT_EQ(MatchPreface("\x16\x03\x01").match, PrefaceMatch::kNotMine);
  std::string reserved(kPreface);
  reserved[7] = 1;
  EXPECT_EQ(MatchPreface(reserved).match, PrefaceMatch::kNotMine);
}

TEST(Preface, VersionsAreReported) {
  std::string other(kPreface);
  other[5] = 2;
  EXPECT_EQ(MatchPreface(other).match, PrefaceMatch::kOtherMajor);
  EXPECT_EQ(MatchPreface(other).major, 2);
  std::string minor(kPreface);
  minor[6] = 9;
  EXPECT_EQ(MatchPreface(minor).match, PrefaceMatch::kMine);
  EXPECT_EQ(MatchPreface(minor).minor, 9);
}

TEST(Preface, ForeignBytesAreQuoted) {
  EXPECT_EQ(DescribeForeignBytes("HTTP\r"), "5 bytes that begin 48 54 54 50 0d (\"HTTP.\")");
  EXPECT_EQ(DescribeForeignBytes(""), "no bytes");
}

}  // namespace
}  // namespace dialtone::dialtone1::settings_test
