// Server::Run() as a program's main: signals, the drain, exit codes.
#include "call_fixture.h"
#include "server_process.h"

namespace dialtone {
namespace {

TEST(ServerRun, SigtermLetsCallsEndAndExitsWithZero) {
  for (int signal : {SIGTERM, SIGINT}) {
    ServerProcess server;
    Channel channel(server.target());
    Call<Text> call = StartCoroutine(channel, "nap");
    ASSERT_TRUE(StartCoroutine(channel, "a").Wait().ok());  // so the nap has begun
    server.Signal(signal);
    EXPECT_EQ(Show(call.Wait()), "OK: hello nap");
    EXPECT_EQ(server.Exit(), kExitOk) << server.log();
    EXPECT_NE(server.log().find("draining: 1 calls under way"), std::string::npos) << server.log();
    EXPECT_NE(server.log().find("drained"), std::string::npos) << server.log();
    EXPECT_TRUE(absl::IsUnavailable(StartCoroutine(channel, "a").Wait().status()));
  }
}

TEST(ServerRun, AnIdleServerWithConnectionsExitsAtOnce) {
  ServerProcess server;
  Channel channel(server.target());
  ASSERT_TRUE(StartCoroutine(channel, "a").Wait().ok());
  const auto before = std::chrono::steady_clock::now();
  server.Signal(SIGTERM);
  EXPECT_EQ(server.Exit(), kExitOk) << server.log();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(20));
}

TEST(ServerRun, AnAddressInUseExitsWithItsCodeAndSaysSo) {
  RealServer real;
  ServerProcess server(real.target);
  EXPECT_EQ(server.Exit(), kExitListenFailed);
  EXPECT_NE(server.log().find("listen " + real.target), std::string::npos) << server.log();
  EXPECT_NE(server.log().find("in use"), std::string::npos) << server.log();
  ServerProcess wrong("nonsense");
  EXPECT_EQ(wrong.Exit(), kExitListenFailed);
}

TEST(ServerRun, HandlersThatDoNotFinishAreNamedAndTheCodeSaysSo) {
  ServerProcess server("127.0.0.1:0", "300");
  Channel channel(server.target());
  Call<Text> blocks = StartPlain(channel, "block");
  Call<Text> sleeps = StartCoroutine(channel, "sleep");
  ASSERT_TRUE(StartPlain(channel, "a").Wait().ok());
  server.Signal(SIGTERM);
  EXPECT_EQ(server.Exit(), kExitDrainTimedOut) << server.log();
  EXPECT_NE(server.log().find("not finished after 300ms"), std::string::npos) << server.log();
  EXPECT_NE(server.log().find("/test.Plain/Plain"), std::string::npos) << server.log();
  EXPECT_NE(server.log().find("/test.Service/Coroutine"), std::string::npos) << server.log();
  EXPECT_FALSE(blocks.Wait().ok());
  EXPECT_FALSE(sleeps.Wait().ok());
}

TEST(ServerRun, ASecondSignalHurries) {
  ServerProcess server;
  Channel channel(server.target());
  Call<Text> sleeps = StartCoroutine(channel, "sleep", Timeout(absl::Minutes(2)));
  ASSERT_TRUE(StartCoroutine(channel, "a").Wait().ok());
  server.Signal(SIGTERM);
  ASSERT_TRUE(server.AwaitLog("draining"));
  const auto before = std::chrono::steady_clock::now();
  server.Signal(SIGTERM);
  EXPECT_EQ(server.Exit(), kExitDrainTimedOut) << server.log();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(20));
  EXPECT_NE(server.log().find("not finished when it was hurried"), std::string::npos)
      << server.log();
  EXPECT_FALSE(sleeps.Wait().ok());
}

}  // namespace
}  // namespace dialtone

int main(int argc, char** argv) { return dialtone::MainOfServerProcessTest(argc, argv); }
