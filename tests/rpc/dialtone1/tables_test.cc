// Windows, stream ids and method tables.
#include <gtest/gtest.h>

#include <string>

#include "method_table.h"
#include "stream_ids.h"
#include "window.h"
#include "wire_test_support.h"

namespace dialtone::dialtone1 {
namespace {

TEST(SendWindow, CreditIsTakenAndAdded) {
  SendWindow window(100);
  window.Take(60);
  EXPECT_EQ(window.credit(), 40u);
  EXPECT_TRUE(window.Add(10));
  EXPECT_EQ(window.credit(), 50u);
}

TEST(SendWindow, MoreThanTheLargestWindowIsAnOverflow) {
  SendWindow window(1);
  EXPECT_TRUE(window.Add(kMaxWindow - 1));
  EXPECT_EQ(window.credit(), kMaxWindow);
  EXPECT_FALSE(window.Add(1));
  EXPECT_FALSE(window.Add(0xFFFFFFFF));
  EXPECT_EQ(window.credit(), kMaxWindow);
}

TEST(SendWindowDeathTest, SendingWithoutCreditIsABug) {
  SendWindow window(10);
  EXPECT_DEATH(window.Take(11), "without credit");
}

TEST(ReceiveWindow, AnOverrunIsFound) {
  ReceiveWindow window(100);
  EXPECT_TRUE(window.Arrive(100));
  EXPECT_FALSE(window.Arrive(1));
  EXPECT_EQ(window.held(), 100u);
}

TEST(ReceiveWindow, CreditReturnsInHalves) {
  ReceiveWindow window(100);
  ASSERT_TRUE(window.Arrive(80));
  EXPECT_EQ(window.Release(49), 0u);
  EXPECT_EQ(window.credit(), 20u);
  EXPECT_EQ(window.Release(1), 50u);
  EXPECT_EQ(window.credit(), 70u);
  EXPECT_EQ(window.Release(30), 0u);
  EXPECT_EQ(window.held(), 0u);
}

TEST(ReceiveWindow, BytesThatAreDoneWithAtOncePassWithTheSameCredit) {
  ReceiveWindow held(100);
  ReceiveWindow passed(100);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(held.Arrive(7));
    const uint32_t grant = held.Release(7);
    ASSERT_TRUE(passed.Pass(7));
    ASSERT_EQ(passed.TakeGrant(), grant);
    ASSERT_EQ(passed.credit(), held.credit());
    ASSERT_EQ(passed.held(), 0u);
  }
  EXPECT_FALSE(passed.Pass(passed.credit() + 1));
}

TEST(ReceiveWindow, NoCreditIsEverLost) {
  ReceiveWindow window(1000);
  SendWindow sender(1000);
  for (uint32_t i = 1; i < 5000; ++i) {
    const uint32_t bytes = 1 + i * 7919 % 500;
    ASSERT_GE(sender.credit(), bytes) << "half a window is never withheld";
    sender.Take(bytes);
    ASSERT_TRUE(window.Arrive(bytes));
    const uint32_t grant = window.Release(bytes);
    ASSERT_TRUE(sender.Add(grant));
    ASSERT_EQ(sender.credit(), window.credit());
  }
}

TEST(ReceiveWindowDeathTest, CreditForBytesThatNeverCameIsABug) {
  ReceiveWindow window(10);
  EXPECT_TRUE(window.Arrive(3));
  EXPECT_DEATH((void)window.Release(4), "twice");
}

TEST(StreamIdSource, RisesInOddNumbers) {
  StreamIdSource ids;
  EXPECT_EQ(ids.last(), 0u);
  EXPECT_EQ(ids.Next(), 1u);
  EXPECT_EQ(ids.Next(), 3u);
  EXPECT_EQ(ids.last(), 3u);
  EXPECT_FALSE(ids.near_end());
}

TEST(StreamIdSource, TellsThatTheEndIsNearAndThenStops) {
  StreamIdSource before(kLastStreamId - 2 * kNearEndIds);
  EXPECT_FALSE(before.near_end());
  before.Next();
  EXPECT_TRUE(before.near_end());
  StreamIdSource ids(kLastStreamId - 2);
  EXPECT_EQ(ids.Next(), kLastStreamId - 2);
  EXPECT_FALSE(ids.exhausted());
  EXPECT_EQ(ids.Next(), kLastStreamId);
  EXPECT_TRUE(ids.exhausted());
  EXPECT_TRUE(ids.near_end());
  EXPECT_EQ(ids.Next(), 0u);
  EXPECT_EQ(ids.last(), kLastStreamId);
}

TEST(StreamIdRule, TakesOddRisingIdsOnly) {
  StreamIdRule rule;
  EXPECT_FALSE(rule.WasOpened(1));
  EXPECT_FALSE(rule.Open(0));
  EXPECT_FALSE(rule.Open(2));
  EXPECT_TRUE(rule.Open(1));
  EXPECT_FALSE(rule.Open(1));
  EXPECT_TRUE(rule.Open(9));
  EXPECT_FALSE(rule.Open(7));
  EXPECT_FALSE(rule.Open(10));
  EXPECT_TRUE(rule.WasOpened(5)) << "left out means closed";
  EXPECT_FALSE(rule.WasOpened(4));
  EXPECT_FALSE(rule.WasOpened(11));
  EXPECT_TRUE(rule.Open(kLastStreamId));
  EXPECT_FALSE(rule.Open(0xFFFFFFFF));
  EXPECT_EQ(rule.last(), kLastStreamId);
}

TEST(MethodTable, ANameTravelsOnce) {
  ClientMethodTable client;
  const std::string copy = "/a.B/C";
  const auto first = client.Next("/a.B/C", 64);
  EXPECT_EQ(first.id, 1u);
  EXPECT_TRUE(first.send_path);
  const auto again = client.Next(copy, 64);
  EXPECT_EQ(again.id, 1u);
  EXPECT_FALSE(again.send_path);
}

TEST(MethodTable, WhenFullTheNameTravelsEachTime) {
  ClientMethodTable client;
  for (int i = 0; i < 64; ++i) EXPECT_TRUE(client.Next("/s/m" + std::to_string(i), 64).id != 0);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(client.Next("/s/one-more", 64).id, 0u);
    EXPECT_TRUE(client.Next("/s/one-more", 64).send_path);
  }
  EXPECT_EQ(client.Next("/s/one-more", 65).id, 65u) << "SETTINGS have raised the limit";
  EXPECT_EQ(client.size(), 65u);
}

