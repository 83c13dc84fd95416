// Which of a server's connections go to rest, and when.
#include "served_connections.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/sim_network.h"

namespace dialtone::internal {
namespace {

using ::testing::ElementsAre;

// What all of them note, in order.
struct Notes {
  std::vector<std::string> looked_at;
  std::vector<std::string> woken;
};

class FakeConnection final : public ServerConnection {
 public:
  FakeConnection(Notes& notes, std::string name) : notes_(notes), name_(std::move(name)) {}

  ConnectionInfo info() const override {
    ConnectionInfo info;
    info.peer = peer;
    return info;
  }
  uint32_t calls_in_flight() const override { return 0; }
  void Drain() override {}
  void Abort() override {}
  Rest TryRest() override {
    notes_.looked_at.push_back(name_);
    if (std::exchange(used, false)) return Rest::kUsed;
    return busy ? Rest::kBusy : Rest::kResting;
  }
  Instant rest_due() const override { return due; }
  void OnRestDue() override {
    notes_.woken.push_back(name_);
    due = Instant::Infinite();
    if (wakes != nullptr) wakes->OnAwake(*this);
  }

  Address peer;
  bool used = true;   // since it was looked at last
  bool busy = false;  // may not rest
  Instant due = Instant::Infinite();
  ServedConnections* wakes = nullptr;  // ... what is due

 private:
  Notes& notes_;
  const std::string name_;
};

class ServedConnectionsTest : public ::testing::Test {
 protected:
  ServedConnectionsTest() : loop_(network_.NewReactor("server/0")) {}
  ~ServedConnectionsTest() override {
    On([&] { served_.reset(); });
    loop_.reset();
  }
  void On(absl::FunctionRef<void()> f) { network_.RunOn(*loop_, f); }
  void Start(uint32_t awake_max) {
    On([&] {
      served_ = std::make_unique<ServedConnections>(*loop_, gate_, awake_max, absl::Seconds(1));
    });
  }
  FakeConnection& Add(const std::string& name, bool used = true) {
    auto connection = std::make_unique<FakeConnection>(notes_, name);
    FakeConnection& added = *connection;
    added.used = used;
    On([&] { served_->Add(std::move(connection), {}); });
    return added;
  }
  std::vector<std::string> LookedAt() { return std::exchange(notes_.looked_at, {}); }

