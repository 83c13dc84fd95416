// What a blocking caller pays: no thread switch but the network's, no wake-up written.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dialtone/transport/socket.h"
#include "loop_support.h"
#include "wakeup.h"

namespace dialtone {
namespace {

constexpr int kCalls = 2000;

// Echoes what one client sends, in a process of its own, until the client closes.
class EchoProcess {
 public:
  EchoProcess() {
    Socket listener = *Socket::CreateStream(Loopback4());
    EXPECT_TRUE(listener.Bind(Loopback4()).ok());
    EXPECT_TRUE(listener.Listen(1).ok());
    address_ = *listener.LocalAddress();
    process_ = fork();
    if (process_ == 0) {
      Echo(listener);
      _exit(0);
    }
  }
  ~EchoProcess() {
    int status = -1;
    waitpid(process_, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const Address& address() const { return address_; }

 private:
  static void WaitFor(Socket& socket) {
    pollfd waited = {socket.descriptor(), POLLIN, 0};
    poll(&waited, 1, -1);
  }
  static void Echo(Socket& listener) {
    WaitFor(listener);
    Address peer;
    Socket client = *listener.Accept(peer);
    char buffer[4096];
    int error = 0;
    while (true) {
      WaitFor(client);
      const IoResult result = client.Read(buffer, error);
      if (result.state == IoResult::State::kWouldBlock) continue;
      if (result.state != IoResult::State::kDone) return;
      const iovec block = {buffer, result.bytes};
      client.Write(std::span<const iovec>(&block, 1), error);
    }
  }

  Address address_;
  pid_t process_ = -1;
};

long VoluntarySwitches() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_nvcsw;
}

// One blocking call: the request leaves under this thread's lead, and the same thread reads the
// answer.
void Call(Network& network, Loop& loop, Recorder& client) {
  Event answered;
  const auto send = [&] {
    client.on_bytes = [&] { answered.Set(); };
    client.received.clear();
    client.Write("ping");
  };
  // The background thread may be looking just now; such a call costs more, and is counted.
  if (LeadScope lead(loop); lead.leading()) {
    send();
  } else {
    loop.Post(send);
  }
  ASSERT_TRUE(loop.Drive(answered, Patience(network)));
}

TEST(CallerLoopCost, BlockingCallsSwitchNoThreadAndWakeNobody) {
  EchoProcess echo;
  const std::unique_ptr<Network> network = NewSocketNetwork();
  const std::unique_ptr<Loop> loop = network->NewCallerLoop("caller");
  Recorder client;
  {
    LeadScope lead(*loop);
    client.stream = loop->Connect(echo.address(), ConnectOptions(), client);
  }
  ASSERT_TRUE(loop->Drive(client.connected, Patience(*network)));
  ASSERT_TRUE(client.connect_status.ok()) << client.connect_status;
  for (int i = 0; i < 100; ++i) Call(*network, *loop, client);

  const uint64_t writes_before = Wakeup::writes();
  const long switches_before = VoluntarySwitches();
  for (int i = 0; i < kCalls; ++i) Call(*network, *loop, client);
  const double switches_per_call =
      static_cast<double>(VoluntarySwitches() - switches_before) / kCalls;
  EXPECT_LE(switches_per_call, 1.1);
  EXPECT_EQ(Wakeup::writes() - writes_before, 0u);
  RecordProperty("switches_per_call", std::to_string(switches_per_call));

  LeadScope lead(*loop);
  ASSERT_TRUE(lead.leading());
  client.stream.reset();
}

// Calls with pauses in which the background thread comes to watch: the first costs a wake-up of
// that thread at most, those after it nothing.
TEST(CallerLoopCost, PausesDoNotMakeLaterCallsDearer) {
  EchoProcess echo;
  SocketNetworkOptions options;
  options.linger = absl::Milliseconds(20);
  const std::unique_ptr<Network> network = NewSocketNetwork(options);
  const std::unique_ptr<Loop> loop = network->NewCallerLoop("caller");
  Recorder client;
  {
    LeadScope lead(*loop);
    client.stream = loop->Connect(echo.address(), ConnectOptions(), client);
  }
  ASSERT_TRUE(loop->Drive(client.connected, Patience(*network)));
  // A busy machine keeps this thread waiting for longer than the linger now and then, which is a pause of its own in the
  // midst of the calls: were pauses dear, all of many rounds would be.
  int cheap = 0;
  for (int pause = 0; pause < 20 && cheap < 3; ++pause) {
    Event never;
    network->Wait(never, network->Now() + absl::Milliseconds(60));
    const uint64_t writes_before = Wakeup::writes();
    const long switches_before = VoluntarySwitches();
    for (int i = 0; i < 500; ++i) Call(*network, *loop, client);
    if (VoluntarySwitches() - switches_before <= 550 && Wakeup::writes() - writes_before <= 1)
      ++cheap;
  }
  EXPECT_EQ(cheap, 3);
  // The background thread may be looking just now.
  Event closed;
  loop->Post([&] {
    client.stream.reset();
    closed.Set();
  });
  EXPECT_TRUE(loop->Drive(closed, Patience(*network)));
}

}  // namespace
}  // namespace dialtone
