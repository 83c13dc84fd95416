// The locks that unary calls take on reactors once everything is warm: no reactor waits for another one. What
// serves a call takes none.
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/debugging/symbolize.h"
#include "numbers_fixture.h"

namespace dialtone {
namespace {

// Of the context of the call whose handler makes a call, which other threads may end: when the call begins
// and when it has ended.
constexpr size_t kOfACallThatAHandlerMakes = 2;

class Locks : public CountedCalls {
 protected:
  // On reactors alone: blocked threads hand the lead of their channel's loop to one another.
  static void ExpectOnReactors(const SideCounts& counted, size_t locks_a_call_max) {
    ExpectAtMost(counted, std::numeric_limits<size_t>::max(), locks_a_call_max * kCalls);
  }
};

TEST_P(Locks, OfOneReactor) {
  ExpectOnReactors(Count([this](int calls) { BlockingCalls(calls); }), 0);
}

TEST_P(Locks, OfTwoReactorsAtOnce) {
  Runtime runtime(Reactors(2));
  const CountedServer server(runtime, std::make_unique<Numbers>());
  // New connections go to the reactor that has the fewest.
  const std::unique_ptr<Channel> channels[] = {ChannelOf(client_runtime_, server.target),
                                               ChannelOf(client_runtime_, server.target)};
  const auto count = Count([&](int calls) {
    std::vector<std::thread> threads;
    for (const auto& channel : channels) {
      threads.emplace_back([&] {
        for (int i = 0; i < calls / 2; ++i) EXPECT_EQ(WrongWith(Start(*channel, i).Wait(), i), "");
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  ExpectOnReactors(count, 0);
}

TEST_P(Locks, OfAHandlerThatMakesACall) {
  const CountedServer relay(
      client_runtime_, std::make_unique<Relay>([this](int64_t value) { return Start(value); }));
  Runtime caller_runtime(Reactors(1));
  const auto channel = ChannelOf(caller_runtime, relay.target);
  const auto count = Count([&](int calls) {
    for (int i = 0; i < calls; ++i) {
      ASSERT_EQ(WrongWith(Start(*channel, kForward, i).Wait(), i), "");
    }
  });
  ExpectOnReactors(count, kOfACallThatAHandlerMakes);
}

INSTANTIATE_TEST_SUITE_P(Handlers, Locks, testing::Values(false, true), HandlerName);

}  // namespace
}  // namespace dialtone

int main(int argc, char** argv) {
  absl::InitializeSymbolizer(argv[0]);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
