#include "write_pacing.h"

#include <gtest/gtest.h>

#include <vector>

namespace dialtone::dialtone1 {
namespace {

// Where in a batch of `frames` it is time to write.
std::vector<int> Batch(WritePacing& pacing, int frames, bool elsewhere, int* asked = nullptr) {
  std::vector<int> writes;
  for (int i = 1; i <= frames; ++i) {
    if (pacing.Count()) writes.push_back(i);
  }
  pacing.EndBatch([&] {
    if (asked != nullptr) ++*asked;
    return elsewhere;
  });
  return writes;
}

TEST(WritePacing, WritesNothingEarlyForAPeerThatIsNotElsewhere) {
  WritePacing pacing;
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Batch(pacing, 1000, false).empty());
}

TEST(WritePacing, WritesAQuarterOfALargeBatchEarlyForOneThatIs) {
  WritePacing pacing;
  EXPECT_TRUE(Batch(pacing, 100, true).empty());  // asks only now
  EXPECT_EQ(Batch(pacing, 100, true), (std::vector<int>{25, 50, 75, 100}));
  EXPECT_EQ(Batch(pacing, 24, true), std::vector<int>());
}

TEST(WritePacing, NeverWritesLessThanSixteenFrames) {
  WritePacing pacing;
  Batch(pacing, 24, true);
  EXPECT_EQ(Batch(pacing, 40, true), (std::vector<int>{16, 32}));
}

TEST(WritePacing, ForgetsLargeBatches) {
  WritePacing pacing;
  Batch(pacing, 10'000, true);
  EXPECT_TRUE(Batch(pacing, 64, true).empty());
  for (int i = 0; i < 100; ++i) Batch(pacing, 64, true);
  EXPECT_EQ(Batch(pacing, 64, true).front(), 16);
}

TEST(WritePacing, AsksForSmallBatchesNeverAndForLargeOnesNowAndThen) {
  WritePacing pacing;
  int asked = 0;
  for (int i = 0; i < 100; ++i) Batch(pacing, 23, true, &asked);
  EXPECT_EQ(asked, 0);
  for (int i = 0; i < 100; ++i) Batch(pacing, 24, true, &asked);
  EXPECT_EQ(asked, 25);
}

TEST(WritePacing, FollowsAPeerThatMovesBack) {
  WritePacing pacing;
  Batch(pacing, 100, true);
  EXPECT_FALSE(Batch(pacing, 100, true).empty());
  for (int i = 0; i < 4; ++i) Batch(pacing, 100, false);
  EXPECT_TRUE(Batch(pacing, 100, false).empty());
}

}  // namespace
}  // namespace dialtone::dialtone1