TEST(MethodTable, TheServerFindsWhatWasBound) {
  int method = 0;
  ServerMethodTable<int> server;
  EXPECT_EQ(server.Find(0), nullptr);
  EXPECT_EQ(server.Find(1), nullptr);
  EXPECT_FALSE(server.Bind(64, "/a/b", &method, 64).has_value());
  EXPECT_FALSE(server.Bind(2, "/not/there", nullptr, 64).has_value());
  ASSERT_NE(server.Find(64), nullptr);
  EXPECT_EQ(server.Find(64)->method, &method);
  ASSERT_NE(server.Find(2), nullptr);
  EXPECT_EQ(server.Find(2)->path, "/not/there");
  EXPECT_EQ(server.Find(3), nullptr);
  EXPECT_EQ(server.Find(0xFFFFFFFF), nullptr);
}

TEST(MethodTable, ACopySharesWhatIsBoundUntilMoreIs) {
  int method = 0;
  ServerMethodTable<int> server;
  ServerMethodTable<int> same;
  EXPECT_EQ(server, same);
  EXPECT_FALSE(server.Bind(1, "/a/b", &method, 64).has_value());
  EXPECT_FALSE(server.Bind(2, "/not/there", nullptr, 64).has_value());
  EXPECT_NE(server, same);
  ServerMethodTable<int> copy = server;
  EXPECT_EQ(copy.Find(2), server.Find(2));
  EXPECT_FALSE(copy.Bind(3, "/a/c", &method, 64).has_value());
  EXPECT_EQ(server.Find(3), nullptr);
  ASSERT_NE(copy.Find(2), server.Find(2));
  EXPECT_EQ(copy.Find(2)->path, "/not/there");
  EXPECT_NE(copy, server);
  // In another order, and by another connection.
  EXPECT_FALSE(same.Bind(2, "/not/there", nullptr, 64).has_value());
  EXPECT_FALSE(same.Bind(1, "/a/b", &method, 64).has_value());
  EXPECT_EQ(server, same);
  EXPECT_EQ(absl::HashOf(server), absl::HashOf(same));
}

TEST(MethodTable, KeepsNoMoreThanSomeOfTheNamesThatTheServerHasNot) {
  constexpr uint32_t kMethods = 1024;
  int method = 0;
  ServerMethodTable<int> server;
  size_t kept = 0;
  for (uint32_t id = 1; id < kMethods; ++id) {
    const std::string path = "/" + std::to_string(id) + "/" + std::string(1000, 'm');
    ASSERT_FALSE(server.Bind(id, path, nullptr, kMethods).has_value());
    ASSERT_NE(server.Find(id), nullptr);
    EXPECT_EQ(server.Find(id)->method, nullptr);
    if (!server.Find(id)->path.empty()) {
      EXPECT_EQ(server.Find(id)->path, path);
    }
    kept += server.Find(id)->path.size();
  }
  EXPECT_GT(kept, 10'000u);
  EXPECT_LE(kept, ServerMethodTable<int>::kUnknownNamesBytesMax);
  // A copy goes on from there.
  ServerMethodTable<int> copy = server;
  ASSERT_FALSE(copy.Bind(kMethods, "/" + std::string(1000, 'm'), nullptr, kMethods).has_value());
  EXPECT_EQ(copy.Find(kMethods)->path, "");
  ASSERT_FALSE(server.Bind(kMethods, "/a/b", &method, kMethods).has_value());
  EXPECT_EQ(server.Find(kMethods)->method, &method);
}

TEST(MethodTable, BindingsThatBreakTheRulesAreErrors) {
  int method = 0;
  ServerMethodTable<int> server;
  ASSERT_FALSE(server.Bind(1, "/a/b", &method, 64).has_value());
  for (const uint32_t id : {0u, 1u, 65u, 0xFFFFFFFFu}) {
    const auto error = server.Bind(id, "/a/b", &method, 64);
    ASSERT_TRUE(error.has_value()) << id;
    EXPECT_EQ(error->reason, GoawayReason::kMethod);
  }
  EXPECT_EQ(ServerMethodTable<int>::Unbound(7).text, "method id 7 is not bound to a name");
  EXPECT_EQ(ServerMethodTable<int>::Unbound(0).reason, GoawayReason::kMethod);
}

}  // namespace
}  // namespace dialtone::dialtone1
