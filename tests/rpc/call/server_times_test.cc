// The server's own account of a call: how long it waited there, and how long its handler took.
#include <gtest/gtest.h>

#include "dialtone/rpc/sleep.h"
#include "real_server.h"

namespace dialtone {
namespace {

Task<absl::Status> Nap(ServerCall&, const Text&, Text&) {
  const absl::Status slept = co_await Sleep(absl::Milliseconds(20));
  co_return slept;
}

TEST(ServerTimes, ComeToWhoAsks) {
  RealServer real(Nap);
  ChannelOptions options = real.ClientOptions();
  options.want_server_times = true;
  Channel channel(real.target, options);
  CallInfo info;
  ASSERT_TRUE(StartCoroutine(channel, "x").Capture(info).Wait().ok());
  ASSERT_TRUE(info.server_queue_time.has_value());
  ASSERT_TRUE(info.server_handler_time.has_value());
  EXPECT_GE(*info.server_handler_time, absl::Milliseconds(20));

  CallInfo quick;
  ASSERT_TRUE(StartPlain(channel, "x").Capture(quick).Wait().ok());
  EXPECT_TRUE(quick.server_handler_time.has_value()) << "even if it is less than a microsecond";
}

TEST(ServerTimes, ComeToNobodyElse) {
  RealServer real;
  Channel channel(real.target, real.ClientOptions());
  CallInfo info;
  ASSERT_TRUE(StartCoroutine(channel, "x").Capture(info).Wait().ok());
  EXPECT_FALSE(info.server_handler_time.has_value());
}

}  // namespace
}  // namespace dialtone
