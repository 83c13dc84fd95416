#include "dialtone/transport/socket.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include "refused_calls.h"

namespace dialtone {
namespace {

int Option(const Socket& socket, int level, int option) {
  int value = -1;
  socklen_t length = sizeof value;
  EXPECT_EQ(getsockopt(socket.descriptor(), level, option, &value, &length), 0);
  return value;
}

bool WaitFor(const Socket& socket, short events) {
  pollfd waited = {socket.descriptor(), events, 0};
  return poll(&waited, 1, 20'000) == 1;
}

iovec Block(std::string_view text) { return {const_cast<char*>(text.data()), text.size()}; }

std::string ReadSome(Socket& socket) {
  char buffer[100];
  int error = 0;
  EXPECT_TRUE(WaitFor(socket, POLLIN));
  const IoResult result = socket.Read(buffer, error);
  if (result.state == IoResult::State::kEnd) return "(end)";
  EXPECT_EQ(result.state, IoResult::State::kDone) << error;
  return std::string(buffer, result.bytes);
}

struct Pair {
  Socket listener;
  Socket client;
  Socket server;
  Address address;
  Address peer;
};

// Through the whole beginning of a connection's life.
Pair Connected(const Address& address, const StreamOptions* of_listener = nullptr) {
  Pair pair;
  pair.listener = *Socket::CreateStream(address);
  EXPECT_TRUE(pair.listener.Bind(address).ok());
  if (of_listener != nullptr) {
    EXPECT_TRUE(pair.listener.SetStreamOptions(*of_listener, address.family()).ok());
  }
  EXPECT_TRUE(pair.listener.Listen(10).ok());
  pair.address = *pair.listener.LocalAddress();
  pair.client = *Socket::CreateStream(pair.address);
  EXPECT_TRUE(pair.client.Connect(pair.address).ok());
  EXPECT_TRUE(WaitFor(pair.client, POLLOUT));
  Address local;
  EXPECT_TRUE(pair.client.ConnectResult(pair.address, /*may_have_failed=*/true, local).ok());
  EXPECT_EQ(local, *pair.client.LocalAddress());
  EXPECT_TRUE(WaitFor(pair.listener, POLLIN));
  pair.server = *pair.listener.Accept(pair.peer);
  EXPECT_TRUE(pair.server.valid());
  return pair;
}

class SocketOfFamily : public ::testing::TestWithParam<const char*> {
 protected:
  SocketOfFamily() : address_(AddressOf(GetParam())) { Remove(); }
  ~SocketOfFamily() override { Remove(); }
  // Tests run side by side, so a path is a process' own.
  static Address AddressOf(const std::string& text) {
    return *Address::Parse(text.starts_with("unix") ? text + std::to_string(getpid()) : text);
  }
  void Remove() {
    if (!address_.is_ip()) unlink(address_.unix_path().c_str());
  }
  const Address address_;
};

TEST_P(SocketOfFamily, LivesFromCreationToClose) {
  Pair pair = Connected(address_);
  if (address_.is_ip()) {
    EXPECT_NE(pair.address.port(), 0);
    EXPECT_EQ(pair.peer, *pair.client.LocalAddress());
  }
  int error = 0;
  const iovec blocks[] = {Block("hello "), Block("there")};
  EXPECT_EQ(pair.client.Write(blocks, error).bytes, 11u);
  EXPECT_EQ(ReadSome(pair.server), "hello there");

  // Half-close: one direction ends, the other goes on.
  pair.client.ShutdownWrite();
  EXPECT_EQ(ReadSome(pair.server), "(end)");
  const iovec answer[] = {Block("answer")};
  EXPECT_EQ(pair.server.Write(answer, error).bytes, 6u);
  EXPECT_EQ(ReadSome(pair.client), "answer");
  pair.server.Close();
  EXPECT_FALSE(pair.server.valid());
  EXPECT_EQ(ReadSome(pair.client), "(end)");
}

// As a security module or a seccomp filter answers: the connection stays in the backlog.
TEST(SocketAccept, EndsWhereAllThatComesIsAnError) {
  WithRefusedCalls([] {
    Socket listener = *Socket::CreateStream(*Address::Parse("127.0.0.1:0"));
    ASSERT_TRUE(listener.Bind(*Address::Parse("127.0.0.1:0")).ok());
    ASSERT_TRUE(listener.Listen(1).ok());
    ASSERT_TRUE(RefuseSystemCall(SYS_accept4, EPERM));
    Address peer;
    EXPECT_EQ(listener.Accept(peer).status(),
              absl::InternalError("accept " + listener.LocalAddress()->ToString() +
                                  ": operation not permitted"));
  });
}

TEST_P(SocketOfFamily, NeverBlocksAndIsNotInheritedByPrograms) {
  Pair pair = Connected(address_);
  for (const Socket* socket : {&pair.listener, &pair.client, &pair.server}) {
    EXPECT_NE(fcntl(socket->descriptor(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(fcntl(socket->descriptor(), F_GETFD) & FD_CLOEXEC, 0);
  }
  char buffer[1];
  int error = 0;
  EXPECT_EQ(pair.server.Read(buffer, error).state, IoResult::State::kWouldBlock);
  Address peer;
  const absl::StatusOr<Socket> none = pair.listener.Accept(peer);
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->valid());
}

TEST_P(SocketOfFamily, WritingToAPeerThatIsGoneRaisesNoSignal) {
  Pair pair = Connected(address_);
  pair.server.Close();
  int error = 0;
  IoResult result{IoResult::State::kDone};
  const iovec blocks[] = {Block("x")};
  for (int i = 0; i < 10 && result.state != IoResult::State::kFailed; ++i) {
    result = pair.client.Write(blocks, error);
    WaitFor(pair.client, POLLIN);
  }
  EXPECT_EQ(result.state, IoResult::State::kFailed);
  EXPECT_TRUE(error == EPIPE || error == ECONNRESET) << error;
}

TEST_P(SocketOfFamily, FullBuffersBlockNobody) {
  Pair pair = Connected(address_);
  const std::string large(1 << 20, 'x');
  const iovec blocks[] = {Block(large)};
  int error = 0;
  IoResult result{IoResult::State::kDone};
  size_t written = 0;
  while (result.state == IoResult::State::kDone) {
    result = pair.client.Write(blocks, error);
    written += result.bytes;
  }
  EXPECT_EQ(result.state, IoResult::State::kWouldBlock);
  EXPECT_GT(written, 0u);
}

std::string NameOf(const ::testing::TestParamInfo<const char*>& family) {
  return family.index == 0 ? "Ipv4" : family.index == 1 ? "Ipv6" : "Unix";
}
INSTANTIATE_TEST_SUITE_P(Families, SocketOfFamily,
                         ::testing::Values("127.0.0.1:0", "[::1]:0", "unix:/tmp/dialtone-socket-"),
                         NameOf);

TEST_P(SocketOfFamily, ReadsIntoSeveralBlocksAtOnce) {
  Pair pair = Connected(address_);
  int error = 0;
  const iovec blocks[] = {Block("hello world")};
  ASSERT_EQ(pair.client.Write(blocks, error).bytes, 11u);
  ASSERT_TRUE(WaitFor(pair.server, POLLIN));
  char first[6];
  char second[100];
  const iovec into[] = {{first, sizeof first}, {second, sizeof second}};
  const IoResult result = pair.server.ReadScattered(into, error);
  EXPECT_EQ(result.state, IoResult::State::kDone);
  ASSERT_EQ(result.bytes, 11u);
  EXPECT_EQ(std::string_view(first, 6), "hello ");
  EXPECT_EQ(std::string_view(second, 5), "world");
  EXPECT_EQ(pair.server.ReadScattered(into, error).state, IoResult::State::kWouldBlock);
  pair.client.Close();
  ASSERT_TRUE(WaitFor(pair.server, POLLIN));
  EXPECT_EQ(pair.server.ReadScattered(into, error).state, IoResult::State::kEnd);
}

// How many bytes the kernel holds that it has not sent when nobody reads them.
int UnsentBytes(uint32_t unsent_bytes_max) {
  Pair pair = Connected(*Address::Parse("127.0.0.1:0"));
  StreamOptions options;
  options.unsent_bytes_max = unsent_bytes_max;
  EXPECT_TRUE(pair.client.SetStreamOptions(options, Address::Family::kIpv4).ok());
  const std::string large(64 * 1024, 'x');
  const iovec blocks[] = {Block(large)};
  int error = 0;
  // Until it takes no more, twice over: what is under way makes room once more.
  for (int i = 0; i < 2; ++i) {
    IoResult result{IoResult::State::kDone};
    for (int writes = 0; writes < 10'000 && result.state == IoResult::State::kDone; ++writes) {
      result = pair.client.Write(blocks, error);
    }
    EXPECT_EQ(result.state, IoResult::State::kWouldBlock);
    poll(nullptr, 0, 20);
  }
  int unsent = -1;
  EXPECT_EQ(ioctl(pair.client.descriptor(), SIOCOUTQNSD, &unsent), 0);
  return unsent;
}

TEST(Socket, BoundsWhatTheKernelHoldsUnsent) {
  constexpr int kMax = 128 * 1024;
  const int unsent = UnsentBytes(kMax);
  EXPECT_GE(unsent, kMax / 2);
  EXPECT_LE(unsent, kMax + 64 * 1024) << "one segment more, as the kernel counts";
  EXPECT_GT(UnsentBytes(0), 2 * kMax) << "else this shows nothing";
}

StreamOptions OddOptions() {
  StreamOptions options;
  options.keepalive_idle = absl::Seconds(41);
  options.keepalive_interval = absl::Seconds(7);
  options.keepalive_probes = 5;
  options.unacknowledged_timeout = absl::Milliseconds(12'345);
  options.unsent_bytes_max = 77'777;
  return options;
}

void ExpectOddOptions(const Socket& socket) {
  EXPECT_EQ(Option(socket, IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(Option(socket, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(Option(socket, IPPROTO_TCP, TCP_KEEPIDLE), 41);
  EXPECT_EQ(Option(socket, IPPROTO_TCP, TCP_KEEPINTVL), 7);
  EXPECT_EQ(Option(socket, IPPROTO_TCP, TCP_KEEPCNT), 5);
  EXPECT_EQ(Option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT), 12'345);
  EXPECT_EQ(Option(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT), 77'777);
}

// The listener sets them once.
TEST(Socket, AcceptedOnesHaveTheirListenersOptions) {
  const StreamOptions options = OddOptions();
  for (const char* address : {"127.0.0.1:0", "[::1]:0"}) {
    Pair pair = Connected(*Address::Parse(address), &options);
    ExpectOddOptions(pair.server);
  }
}

TEST(Socket, SetsTheOptionsItWasGiven) {
  Pair pair = Connected(*Address::Parse("127.0.0.1:0"));
  StreamOptions options = OddOptions();
  ASSERT_TRUE(pair.client.SetStreamOptions(options, Address::Family::kIpv4).ok());
  ExpectOddOptions(pair.client);
  options.no_delay = false;
  options.keepalive_idle = absl::ZeroDuration();
  options.unacknowledged_timeout = absl::ZeroDuration();
  ASSERT_TRUE(pair.client.SetStreamOptions(options, Address::Family::kIpv4).ok());
  EXPECT_EQ(Option(pair.client, IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_EQ(Option(pair.client, SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_EQ(Option(pair.client, IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
  EXPECT_EQ(Option(pair.listener, SOL_SOCKET, SO_REUSEADDR), 1);
}

TEST(Socket, Ipv6DoesNotTakeTheIpv4Port) {
  Pair pair = Connected(*Address::Parse("[::1]:0"));
  EXPECT_EQ(Option(pair.listener, IPPROTO_IPV6, IPV6_V6ONLY), 1);
}

TEST(Socket, ErrorsNameOperationAndAddress) {
  Pair pair = Connected(*Address::Parse("127.0.0.1:0"));
  Socket second = *Socket::CreateStream(pair.address);
  const absl::Status taken = second.Bind(pair.address);
  EXPECT_EQ(taken.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(taken.message(), "listen " + pair.address.ToString() + ": address already in use");

  const Address missing = *Address::Parse("unix:/tmp/dialtone-no-such-folder/socket");
  Socket nowhere = *Socket::CreateStream(missing);
  EXPECT_EQ(nowhere.Bind(missing).message(),
            "listen unix:/tmp/dialtone-no-such-folder/socket: no such file or directory");
  EXPECT_EQ(nowhere.Connect(missing).message(),
            "connect unix:/tmp/dialtone-no-such-folder/socket: no such file or directory");
}

TEST(Socket, IsCreatedByFamilyTypeAndProtocol) {
  const absl::StatusOr<Socket> datagrams = Socket::Create(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
  ASSERT_TRUE(datagrams.ok()) << datagrams.status();
  int type = 0;
  int protocol = 0;
  socklen_t size = sizeof type;
  ASSERT_EQ(getsockopt(datagrams->descriptor(), SOL_SOCKET, SO_TYPE, &type, &size), 0);
  ASSERT_EQ(getsockopt(datagrams->descriptor(), SOL_SOCKET, SO_PROTOCOL, &protocol, &size), 0);
  EXPECT_EQ(type, SOCK_DGRAM);
  EXPECT_EQ(protocol, IPPROTO_UDP);
  EXPECT_NE(fcntl(datagrams->descriptor(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(fcntl(datagrams->descriptor(), F_GETFD) & FD_CLOEXEC, 0);

  const absl::StatusOr<Socket> impossible = Socket::Create(AF_UNIX, SOCK_STREAM, IPPROTO_TCP);
  EXPECT_EQ(impossible.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(impossible.status().message()), testing::HasSubstr("type 1, protocol 6"));
}

TEST(Socket, MovesItsDescriptor) {
  Pair pair = Connected(*Address::Parse("127.0.0.1:0"));
  const int descriptor = pair.client.descriptor();
  Socket moved = std::move(pair.client);
  EXPECT_EQ(moved.descriptor(), descriptor);
  pair.server = std::move(moved);
  EXPECT_EQ(pair.server.descriptor(), descriptor);
  EXPECT_GE(fcntl(descriptor, F_GETFD), 0);
  pair.server = Socket();
  EXPECT_LT(fcntl(descriptor, F_GETFD), 0);
}

}  // namespace
}  // namespace dialtone
