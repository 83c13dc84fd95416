// A peer that is gone without a word: no end, no reset, every packet is dropped. The test moves into
// a network namespace of its own and drops them there with iptables. Needs root, or a kernel that
// lets users make namespaces.
#include <gmock/gmock.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "call_fixture.h"

namespace dialtone::faults {
namespace {

using testing::HasSubstr;

bool BringUpLoopback() {
  const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", sizeof "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool up = ioctl(any, SIOCSIFFLAGS, &request) == 0;
  close(any);
  return up;
}

// Before any thread is started.
bool EnterOwnNetwork() {
  if (unshare(CLONE_NEWNET) == 0) return BringUpLoopback();
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
  std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
  return BringUpLoopback();
}

void Iptables(const std::string& arguments) {
  const std::string lock = absl::StrCat("/tmp/iptables-lock.", getpid());
  setenv("XTABLES_LOCKFILE", lock.c_str(), 1);
  const std::string command = "PATH=$PATH:/usr/sbin:/sbin iptables " + arguments;
  ASSERT_EQ(std::system(command.c_str()), 0) << command << " (Debian's package iptables)";
  unlink(lock.c_str());
}

// From now on nothing passes to this server or from it.
class Vanished {
 public:
  explicit Vanished(const std::string& target) {
    const std::string port = target.substr(target.rfind(':') + 1);
    Iptables(absl::StrCat("-A INPUT -p tcp --dport ", port, " -j DROP"));
    Iptables(absl::StrCat("-A INPUT -p tcp --sport ", port, " -j DROP"));
  }
  ~Vanished() { Iptables("-F INPUT"); }
};

StreamOptions Impatient() {
  StreamOptions options;
  options.keepalive_idle = absl::Seconds(1);
  options.keepalive_interval = absl::Seconds(1);
  options.keepalive_probes = 2;
  options.unacknowledged_timeout = absl::Seconds(2);
  return options;
}

class VanishedPeer : public testing::Test {
 protected:
  VanishedPeer()
      : server_(gate_.Handler(), PlainHello, false, RealServer::TwoReactors(), Options()) {
    ChannelOptions options = server_.ClientOptions();
    options.connect.stream = Impatient();
    options.connect.timeout = absl::Seconds(1);
    channel_ = std::make_unique<Channel>(server_.target, options);
    EXPECT_EQ(Show(StartPlain(*channel_, "x").Wait()), "OK: hello x");
  }
  static ServerOptions Options() {
    ServerOptions options;
    options.listen.stream = Impatient();
    return options;
  }
  // What keeps a call waiting much longer than a vanished peer may.
  static CallOptions Patient() { return Timeout(absl::Seconds(120)); }

  Gate gate_;
  RealServer server_;
  std::unique_ptr<Channel> channel_;
};

TEST_F(VanishedPeer, ACallThatIsSentIntoTheVoidEndsUnavailable) {
  {
    Vanished vanished(server_.target);
    const auto began = std::chrono::steady_clock::now();
    const std::string shown = Show(StartPlain(*channel_, "lost", Patient()).Wait());
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
    EXPECT_THAT(shown, HasSubstr("UNAVAILABLE: "));
    EXPECT_THAT(shown, HasSubstr(server_.target));
  }
  EXPECT_EQ(Show(StartPlain(*channel_, "back", Patient().set_wait_for_ready(true)).Wait()),
            "OK: hello back");
}

TEST_F(VanishedPeer, ACallThatWaitsForItsReplyEndsUnavailable) {
  Call<Text> call = StartCoroutine(*channel_, "x", Patient());
  ASSERT_TRUE(Eventually([&] { return gate_.entered == 1; }));
  Vanished vanished(server_.target);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THAT(Show(std::move(call).Wait()), HasSubstr("UNAVAILABLE: "));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
}

TEST_F(VanishedPeer, AServerGivesUpTheCallsAndTheConnectionOfAClientThatVanished) {
  Call<Text> call = StartCoroutine(*channel_, "x", Patient());
  ASSERT_TRUE(Eventually([&] { return gate_.entered == 1; }));
  EXPECT_EQ(server_.server.connections(), 1u);
  Vanished vanished(server_.target);
  EXPECT_TRUE(Eventually([&] { return gate_.cancelled == 1; }));
  EXPECT_TRUE(Eventually([&] { return server_.server.connections() == 0; }));
  EXPECT_TRUE(absl::IsUnavailable(std::move(call).Wait().status()));
}

TEST_F(VanishedPeer, ConnectingToAMachineThatIsGoneTimesOut) {
  Vanished vanished(server_.target);
  ChannelOptions options = server_.ClientOptions();
  options.connect.timeout = absl::Milliseconds(300);
  Channel channel(server_.target, options);
  EXPECT_EQ(Show(StartPlain(channel, "x", Patient()).Wait()),
            absl::StrCat("UNAVAILABLE: connect ", server_.target, ": timed out after 300ms"));
}

}  // namespace
}  // namespace dialtone::faults

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (!testing::GTEST_FLAG(list_tests) && !dialtone::faults::EnterOwnNetwork()) {
    std::perror("vanished_peer_test: cannot enter a network namespace of its own");
    return 1;
  }
  return RUN_ALL_TESTS();
}
