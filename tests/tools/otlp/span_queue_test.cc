// When batches of spans leave, and how many wait: in a time that the test tells.
#include "span_queue.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace dialtone::internal {
namespace {

Instant At(absl::Duration time) { return Instant() + time; }

Span Named(int number) {
  Span span;
  span.name = absl::StrCat(number);
  return span;
}

OtlpOptions Options(size_t batch_max, size_t queue_max) {
  OtlpOptions options;
  options.batch_max = batch_max;
  options.queue_max = queue_max;
  options.batch_delay = absl::Seconds(1);
  return options;
}

TEST(SpanQueue, ABatchLeavesWhenItIsFull) {
  SpanQueue queue(Options(3, 100));
  EXPECT_TRUE(queue.due().infinite());
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(queue.Add(Named(i), At(absl::Milliseconds(10))));
  EXPECT_EQ(queue.due(), At(absl::Milliseconds(1010)));
  EXPECT_TRUE(queue.Add(Named(2), At(absl::Milliseconds(20))));
  EXPECT_LE(queue.due(), At(absl::Milliseconds(20)));
}

TEST(SpanQueue, OrWhenItsFirstHasWaitedLongEnough) {
  SpanQueue queue(Options(2, 100));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.Add(Named(i), At(absl::Milliseconds(100 * i))));
  const std::vector<Span> batch = queue.Take();
  ASSERT_EQ(batch.size(), 2u);
  EXPECT_EQ(batch[0].name, "0");
  EXPECT_EQ(batch[1].name, "1");
  EXPECT_EQ(queue.due(), At(absl::Milliseconds(1200)));
  EXPECT_EQ(queue.Take().size(), 1u);
  EXPECT_TRUE(queue.due().infinite());
  EXPECT_TRUE(queue.Take().empty());
}

TEST(SpanQueue, HoldsNoMoreThanItsLimit) {
  SpanQueue queue(Options(3, 5));
  for (int i = 0; i < 8; ++i) EXPECT_EQ(queue.Add(Named(i), At(absl::ZeroDuration())), i < 5) << i;
  EXPECT_EQ(queue.size(), 5u);
  EXPECT_EQ(queue.Take().size(), 3u);
  EXPECT_TRUE(queue.Add(Named(8), At(absl::ZeroDuration())));
}

// A wake costs a system call.
TEST(SpanQueue, WhoeverSendsIsWokenTwiceABatchAtMost) {
  SpanQueue queue(Options(10, 100));
  std::string told;
  for (int i = 0; i < 15; ++i) {
    EXPECT_TRUE(queue.Add(Named(i), At(absl::ZeroDuration())));
    if (queue.tells_sender()) absl::StrAppend(&told, i + 1, " ");
  }
  EXPECT_EQ(told, "1 10 ");
}

}  // namespace
}  // namespace dialtone::internal
