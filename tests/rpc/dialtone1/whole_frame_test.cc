#include <gtest/gtest.h>

#include <string>

#include "frame_reader.h"
#include "wire_test_support.h"

namespace dialtone::dialtone1 {
namespace {

std::string TimeLeft(uint64_t microseconds) {
  std::string bytes(kTimePrefixBytes, '\0');
  Store64(bytes.data(), microseconds);
  return bytes;
}

// A request, and a reply, that are nothing but that: told by one word, and where their header breaks a rule, not taken.
TEST(FrameReader, TakesWholeFramesWithoutLookingAtMore) {
  const std::string request =
      FrameOf(Header(FrameType::kRequest, kFlagEnd | kFlagMessage | kFlagDeadline, 5, 2),
              TimeLeft(7) + "text");
  FrameReader reader(0xFF);
  const std::string bytes = Settings0() + request + request;
  reader.Feed(bytes);
  WholeFrame whole;
  Frame frame;
  EXPECT_FALSE(reader.NextWhole(kWholeRequest, whole)) << "the first frame is SETTINGS";
  ASSERT_EQ(reader.Next(frame), FrameReader::Result::kFrame);
  EXPECT_FALSE(reader.NextWhole(kWholeReply, whole)) << "another kind";
  ASSERT_TRUE(reader.NextWhole(kWholeRequest, whole));
  EXPECT_EQ(whole.stream, 5u);
  EXPECT_EQ(whole.argument, 2u);
  EXPECT_EQ(whole.deadline_us, 7u);
  EXPECT_EQ(whole.message, "text");
  EXPECT_EQ(reader.bytes_left(), request.size());
  ASSERT_TRUE(reader.NextWhole(kWholeRequest, whole));
  EXPECT_FALSE(reader.NextWhole(kWholeRequest, whole)) << "nothing is left";
  EXPECT_EQ(reader.Next(frame), FrameReader::Result::kNeedMore);

  for (const std::string& illegal :
       {FrameOf(Header(FrameType::kRequest, kFlagEnd | kFlagMessage | kFlagDeadline, 4, 2),
                TimeLeft(7)),
        FrameOf(
            Header(FrameType::kRequest, kFlagEnd | kFlagMessage | kFlagDeadline, kNoLastStream, 2),
            TimeLeft(7)),
        FrameOf(Header(FrameType::kRequest, kFlagEnd | kFlagMessage | kFlagDeadline, 5, 2),
                "short"),
        FrameOf(Header(FrameType::kRequest, kFlagEnd | kFlagMessage | kFlagDeadline, 5, 2),
                std::string(kTimePrefixBytes + kMaxPieceBytes + 1, 'x'))}) {
    FrameReader other(0xFF);
    const std::string all = Settings0() + illegal;
    other.Feed(all);
    ASSERT_EQ(other.Next(frame), FrameReader::Result::kFrame);
    EXPECT_FALSE(other.NextWhole(kWholeRequest, whole));
    EXPECT_EQ(other.Next(frame), FrameReader::Result::kError);
  }
}

}  // namespace
}  // namespace dialtone::dialtone1
