#include "write_pacing.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace dialtone::dialtone1 {
namespace {

// Where in a batch of `frames` it is time to write.
std::vector<int> Batch(WritePacing& pacing, int frames, uint32_t under_way, bool elsewhere,
                       int* asked = nullptr) {
  std::vector<int> writes;
  for (int i = 1; i <= frames; ++i) {
    if (pacing.Count()) writes.push_back(i);
  }
  pacing.EndBatch(under_way, [&] {
    if (asked != nullptr) ++*asked;
    return elsewhere;
  });
  return writes;
}
// Whether more is expected at once after a batch of `frames` replies.
bool MoreAfter(WritePacing& pacing, int frames, bool elsewhere) {
  for (int i = 1; i <= frames; ++i) pacing.Count();
  return pacing.EndBatch(0, [&] { return elsewhere; });
}
std::vector<int> Replies(WritePacing& pacing, int frames, bool elsewhere, int* asked = nullptr) {
  return Batch(pacing, frames, 0, elsewhere, asked);
}

TEST(WritePacing, WritesNothingEarlyForAPeerThatIsNotElsewhere) {
  WritePacing server;
  WritePacing client;
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(Replies(server, 1000, false).empty());
    EXPECT_TRUE(Batch(client, 1000, 1000, false).empty());
  }
}

TEST(WritePacing, AServerWritesHalfOfALargeBatchEarlyForOneThatIs) {
  WritePacing pacing;
  EXPECT_TRUE(Replies(pacing, 100, true).empty());  // asks only now
  EXPECT_EQ(Replies(pacing, 100, true), (std::vector<int>{50, 100}));
  EXPECT_EQ(Replies(pacing, 24, true), std::vector<int>());
  // What was left over of a large one does not have the next one cut up.
  EXPECT_EQ(Replies(pacing, 100, true), (std::vector<int>{50, 100}));
}

TEST(WritePacing, AServerNeverWritesLessThanSixteenReplies) {
  WritePacing pacing;
  Replies(pacing, 24, true);
  EXPECT_EQ(Replies(pacing, 40, true), (std::vector<int>{16, 32}));
}

TEST(WritePacing, AClientWritesHalfOfWhatIsUnderWay) {
  WritePacing pacing;
  EXPECT_TRUE(Batch(pacing, 64, 64, true).empty());
  EXPECT_EQ(Batch(pacing, 64, 64, true), (std::vector<int>{32, 64}));
  // However small its batches have become by that.
  EXPECT_EQ(Batch(pacing, 32, 64, true), std::vector<int>{32});
  EXPECT_EQ(Batch(pacing, 24, 32, true), std::vector<int>());
  EXPECT_EQ(Batch(pacing, 24, 32, true), std::vector<int>{16});
}

TEST(WritePacing, AClientWithFewCallsWritesThemTogether) {
  WritePacing pacing;
  Batch(pacing, 24, 31, true);
  EXPECT_TRUE(Batch(pacing, 31, 31, true).empty());
}

TEST(WritePacing, AsksForSmallBatchesNeverAndForLargeOnesNowAndThen) {
  WritePacing pacing;
  int asked = 0;
  for (int i = 0; i < 80; ++i) Replies(pacing, 7, true, &asked);
  EXPECT_EQ(asked, 0);
  for (int i = 0; i < 80; ++i) Replies(pacing, 8, true, &asked);
  EXPECT_EQ(asked, 10);
}

TEST(WritePacing, ExpectsMoreAtOnceAfterSeveralCallsOfAPeerThatIsElsewhere) {
  WritePacing here;
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(MoreAfter(here, 1000, false));
  WritePacing elsewhere;
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(MoreAfter(elsewhere, 8, true));
  EXPECT_FALSE(MoreAfter(elsewhere, 7, true));
  EXPECT_FALSE(MoreAfter(elsewhere, 0, true));
  EXPECT_TRUE(MoreAfter(elsewhere, 8, true));
}

TEST(WritePacing, FollowsAPeerThatMovesBack) {
  WritePacing pacing;
  Replies(pacing, 100, true);
  EXPECT_FALSE(Replies(pacing, 100, true).empty());
  for (int i = 0; i < 8; ++i) Replies(pacing, 100, false);
  EXPECT_TRUE(Replies(pacing, 100, false).empty());
}

}  // namespace
}  // namespace dialtone::dialtone1
