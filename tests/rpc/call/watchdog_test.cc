// The watchdog names handlers that hold their reactor, and sleeps while nothing runs.
#include <dirent.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "call_fixture.h"
#include "dialtone/transport/log_kind.h"
#include "sim_servers.h"
#include "support/sim_loop.h"

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define DIALTONE_TSAN
#endif
#endif

namespace dialtone::watchdog_test {
namespace {

using testing::HasSubstr;
using testing::Not;

// By a handler in the simulation: it runs for so long.
void HoldFor(absl::Duration time) { static_cast<SimLoop&>(*Loop::Current()).HoldFor(time); }

constexpr char kStillHolds[] = "the handler of /test.Plain/Plain has held its reactor for ";
constexpr char kLetGo[] = "the handler of /test.Plain/Plain has let go of its reactor after ";

struct SimWatched {
  explicit SimWatched(PlainHandler plain, CoroutineHandler coroutine = Hello,
                      ServerOptions options = ServerOptions())
      : server([&] {
          options.runtime = &process.runtime;
          return options;
        }()) {
    server.Add(std::make_unique<PlainService>(std::move(plain)));
    server.Add(std::make_unique<CoroutineService>(std::move(coroutine)));
    auto bound = server.Listen("127.0.0.1:0");
    EXPECT_TRUE(bound.ok()) << bound.status();
    channel = std::make_unique<Channel>(bound->ToString(), process.ClientOptions());
    EXPECT_TRUE(server.Start().ok());
  }