  SimNetwork network_;
  std::unique_ptr<Loop> loop_;
  ConnectionGate gate_{100, 100};
  Notes notes_;
  std::unique_ptr<ServedConnections> served_;
};

TEST_F(ServedConnectionsTest, WhileTheyAreFewNoneIsLookedAt) {
  Start(2);
  Add("a", false);
  Add("b", false);
  network_.RunFor(absl::Seconds(100));
  EXPECT_THAT(LookedAt(), ElementsAre());
  EXPECT_EQ(served_->awake(), 2u);
}

TEST_F(ServedConnectionsTest, TheFirstThatHasNotBeenUsedGoesToRest) {
  Start(2);
  FakeConnection& a = Add("a");
  Add("b", false);
  Add("c");
  EXPECT_THAT(LookedAt(), ElementsAre("a", "b"));
  EXPECT_EQ(served_->awake(), 2u);
  Add("d");  // the first is "c" now
  EXPECT_THAT(LookedAt(), ElementsAre("c", "a"));
  EXPECT_EQ(served_->awake(), 2u);
  On([&] {
    a.used = true;
    served_->OnAwake(a);
  });
  EXPECT_THAT(LookedAt(), ElementsAre("d", "c"));
}

TEST_F(ServedConnectionsTest, ThoseThatAreTooManyAreLookedAtAgain) {
  Start(1);
  FakeConnection& a = Add("a");
  FakeConnection& b = Add("b");
  a.busy = b.busy = true;
  LookedAt();
  a.used = true;
  network_.RunFor(absl::Milliseconds(1100));
  EXPECT_THAT(LookedAt(), ElementsAre("a", "b"));
  b.busy = false;
  network_.RunFor(absl::Seconds(1));
  EXPECT_THAT(LookedAt(), ElementsAre("a", "b"));
  EXPECT_EQ(served_->awake(), 1u);
  network_.RunFor(absl::Seconds(100));
  EXPECT_THAT(LookedAt(), ElementsAre()) << "a server that idles shall do so";
}

TEST_F(ServedConnectionsTest, NobodyLooksAgainAtThoseThatAreAllBusy) {
  Start(1);
  for (const char* name : {"a", "b", "c"}) Add(name).busy = true;  // when it is looked at again
  LookedAt();
  network_.RunFor(absl::Seconds(2.5));
  EXPECT_EQ(LookedAt().size(), 6u) << "one of them had been used";
  network_.RunFor(absl::Seconds(100));
  EXPECT_THAT(LookedAt(), ElementsAre()) << "a server that idles shall do so";
  Add("d");
  network_.RunFor(absl::Seconds(3));
  EXPECT_EQ(served_->awake(), 3u);
}

TEST_F(ServedConnectionsTest, ThoseThatAreInUseStayAwakeAmongThoseThatAreNot) {
  Start(12);
  std::vector<FakeConnection*> all;
  for (int i = 0; i < 100; ++i) all.push_back(&Add(std::to_string(i)));
  // Ten of them in turn, ten times a second; of the others one wakes now and then.
  size_t wakes = 0;
  const auto use = [&](FakeConnection& connection) {
    network_.RunFor(absl::Milliseconds(10));
    On([&] {
      connection.used = true;
      if (!served_->IsResting(connection)) return;
      ++wakes;
      served_->OnAwake(connection);
    });
  };
  for (size_t round = 0; round < 50; ++round) {
    if (round == 2) wakes = 0;
    if (round % 5 == 0) use(*all[10 + round]);
    for (size_t i = 0; i < 10; ++i) use(*all[i]);
  }
  // Nine of the others; and of those in use one here and there that was looked at twice between two calls.
  EXPECT_LT(wakes, 9 + 480 / 20);
  network_.RunFor(absl::Seconds(3));
  EXPECT_EQ(served_->awake(), 12u);
}

TEST_F(ServedConnectionsTest, WhatIsDueIsTold) {
  Start(0);
  const Instant now = network_.Now();
  std::vector<std::pair<std::string, int>> seconds{{"a", 20}, {"b", 10}, {"c", 30}};
  for (const auto& [name, due] : seconds) {
    auto connection = std::make_unique<FakeConnection>(notes_, name);
    connection->due = now + absl::Seconds(due);
    connection->wakes = served_.get();
    On([&] { served_->Add(std::move(connection), {}); });
  }
  network_.RunFor(absl::Seconds(2));
  EXPECT_EQ(served_->awake(), 0u);
  network_.RunFor(absl::Seconds(9.5));
  EXPECT_THAT(notes_.woken, ElementsAre("b"));
  network_.RunFor(absl::Seconds(10));
  EXPECT_THAT(notes_.woken, ElementsAre("b", "a"));
  network_.RunFor(absl::Seconds(10));
  EXPECT_THAT(notes_.woken, ElementsAre("b", "a", "c"));
  EXPECT_EQ(served_->awake(), 0u) << "they have gone to rest again";
}

TEST_F(ServedConnectionsTest, AreWalkedInTheOrderInWhichTheyCame) {
  Start(0);
  FakeConnection& a = Add("a", false);
  FakeConnection& b = Add("b", false);
  FakeConnection& c = Add("c", false);
  On([&] { served_->OnAwake(b); });
  EXPECT_THAT(served_->InOrder(), ElementsAre(&a, &b, &c));
  EXPECT_EQ(ServedConnections::NumberOf(b), 2u);
  On([&] { served_->Remove(a); });
  EXPECT_THAT(served_->InOrder(), ElementsAre(&b, &c));
  EXPECT_EQ(served_->size(), 2u);
}

TEST_F(ServedConnectionsTest, LeaveTheirPlaces) {
  Start(0);
  ConnectionGate gate(100, 1);
  On([&] {
    ServedConnections served(*loop_, gate, 0, absl::Seconds(1));
    auto connection = std::make_unique<FakeConnection>(notes_, "a");
    FakeConnection& added = *connection;
    added.peer = *Address::Parse("10.0.0.1:1");
    std::string why;
    std::optional<ConnectionGate::Place> place = gate.Enter(added.peer, why);
    served.Add(std::move(connection), *std::move(place));
    EXPECT_FALSE(gate.Enter(*Address::Parse("10.0.0.1:2"), why).has_value());
    served.Remove(added);
    EXPECT_TRUE(gate.Enter(*Address::Parse("10.0.0.1:2"), why).has_value());
  });
}

}  // namespace
}  // namespace dialtone::internal
