// Values of the call part as pairs of a metadata block: what a server says about further attempts.
#include "call_metadata.h"

#include <gtest/gtest.h>

namespace dialtone::dialtone1 {
namespace {

std::optional<absl::Duration> PushbackIn(const std::string& block) {
  ReceivedMetadata received;
  EXPECT_FALSE(ReadMetadata(block, MetadataPlace::kTrailing, received).has_value());
  if (!received.pushback.has_value()) return std::nullopt;
  return ReadPushback(*received.pushback);
}

TEST(PushbackPair, IsWholeMillisecondsRoundedUp) {
  EXPECT_EQ(EncodePushback(absl::ZeroDuration()), "0");
  EXPECT_EQ(EncodePushback(absl::Milliseconds(250)), "250");
  EXPECT_EQ(EncodePushback(absl::Nanoseconds(1)), "1");
  EXPECT_EQ(EncodePushback(absl::Microseconds(250'001)), "251");
  EXPECT_EQ(EncodePushback(-absl::Seconds(1)), "0");
  EXPECT_EQ(EncodePushback(absl::InfiniteDuration()), "-1");
}

TEST(PushbackPair, ThatIsNegativeOrNoNumberMeansNever) {
  EXPECT_EQ(ReadPushback("0"), absl::ZeroDuration());
  EXPECT_EQ(ReadPushback("250"), absl::Milliseconds(250));
  for (const char* never : {"-1", "-250", "", "soon", "1.5", "10s", "99999999999999999999"})
    EXPECT_EQ(ReadPushback(never), absl::InfiniteDuration()) << never;
}

TEST(PushbackPair, TravelsWithErrorsOnly) {
  const auto after = absl::Milliseconds(30);
  EXPECT_EQ(PushbackIn(MakeTrailer(absl::UnavailableError("x"), nullptr, after, 8192)), after);
  EXPECT_EQ(PushbackIn(MakeTrailer(absl::UnavailableError(""), nullptr, after, 8192)), after);
  EXPECT_EQ(PushbackIn(MakeTrailer(absl::UnavailableError("x"), nullptr, std::nullopt, 8192)),
            std::nullopt);
  EXPECT_EQ(MakeTrailer(absl::OkStatus(), nullptr, after, 8192), "");
  Metadata trailing;
  ASSERT_TRUE(trailing.Add("k", "v").ok());
  EXPECT_EQ(PushbackIn(MakeTrailer(absl::OkStatus(), &trailing, after, 8192)), std::nullopt);
}

}  // namespace
}  // namespace dialtone::dialtone1
