// Names: what is one, what a hosts file says, in which order addresses are tried.
#include "dialtone/transport/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>

#include "dialtone/transport/event.h"
#include "dialtone/transport/socket_network.h"
#include "exhaustion.h"
#include "loop_support.h"

namespace dialtone {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Shown(const std::vector<Address>& addresses) {
  std::vector<std::string> shown;
  for (const Address& address : addresses) shown.push_back(address.ToString());
  return shown;
}

TEST(HostName, LettersDigitsAndAFewSigns) {
  for (const char* name : {"db", "db.example", "db.example.", "a-b_c.d1", "1and1.example", "x1"})
    EXPECT_TRUE(IsHostName(name)) << name;
  for (const char* name : {"", ".", "a..b", "10.0.0.256", "1.2", "a b", "a/b", "a:b", "[a]", "a,b"})
    EXPECT_FALSE(IsHostName(name)) << name;
  EXPECT_TRUE(IsHostName(std::string(63, 'a')));
  EXPECT_FALSE(IsHostName(std::string(64, 'a')));
  std::string longest;
  while (longest.size() < 250) longest += "a.";
  EXPECT_TRUE(IsHostName(longest + "aaa"));
  EXPECT_FALSE(IsHostName(longest + "aaaa"));
}

TEST(Families, AreTriedInTurn) {
  const Address four_a = Address::Ipv4({1, 0, 0, 1}, 0);
  const Address four_b = Address::Ipv4({1, 0, 0, 2}, 0);
  const Address four_c = Address::Ipv4({1, 0, 0, 3}, 0);
  const Address six = Address::Ipv6({0xfd}, 0);
  EXPECT_THAT(InterleaveFamilies({four_a, four_b, six, four_c}, 10),
              ElementsAre(six, four_a, four_b, four_c));
  EXPECT_THAT(InterleaveFamilies({four_a, four_b, six, four_c}, 2), ElementsAre(six, four_a));
  EXPECT_THAT(InterleaveFamilies({four_a, four_b}, 10), ElementsAre(four_a, four_b));
}

TEST(Hosts, LinesGiveNamesAddresses) {
  const std::string hosts =
      "# a comment\n"
      "10.0.0.1\tdb.example db\r\n"
      "  10.0.0.2 other # db\n"
      "fd00::1 DB\n"
      "10.0.0.1 db\n"
      "not-an-ip db\n"
      "10.0.0.9";
  EXPECT_THAT(Shown(FindInHosts(hosts, "db")), ElementsAre("10.0.0.1:0", "[fd00::1]:0"));
  EXPECT_THAT(Shown(FindInHosts(hosts, "db.example.")), ElementsAre("10.0.0.1:0"));
  EXPECT_THAT(Shown(FindInHosts(hosts, "none")), ElementsAre());
  EXPECT_THAT(Shown(FindInHosts("", "localhost")), ElementsAre("[::1]:0", "127.0.0.1:0"));
  EXPECT_THAT(Shown(FindInHosts("", "a.localhost")), ElementsAre("[::1]:0", "127.0.0.1:0"));
  EXPECT_THAT(Shown(FindInHosts("127.0.0.2 localhost", "localhost")), ElementsAre("127.0.0.2:0"));
}

// A network's answer, waited for.
absl::StatusOr<NameAnswer> LookUp(Network& network, std::string_view host,
                                  const NameOptions& options) {
  Event answered;
  absl::StatusOr<NameAnswer> kept = absl::UnknownError("no answer");
  network.LookUp(host, options, [&](absl::StatusOr<NameAnswer> answer) {
    kept = std::move(answer);
    answered.Set();
  });
  EXPECT_TRUE(network.Wait(answered, network.Now() + absl::Seconds(60)));
  return kept;
}

class HostsFile {
 public:
  explicit HostsFile(const std::string& text)
      : path_(testing::TempDir() + "/hosts." + std::to_string(getpid())) {
    Write(text);
  }
  ~HostsFile() { std::remove(path_.c_str()); }
  void Write(const std::string& text) const { std::ofstream(path_) << text; }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

TEST(SocketNetworkNames, TheHostsFileIsReadAtEachLookup) {
  const HostsFile hosts("10.1.1.1 box\n");
  NameOptions options;
  options.hosts_file = hosts.path();
  const auto network = NewSocketNetwork();
  auto answer = LookUp(*network, "box", options);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(Shown(answer->addresses), ElementsAre("10.1.1.1:0"));
  hosts.Write("10.1.1.2 box\n");
  answer = LookUp(*network, "box", options);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(Shown(answer->addresses), ElementsAre("10.1.1.2:0"));
}

TEST(SocketNetworkNames, SoManyLookupsAtATime) {
  const HostsFile hosts("10.1.1.1 box\n");
  NameOptions options;
  options.hosts_file = hosts.path();
  SocketNetworkOptions network_options;
  network_options.name_lookups_max = 0;
  const auto network = NewSocketNetwork(network_options);
  EXPECT_EQ(LookUp(*network, "box", options).status(),
            absl::ResourceExhaustedError("resolve box: 0 names are being looked up "
                                         "(SocketNetworkOptions::name_lookups_max)"));
}

TEST(SocketNetworkNames, WithoutADescriptorForItsThreadTheLookupEnds) {
  const auto network = NewSocketNetwork();
  const auto reactor = network->NewReactor("reactor");
  const absl::Status expected =
      absl::ResourceExhaustedError("resolve localhost: too many open files");
  {
    Exhaustion exhaustion(0);
    EXPECT_EQ(LookUp(*network, "localhost", NameOptions()).status(), expected);
    bool told = false;
    RunOn(*network, *reactor, [&] {
      network->LookUp("localhost", NameOptions(), [&](const absl::StatusOr<NameAnswer>& answer) {
        EXPECT_EQ(answer.status(), expected);
        told = true;
      });
      EXPECT_FALSE(told) << "from within";
    });
    RunOn(*network, *reactor, [&] { EXPECT_TRUE(told); });
  }
  EXPECT_TRUE(LookUp(*network, "localhost", NameOptions()).ok());
}

#ifndef DIALTONE_HAS_CARES

TEST(SocketNetworkNames, WithoutCaresNoNameServerIsAsked) {
  const auto network = NewSocketNetwork();
  const absl::Status status = LookUp(*network, "db.example", NameOptions()).status();
  EXPECT_TRUE(absl::IsUnimplemented(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("resolve db.example: "));
  EXPECT_THAT(std::string(status.message()), HasSubstr("c-ares"));
}

#else

// A name server on 127.0.0.1 that answers questions for A with 1.2.3.4, or none at all. It runs
// until it is destroyed.
class NameServer {
 public:
  explicit NameServer(bool answers)
      : answers_(answers), socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    socklen_t size = sizeof at;
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = at.sin_port;
    thread_ = std::thread([this] { Serve(); });
  }
  ~NameServer() {
    stopping_ = true;
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = port_;
    sendto(socket_, "", 0, 0, reinterpret_cast<sockaddr*>(&at), sizeof at);  // wakes it
    thread_.join();
    close(socket_);
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(ntohs(port_)); }
  Event& asked() { return asked_; }

 private:
  void Serve() {
    unsigned char packet[512];
    while (true) {
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t count = recvfrom(socket_, packet, sizeof packet - 16, 0,
                                     reinterpret_cast<sockaddr*>(&from), &size);
      if (stopping_) return;
      if (count < 17) continue;
      asked_.Set();
      size_t end = 12;
      while (packet[end] != 0) end += packet[end] + 1u;
      end += 5;  // the name's end, its type and class
      const bool for_ipv4 = packet[end - 3] == 1;
      if (!answers_ || !for_ipv4) continue;
      packet[2] = 0x81;
      packet[3] = 0x80;
      packet[7] = 1;   // one answer
      packet[11] = 0;  // nothing additional
      const unsigned char answer[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 7, 0, 4, 1, 2, 3, 4};
      std::memcpy(packet + end, answer, sizeof answer);
      sendto(socket_, packet, end + sizeof answer, 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }

  const bool answers_;
  const int socket_;
  in_port_t port_ = 0;
  std::atomic<bool> stopping_{false};
  Event asked_;
  std::thread thread_;
};

NameOptions Asking(const NameServer& server) {
  NameOptions options;
  options.servers = {server.address()};
  return options;
}

TEST(SocketNetworkNames, OneFamilyIsNotHeldUpByTheOther) {
  NameServer server(true);
  NameOptions options = Asking(server);
  options.timeout = absl::Seconds(50);
  options.try_timeout = absl::Seconds(20);
  const auto network = NewSocketNetwork();
  const Instant before = network->Now();
  const auto answer = LookUp(*network, "db.example", options);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(Shown(answer->addresses), ElementsAre("1.2.3.4:0"));
  EXPECT_EQ(answer->ttl, absl::Seconds(7));
  EXPECT_GE(network->Now() - before, options.other_family_wait);
  EXPECT_LT(network->Now() - before, absl::Seconds(10));
}

TEST(SocketNetworkNames, ASilentServerIsNotWaitedForLongerThanTheTimeout) {
  NameServer server(false);
  NameOptions options = Asking(server);
  options.timeout = absl::Milliseconds(300);
  const auto network = NewSocketNetwork();
  EXPECT_EQ(LookUp(*network, "db.example", options).status(),
            absl::UnavailableError("resolve db.example: no answer from name server " +
                                   server.address() + " within 300ms (NameOptions::timeout)"));
}

TEST(SocketNetworkNames, OrThanItsTriesTake) {
  NameServer server(false);
  NameOptions options = Asking(server);
  options.timeout = absl::Seconds(50);
  options.try_timeout = absl::Milliseconds(20);
  options.tries = 1;
  const auto network = NewSocketNetwork();
  const Instant before = network->Now();
  EXPECT_EQ(
      LookUp(*network, "db.example", options).status(),
      absl::UnavailableError("resolve db.example: no answer from name server " + server.address()));
  EXPECT_LT(network->Now() - before, absl::Seconds(20));
}

TEST(SocketNetworkNames, ANetworkThatIsDestroyedEndsItsLookups) {
  NameServer server(false);
  auto network = NewSocketNetwork();
  std::vector<absl::Status> ended;
  for (int i = 0; i < 200; ++i) {  // more than are asked at a time
    network->LookUp("db.example", Asking(server),
                    [&](absl::StatusOr<NameAnswer> answer) { ended.push_back(answer.status()); });
  }
  ASSERT_TRUE(network->Wait(server.asked(), network->Now() + absl::Seconds(60)));
  network.reset();
  ASSERT_EQ(ended.size(), 200u);
  for (const absl::Status& status : ended) {
    EXPECT_EQ(status, absl::CancelledError("resolve db.example: the network is being destroyed"));
  }
}

// Asks for so many names at once; true if all have been answered in time.
bool AllAreAnswered(int lookups, const NameOptions& options) {
  std::atomic<int> left{lookups};
  Event all_answered;
  const auto network = NewSocketNetwork();
  for (int i = 0; i < lookups; ++i) {
    network->LookUp("h" + std::to_string(i) + ".example", options,
                    [&](const absl::StatusOr<NameAnswer>& answer) {
                      EXPECT_TRUE(absl::IsUnavailable(answer.status())) << answer.status();
                      if (--left == 0) all_answered.Set();
                    });
  }
  return network->Wait(all_answered, network->Now() + absl::Seconds(20));
}

TEST(SocketNetworkNames, LookupsThatFailAtOnceLetTheNextBegin) {
  NameOptions options;
  options.servers = {"nonsense"};
  EXPECT_TRUE(AllAreAnswered(200, options));
}

TEST(SocketNetworkNames, LookupsThatEndTogetherLetTheNextBegin) {
  NameServer server(false);
  NameOptions options = Asking(server);
  options.timeout = absl::Milliseconds(300);
  EXPECT_TRUE(AllAreAnswered(100, options));
}

TEST(SocketNetworkNames, OneWhoseTurnCameTooLateSaysSo) {
  NameServer server(false);
  NameOptions options = Asking(server);
  options.timeout = absl::Milliseconds(200);
  const auto network = NewSocketNetwork();
  for (int i = 0; i < 64; ++i)
    network->LookUp("first.example", options, [](const absl::StatusOr<NameAnswer>&) {});
  options.timeout = absl::Milliseconds(100);
  EXPECT_EQ(LookUp(*network, "db.example", options).status(),
            absl::UnavailableError("resolve db.example: its turn had not come within 100ms "
                                   "(NameOptions::timeout): 64 names are looked up at a time"));
}

TEST(SocketNetworkNames, ABadServerSaysSo) {
  NameOptions options;
  options.servers = {"not a server"};
  const auto network = NewSocketNetwork();
  const absl::Status status = LookUp(*network, "db.example", options).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("not a server"));
}

#endif

}  // namespace
}  // namespace dialtone
