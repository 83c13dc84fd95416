// One method, waited for in three ways, over sockets and in process.
#include <gtest/gtest.h>

#include "dialtone/rpc/block_on.h"
#include "real_server.h"

namespace dialtone {
namespace {

class WaysToWait : public testing::TestWithParam<bool> {
 protected:
  std::unique_ptr<Channel> MakeChannel() {
    if (GetParam()) return std::make_unique<Channel>(real_.server, real_.ClientOptions());
    return std::make_unique<Channel>(real_.target, real_.ClientOptions());
  }
  RealServer real_;
};

TEST_P(WaysToWait, Blocking) {
  auto channel = MakeChannel();
  EXPECT_EQ(Show(StartCoroutine(*channel, "a").Wait()), "OK: hello a");
  EXPECT_EQ(Show(StartPlain(*channel, "b").Wait()), "OK: hello b");
}

Task<absl::StatusOr<Text>> AwaitBoth(Channel& channel) {
  absl::StatusOr<Text> first = co_await StartCoroutine(channel, "a");
  if (!first.ok()) co_return first;
  absl::StatusOr<Text> second = co_await StartPlain(channel, first->value());
  co_return second;
}

TEST_P(WaysToWait, Coroutine) {
  auto channel = MakeChannel();
  EXPECT_EQ(Show(BlockOn(AwaitBoth(*channel), real_.runtime)), "OK: hello hello a");
}

TEST_P(WaysToWait, Callback) {
  auto channel = MakeChannel();
  Event called;
  std::string shown;
  StartCoroutine(*channel, "a").Then([&](absl::StatusOr<Text> reply) {
    shown = Show(reply);
    called.Set();
  });
  ASSERT_TRUE(
      real_.runtime.network().Wait(called, real_.runtime.network().Now() + absl::Seconds(10)));
  EXPECT_EQ(shown, "OK: hello a");
}

INSTANTIATE_TEST_SUITE_P(Networks, WaysToWait, testing::Values(false, true),
                         [](const auto& param_info) {
                           return param_info.param ? "InProcess" : "Sockets";
                         });

}  // namespace
}  // namespace dialtone