  SimProcess process;
  Server server;
  std::unique_ptr<Channel> channel;
};

TEST(Watchdog, NamesTheHandlerWhileItStillHoldsItsReactorAndOnceItHasLetGo) {
  LogLines log;
  std::string while_held;
  SimWatched watched([&](ServerCall&, const Text&, Text&) {
    HoldFor(absl::Milliseconds(200));
    while_held = log.text();
    return absl::OkStatus();
  });
  EXPECT_TRUE(StartPlain(*watched.channel, "").Wait().ok());
  EXPECT_THAT(while_held, HasSubstr(kStillHolds));
  EXPECT_THAT(while_held, Not(HasSubstr(kLetGo)));
  EXPECT_THAT(log.text(), HasSubstr(kLetGo));
}

// One that never comes back is told of again, less and less often.
TEST(Watchdog, TellsAgainEachTimeTheHoldIsTenfold) {
  LogLines log;
  std::string while_held;
  SimWatched watched([&](ServerCall&, const Text&, Text&) {
    HoldFor(absl::Seconds(10));
    while_held = log.text();
    return absl::OkStatus();
  });
  EXPECT_TRUE(
      StartPlain(*watched.channel, "", CallOptions(Timeout(absl::Seconds(20)))).Wait().ok());
  EXPECT_EQ(std::count(while_held.begin(), while_held.end(), '\n'), 3) << while_held;
}

TEST(Watchdog, NamesWhatGoesOnAfterAnAwait) {
  LogLines log;
  SimWatched watched(PlainHello, [](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    absl::Status slept = co_await Sleep(absl::Seconds(1));
    HoldFor(absl::Milliseconds(100));
    co_return slept;
  });
  EXPECT_TRUE(StartCoroutine(*watched.channel, "").Wait().ok());
  EXPECT_THAT(log.text(), HasSubstr("the handler of /test.Service/Coroutine has held its reactor"));
}

// To half of the limit, whenever the handler begins: never below it, always above that.
TEST(Watchdog, IsAsPreciseAsItSays) {
  SetLogRepeatsMax(1000);
  absl::Duration hold;
  SimWatched watched([&](ServerCall&, const Text&, Text&) {
    HoldFor(hold);
    return absl::OkStatus();
  });
  for (int i = 0; i < 200; ++i) {
    SCOPED_TRACE(i);
    watched.process.network.RunFor(absl::Microseconds(i * 777));
    LogLines log;
    const bool too_long = i % 2 == 1;
    hold = absl::Milliseconds(too_long ? 76 : 49);
    EXPECT_TRUE(StartPlain(*watched.channel, "").Wait().ok());
    EXPECT_EQ(log.text().find(kLetGo) != std::string::npos, too_long) << log.text();
    EXPECT_EQ(log.text().empty(), !too_long) << log.text();
  }
  SetLogRepeatsMax(LogKind::kPerSecondMax);
}

TEST(Watchdog, CanBeTurnedOff) {
  LogLines log;
  ServerOptions options;
  options.watchdog_limit = absl::ZeroDuration();
  SimWatched watched(
      [&](ServerCall&, const Text&, Text&) {
        HoldFor(absl::Seconds(1));
        return absl::OkStatus();
      },
      Hello, options);
  EXPECT_TRUE(StartPlain(*watched.channel, "").Wait().ok());
  EXPECT_EQ(log.text(), "");
}

// A handler that waits holds nothing, and a watchdog with nothing to watch has no timer.
TEST(Watchdog, SleepsWhileNothingRuns) {
  SimWatched watched(PlainHello, [&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    absl::Status slept = co_await Sleep(absl::Hours(1));
    co_return slept;
  });
  Call<Text> call = StartCoroutine(*watched.channel, "", CallOptions(Timeout(absl::Hours(2))));
  watched.process.network.RunFor(absl::Seconds(1));
  const uint64_t before = watched.process.network.events();
  watched.process.network.RunFor(absl::Seconds(10));
  // Ticks would be a thousand.
  EXPECT_LT(watched.process.network.events(), before + 10);
  EXPECT_TRUE(std::move(call).Wait().ok());
}

TEST(Watchdog, SeesRealHandlersHoldRealReactors) {
  SetLogRepeatsMax(1000);  // other tests may have used up this second's
  LogLines log;
  std::string while_held;
  RealServer real(Hello, [&](ServerCall&, const Text&, Text&) {
    // Bounded: until it is told of, which takes 75 ms on a machine with time.
    EXPECT_TRUE(Eventually([&] { return log.text().find(kStillHolds) != std::string::npos; }));
    while_held = log.text();
    return absl::OkStatus();
  });
  Channel channel(real.target, real.ClientOptions());
  EXPECT_TRUE(StartPlain(channel, "", CallOptions(Timeout(absl::Seconds(100)))).Wait().ok());
  EXPECT_THAT(while_held, HasSubstr(kStillHolds));
  EXPECT_TRUE(Eventually([&] { return log.text().find(kLetGo) != std::string::npos; }));
}

// Not with the thread sanitizer: a thread of its own ticks.
#ifndef DIALTONE_TSAN
std::set<std::string> Threads() {
  std::set<std::string> threads;
  DIR* const tasks = opendir("/proc/self/task");
  while (const dirent* task = readdir(tasks)) {
    if (task->d_name[0] != '.') threads.insert(task->d_name);
  }
  closedir(tasks);
  return threads;
}

// How often the threads of this process, but for `others`, have gone to sleep.
long SwitchesWithout(const std::set<std::string>& others) {
  long sum = 0;
  for (const std::string& name : Threads()) {
    if (others.contains(name)) continue;
    std::ifstream status("/proc/self/task/" + name + "/status");
    std::string word;
    long count = 0;
    while (status >> word) {
      if (word == "voluntary_ctxt_switches:" && status >> count) sum += count;
    }
  }
  return sum;
}

// No thread that ticks: whatever wakes would go back to sleep, and be counted.
TEST(Watchdog, AnIdleServerDoesNotWake) {
  const std::set<std::string> others = Threads();
  RealServer real;
  Channel channel(real.target, real.ClientOptions());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(StartPlain(channel, "x").Wait().ok());
  EXPECT_TRUE(Eventually([&] {
    const long before = SwitchesWithout(others);
    // tidy-allow sleep: what does not happen meanwhile is what is tested.
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return SwitchesWithout(others) == before;
  }));
}
#endif

}  // namespace
}  // namespace dialtone::watchdog_test
