// Children of contexts.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "counting_new.h"
#include "dialtone/rpc/context.h"

namespace dialtone {
namespace {

TEST(ContextChild, EndsWithItsParentForTheSameReason) {
  Context parent = Context::Cancellable();
  Context child = parent.Child();
  Context grandchild = child.Child();
  int told = 0;
  CancelCallback callback(grandchild, [&](const absl::Status&) { ++told; });
  parent.Cancel(absl::DeadlineExceededError("late"));
  EXPECT_EQ(child.status(), absl::DeadlineExceededError("late"));
  EXPECT_EQ(grandchild.status(), absl::DeadlineExceededError("late"));
  EXPECT_EQ(told, 1);
}

TEST(ContextChild, EndsAlone) {
  Context parent = Context::Cancellable();
  Context first = parent.Child();
  Context second = parent.Child();
  first.Cancel();
  EXPECT_TRUE(first.cancelled());
  EXPECT_FALSE(parent.cancelled());
  EXPECT_FALSE(second.cancelled());
  parent.Cancel(absl::DeadlineExceededError("late"));
  EXPECT_TRUE(absl::IsCancelled(first.status()));
  EXPECT_TRUE(absl::IsDeadlineExceeded(second.status()));
}

TEST(ContextChild, OfAnEndedContextHasEnded) {
  Context parent = Context::Cancellable();
  parent.Cancel(absl::DeadlineExceededError("late"));
  EXPECT_EQ(parent.Child().status(), absl::DeadlineExceededError("late"));
}

TEST(ContextChild, OfNobodyIsOneOfItsOwn) {
  Context child = Context().Child(Instant::FromNanoseconds(5));
  EXPECT_EQ(child.deadline(), Instant::FromNanoseconds(5));
  child.Cancel();
  EXPECT_TRUE(child.cancelled());
}

TEST(ContextChild, HasNoLaterDeadline) {
  const Context parent = Context::Cancellable(Instant::FromNanoseconds(100));
  EXPECT_EQ(parent.Child().deadline(), Instant::FromNanoseconds(100));
  EXPECT_EQ(parent.Child(Instant::FromNanoseconds(50)).deadline(), Instant::FromNanoseconds(50));
  EXPECT_EQ(parent.Child(Instant::FromNanoseconds(200)).deadline(), Instant::FromNanoseconds(100));
}

TEST(ContextChild, MayOutliveItsParentsLastHandle) {
  std::optional<Context> parent = Context::Cancellable();
  Context child = parent->Child();
  CancelCallback keep(*parent, [](const absl::Status&) {});
  parent.reset();
  EXPECT_FALSE(child.cancelled());
  child = Context();
}

// A callback of the parent's drops the last handle of a child, before and after that was told.
TEST(ContextChild, MayBeLetGoWhileItsParentEnds) {
  for (const bool told_before : {false, true}) {
    Context parent = Context::Cancellable();
    std::optional<Context> child;
    if (!told_before) child = parent.Child();
    CancelCallback callback(parent, [&](const absl::Status&) { child.reset(); });
    if (told_before) child = parent.Child();
    parent.Cancel();
    EXPECT_FALSE(child.has_value());
  }
  // By its own callback, while its parent tells it.
  Context parent = Context::Cancellable();
  std::optional<Context> child = parent.Child();
  std::optional<CancelCallback> callback;
  callback.emplace(*child, [&](const absl::Status&) { child.reset(); });
  parent.Cancel();
  EXPECT_FALSE(child.has_value());
}

TEST(ContextChild, ComesAndGoesWhileItsParentEnds) {
  for (int round = 0; round < 200; ++round) {
    Context parent = Context::Cancellable();
    std::atomic<bool> go{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        while (!go) std::this_thread::yield();
        for (int n = 0; n < 50; ++n) {
          Context child = parent.Child();
          Context grandchild = child.Child();
          if (parent.cancelled()) grandchild.Cancel();
        }
      });
    }
    go = true;
    for (int spins = round * 20; spins > 0; --spins)
      std::atomic_signal_fence(std::memory_order_seq_cst);
    parent.Cancel();
    for (std::thread& thread : threads) thread.join();
    EXPECT_TRUE(parent.Child().cancelled());
  }
}

TEST(ContextChild, AllocatesNothingInTheSteadyState) {
  const Context parent = Context::Cancellable();
  {
    Context warm = parent.Child().Child();
  }
  const size_t before = allocations_of_this_thread;
  for (int i = 0; i < 100; ++i) Context again = parent.Child().Child();
  EXPECT_EQ(allocations_of_this_thread, before);
}

}  // namespace
}  // namespace dialtone
