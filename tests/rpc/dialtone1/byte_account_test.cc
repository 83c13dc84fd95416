#include "byte_account.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace dialtone::dialtone1 {
namespace {

// Takes as much as it may, as a peer does that gives nothing back.
void TakeAllThatMayBe(ByteAccount& account) {
  constexpr uint64_t kStep = 100;
  while (!account.over()) account.Add(kStep);
  account.Subtract(kStep);
}

TEST(ByteAccount, IsBoundByItself) {
  ByteAccount account(1000, nullptr);
  account.Add(1000);
  EXPECT_FALSE(account.over());
  account.Add(1);
  EXPECT_TRUE(account.over());
  EXPECT_EQ(account.Why(),
            "more than 1000 bytes are in flight on this connection "
            "(ConnectionLimits::bytes_in_flight_max)");
}

TEST(ByteAccount, OneAloneHasHalfOfItsProcess) {
  ByteBudget process(100'000);
  ByteAccount account(1'000'000, &process);
  account.Add(50'000);
  EXPECT_FALSE(account.over());
  account.Add(1000);
  EXPECT_TRUE(account.over());
  EXPECT_EQ(
      account.Why(),
      "this connection holds 51000 of the 100000 bytes that may be in flight in this process, and "
      "leaves too few (RuntimeOptions::bytes_in_flight_max)");
}

TEST(ByteAccount, WhoeverIsGreedyLeavesRoomForWhoIsNot) {
  constexpr uint64_t kMax = 1'000'000;
  ByteBudget process(kMax);
  std::vector<std::unique_ptr<ByteAccount>> greedy;
  for (int count = 1; count <= 6; ++count) {
    TakeAllThatMayBe(*greedy.emplace_back(std::make_unique<ByteAccount>(kMax, &process)));
    EXPECT_GE(process.left(), kMax >> count) << count;
    ByteAccount modest(kMax, &process);
    modest.Add(kMax >> (count + 1));
    EXPECT_FALSE(modest.over()) << count;
  }
}

TEST(ByteAccount, WhereNothingIsLeftWhoeverHoldsAnythingIsOver) {
  ByteBudget process(1000);
  process.Add(1001);
  ByteAccount account(1'000'000, &process);
  EXPECT_FALSE(account.over());
  account.Add(1);
  EXPECT_TRUE(account.over());
  EXPECT_EQ(
      account.Why(),
      "more than 1000 bytes are in flight in this process (RuntimeOptions::bytes_in_flight_max)");
}

TEST(ByteAccount, GivesAllBackAtItsEnd) {
  ByteBudget process(1000);
  {
    ByteAccount account(1000, &process);
    account.Add(300);
    account.Subtract(100);
    EXPECT_EQ(process.used(), 200u);
  }
  EXPECT_EQ(process.used(), 0u);
}

}  // namespace
}  // namespace dialtone::dialtone1
