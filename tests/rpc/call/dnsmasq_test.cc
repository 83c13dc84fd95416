// Targets that a real name server answers for, whose answers change while calls are made.
#include "dnsmasq.h"

#include <gmock/gmock.h>

#include "call_fixture.h"

namespace dialtone {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Two servers with one port, on 127.0.0.2 and 127.0.0.3.
class DnsmasqTest : public testing::Test {
 protected:
  DnsmasqTest() : runtime_(RealServer::TwoReactors()) {
    for (int i = 0; i < 100 && second_ == nullptr; ++i) {
      first_ = NewServer();
      const auto bound = first_->Listen("127.0.0.2:0");
      EXPECT_TRUE(bound.ok()) << bound.status();
      port_ = std::to_string(bound->port());
      second_ = NewServer();
      if (!second_->Listen("127.0.0.3:" + port_).ok()) second_.reset();  // taken: another one
    }
    EXPECT_TRUE(first_->Start().ok());
    EXPECT_TRUE(second_->Start().ok());
  }

  std::unique_ptr<Server> NewServer() {
    auto server = std::make_unique<Server>(RealServer::With(ServerOptions(), runtime_));
    server->Add(std::make_unique<PlainService>(PlainHello));
    return server;
  }
  std::unique_ptr<Channel> MakeChannel(const Dnsmasq& dns, const std::string& target,
                                       ChannelOptions options = ChannelOptions()) {
    options.runtime = &runtime_;
    options.names.servers = {dns.address()};
    options.names.ttl_min = absl::Milliseconds(50);
    options.names.refresh_min = absl::Milliseconds(50);
    return std::make_unique<Channel>(target, options);
  }
  static std::string Ask(Channel& channel) {
    CallInfo info;
    const auto reply = StartPlain(channel, "x").Capture(info).Wait();
    return reply.ok() ? info.peer.ToString() : Show(reply);
  }
  std::string First() const { return "127.0.0.2:" + port_; }
  std::string Second() const { return "127.0.0.3:" + port_; }
  // Calls until one goes there.
  static bool GoesTo(Channel& channel, const std::string& where) {
    return Eventually([&] { return Ask(channel) == where; });
  }

  Runtime runtime_;
  std::unique_ptr<Server> first_;
  std::unique_ptr<Server> second_;
  std::string port_;
};

TEST_F(DnsmasqTest, CallsFollowItsAnswers) {
  Dnsmasq dns("127.0.0.2 db.test\n");
  auto channel = MakeChannel(dns, "dns:///db.test:" + port_);
  EXPECT_EQ(Ask(*channel), First());
  dns.Set("127.0.0.3 db.test\n");
  EXPECT_TRUE(GoesTo(*channel, Second()));
  dns.Set("127.0.0.2 db.test\n");
  EXPECT_TRUE(GoesTo(*channel, First()));
  EXPECT_TRUE(Eventually([&] { return second_->connections() == 0; }));
}

TEST_F(DnsmasqTest, ItIsAskedWhomTheTargetNames) {
  Dnsmasq dns("127.0.0.2 db.test\n");
  Dnsmasq other("127.0.0.3 db.test\n");
  EXPECT_EQ(Ask(*MakeChannel(dns, "db.test:" + port_)), First());
  EXPECT_EQ(Ask(*MakeChannel(dns, "dns://" + other.address() + "/db.test:" + port_)), Second());
}

TEST_F(DnsmasqTest, AServerThatGoesHasItAskedLongBeforeItsTimeIsOver) {
  Dnsmasq dns("127.0.0.2 db.test\n", /*ttl_seconds=*/3600);
  auto channel = MakeChannel(dns, "dns:///db.test:" + port_);
  EXPECT_EQ(Ask(*channel), First());
  dns.Set("127.0.0.3 db.test\n");
  first_.reset();
  EXPECT_TRUE(GoesTo(*channel, Second()));
}

TEST_F(DnsmasqTest, SeveralAddressesAreAllUsed) {
  Dnsmasq dns("127.0.0.2 db.test\n127.0.0.3 db.test\n::1 db.test\n");
  auto channel = MakeChannel(dns, "dns:///db.test:" + port_);
  EXPECT_TRUE(GoesTo(*channel, First()));
  EXPECT_TRUE(GoesTo(*channel, Second()));
  first_.reset();
  EXPECT_TRUE(GoesTo(*channel, Second()));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Ask(*channel), Second());
}

TEST_F(DnsmasqTest, ANameThatDoesNotExistMayComeToExist) {
  Dnsmasq dns("127.0.0.2 other.test\n");
  auto channel = MakeChannel(dns, "dns:///db.test:" + port_);
  EXPECT_EQ(Ask(*channel), "UNAVAILABLE: resolve db.test: no such name (NXDOMAIN)");
  EXPECT_EQ(channel->state(), ChannelState::kTransientFailure);
  Call<Text> waiting = StartPlain(
      *channel, "x", CallOptions().set_wait_for_ready(true).set_timeout(absl::Seconds(60)));
  dns.Set("127.0.0.2 db.test\n");
  EXPECT_EQ(Show(waiting.Wait()), "OK: hello x");
}

TEST_F(DnsmasqTest, WhileItIsAwayKnownServersAreUsed) {
  Dnsmasq dns("127.0.0.2 db.test\n");
  ChannelOptions options;
  options.names.timeout = absl::Seconds(1);
  options.names.try_timeout = absl::Milliseconds(100);
  auto channel = MakeChannel(dns, "dns:///db.test:" + port_, options);
  EXPECT_EQ(Ask(*channel), First());
  dns.Stop();
  LogLines log;
  EXPECT_TRUE(Eventually([&] {
    EXPECT_EQ(Ask(*channel), First());
    return log.text().find("resolve db.test: ") != std::string::npos;
  }));
  EXPECT_THAT(log.text(), HasSubstr("going on with the 1 addresses known so far"));
  const std::string error = Ask(*MakeChannel(dns, "dns:///none.test:" + port_, options));
  EXPECT_THAT(error, StartsWith("UNAVAILABLE: resolve none.test: "));
  EXPECT_THAT(error, HasSubstr(dns.address()));
  dns.Start();
  dns.Set("127.0.0.3 db.test\n");
  EXPECT_TRUE(GoesTo(*channel, Second()));
}

}  // namespace
}  // namespace dialtone
