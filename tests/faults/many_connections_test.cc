// Ten thousand connections of real sockets, most of them idle: what each costs the server.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "fault_server.h"
#include "raw_socket.h"
#include "test_service.h"

namespace dialtone::faults {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(120);
constexpr size_t kAtATime = 100;
#ifdef DIALTONE_SANITIZED
constexpr size_t kConnections = 1000;
constexpr size_t kIdleBytesMax = 512 * 1024;  // with the sanitizer's shadow
#else
constexpr size_t kConnections = 10'000;
constexpr size_t kIdleBytesMax = 512;
#endif

TEST(ManyConnectionsTest, TenThousandAreServedAndCostLessThanHalfAKilobyteEach) {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 20'000);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_GT(limit.rlim_cur, kConnections + 100) << "ulimit -n is too low for this test";

  FaultServerOptions options;
  options.handshake_timeout = absl::Minutes(5);
  options.reactors = 2;
  FaultServer server(options);
  Channel channel(server.address().ToString());
  ASSERT_EQ(Show(StartCoroutine(channel, "warm", Timeout(kPatience)).Wait()), "OK: warm");
  const size_t before = server.ResidentBytes();

  // A few at a time: those that have calls in flight at once are not idle, and what they took the
  // process keeps.
  const std::string hello = Hello() + RequestFor(1, kCoroutineMethod.path, "one of many");
  std::vector<RawSocket> sockets;
  while (sockets.size() < kConnections) {
    std::vector<RawSocket> some = Connect(server.address(), kAtATime);
    for (RawSocket& socket : some) ASSERT_TRUE(socket.SendAll(hello, kPatience));
    for (RawSocket& socket : some) ASSERT_TRUE(socket.AwaitResponses(1, kPatience));
    std::move(some.begin(), some.end(), std::back_inserter(sockets));
  }
  EXPECT_GE(server.Descriptors(), kConnections);
  const size_t idle = server.ResidentBytes();
  const double each = static_cast<double>(idle - std::min(idle, before)) / kConnections;
  std::printf("%zu connections that made a call and are idle: %.0f bytes each in the server\n",
              kConnections, each);
  EXPECT_LT(each, kIdleBytesMax);

  // All of them can still be used, and so can a new one.
  const std::string again = RequestFor(3, kCoroutineMethod.path, "once more");
  for (RawSocket& socket : sockets) ASSERT_TRUE(socket.SendAll(again, kPatience));
  for (RawSocket& socket : sockets) ASSERT_TRUE(socket.AwaitResponses(2, kPatience));
  EXPECT_EQ(Show(StartCoroutine(channel, "new", Timeout(kPatience)).Wait()), "OK: new");
  sockets.clear();
  server.Terminate();
  EXPECT_EQ(server.Exit(), kExitOk);
}

}  // namespace
}  // namespace dialtone::faults

int main(int argc, char** argv) { return dialtone::faults::MainOfFaultTest(argc, argv); }
