#include "dialtone/transport/shutdown_signal.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>

#include "loop_support.h"

namespace dialtone {
namespace {

std::atomic<int> own_handler_calls{0};
void OwnHandler(int) { ++own_handler_calls; }

TEST(ShutdownSignal, FirstSignalSetsTheEventAndAllAreCounted) {
  const std::unique_ptr<Network> network = NewSocketNetwork();
  ShutdownSignal shutdown;
  EXPECT_EQ(shutdown.count(), 0);
  EXPECT_FALSE(shutdown.event().is_set());
  raise(SIGTERM);
  EXPECT_TRUE(network->Wait(shutdown.event(), Patience(*network)));
  raise(SIGINT);
  EXPECT_EQ(shutdown.count(), 2);
}

TEST(ShutdownSignal, WakesAWaitingThread) {
  const std::unique_ptr<Network> network = NewSocketNetwork();
  const std::unique_ptr<Loop> reactor = network->NewReactor("reactor");
  ShutdownSignal shutdown;
  reactor->Post([] { kill(getpid(), SIGTERM); });
  EXPECT_TRUE(network->Wait(shutdown.event(), Patience(*network)));
}

TEST(ShutdownSignal, LeavesTheSignalsAsTheyWere) {
  own_handler_calls = 0;
  struct sigaction own{};
  own.sa_handler = OwnHandler;
  struct sigaction before{};
  sigaction(SIGTERM, &own, &before);
  {
    ShutdownSignal shutdown;
    raise(SIGTERM);
    EXPECT_EQ(own_handler_calls, 0);
    EXPECT_EQ(shutdown.count(), 1);
  }
  raise(SIGTERM);
  EXPECT_EQ(own_handler_calls, 1);
  sigaction(SIGTERM, &before, nullptr);
  ShutdownSignal again;
  EXPECT_EQ(again.count(), 0);
  EXPECT_FALSE(again.event().is_set());
}

TEST(ShutdownSignalDeathTest, OnlyOneAtATime) {
  ShutdownSignal first;
  EXPECT_DEATH(ShutdownSignal second, "two objects wait");
}

}  // namespace
}  // namespace dialtone
