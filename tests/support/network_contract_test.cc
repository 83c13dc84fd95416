// What every network promises: the same tests over the machine's sockets and over the simulation. A
// test that holds on one and not on the other shows a lie in one of them.
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "dialtone/transport/socket_network.h"
#include "gtest/gtest.h"
#include "support/echo_peers.h"
#include "support/sim_network.h"
#include "support/stream_probe.h"

namespace dialtone {
namespace {

struct Kind {
  const char* name;
  std::unique_ptr<Network> (*make)();
};

std::unique_ptr<Network> MakeSockets() { return NewSocketNetwork(); }
std::unique_ptr<Network> MakeSimulation() { return std::make_unique<SimNetwork>(SimOptions(20)); }

class NetworkContractTest : public testing::TestWithParam<Kind> {
 protected:
  NetworkContractTest()
      : network_(GetParam().make()),
        server_(network_->NewReactor("server")),
        client_(network_->NewReactor("client")),
        listen_(*server_),
        probe_(*client_) {}

  ~NetworkContractTest() override { Close(); }

  // To be called, too, by tests whose handlers use what lives in the test's own scope.
  void Close() {
    On(*client_, [&] { probe_.stream.reset(); });
    On(*server_, [&] {
      listen_.peer.stream.reset();
      listen_.listener.reset();
    });
  }

  static Address AnyPort() { return Address::Ipv4({127, 0, 0, 1}, 0); }
  Instant Limit() const { return network_->Now() + absl::Seconds(60); }
  void Await(Event& event) { ASSERT_TRUE(network_->Wait(event, Limit())) << "waited too long"; }

  // Runs `function` under the lead of `loop` and waits for it.
  void On(Loop& loop, const std::function<void()>& function) {
    Event done;
    loop.Post([&] {
      function();
      done.Set();
    });
    Await(done);
  }

  Address Listen(const Address& at = AnyPort()) {
    Address address;
    On(*server_, [&] {
      const absl::Status status = listen_.Listen(*network_, at);
      ASSERT_TRUE(status.ok()) << status;
      address = listen_.listener->address();
    });
    return address;
  }

  // A connection between probe_ and listen_.peer.
  void ConnectPair() {
    const Address address = Listen();
    On(*client_, [&] { probe_.Connect(address); });
    Await(probe_.connected);
    ASSERT_TRUE(probe_.status.ok()) << probe_.status;
    Await(listen_.accepted);
  }

  StreamProbe& peer() { return listen_.peer; }

  const std::unique_ptr<Network> network_;
  const std::unique_ptr<Loop> server_;
  const std::unique_ptr<Loop> client_;
  ListenProbe listen_;
  StreamProbe probe_;
};

TEST_P(NetworkContractTest, BytesComeBackInOrderOnACallerLoop) {
  EchoServer echo(*server_);
  On(*server_, [&] { ASSERT_TRUE(echo.Listen(*network_, AnyPort()).ok()); });
  const auto loop = network_->NewCallerLoop("caller");
  EchoClient client(*loop, 3'000'000);
  loop->Post([&] { client.Start(echo.address()); });
  EXPECT_TRUE(loop->Drive(client.done(), Limit()));
  EXPECT_TRUE(client.result().ok()) << client.result();
  Event closed;
  loop->Post([&] {
    client.Close();
    closed.Set();
  });
  EXPECT_TRUE(loop->Drive(closed, Limit()));
  On(*server_, [&] { echo.Close(); });
}

TEST_P(NetworkContractTest, UnixSocketsEcho) {
  const std::string path = absl::StrCat(testing::TempDir(), "/contract-", getpid(), ".sock");
  unlink(path.c_str());
  EchoServer echo(*server_);
  On(*server_, [&] { ASSERT_TRUE(echo.Listen(*network_, Address::Unix(path)).ok()); });
  EXPECT_EQ(echo.address().unix_path(), path);
  EchoClient client(*client_, 100'000);
  On(*client_, [&] { client.Start(echo.address()); });
  Await(client.done());
  EXPECT_TRUE(client.result().ok()) << client.result();
  On(*client_, [&] { client.Close(); });
  On(*server_, [&] { echo.Close(); });
  unlink(path.c_str());
}

TEST_P(NetworkContractTest, BothSidesKnowWhoTheyTalkTo) {
  ConnectPair();
  Address client_local, client_peer, server_local, server_peer;
  On(*client_, [&] {
    client_local = probe_.stream->local();
    client_peer = probe_.stream->peer();
  });
  On(*server_, [&] {
    server_local = peer().stream->local();
    server_peer = peer().stream->peer();
  });
  EXPECT_EQ(client_local, server_peer);
  EXPECT_EQ(client_peer, server_local);
  EXPECT_NE(client_local.port(), 0);
  EXPECT_NE(client_peer.port(), 0);
}

TEST_P(NetworkContractTest, ListenerOnABusyAddressIsAnErrorThatNamesIt) {
  const Address address = Listen();
  On(*client_, [&] {
    ListenProbe second(*client_);
    const absl::Status status = second.Listen(*network_, address);
    EXPECT_EQ(std::string(status.message()),
              absl::StrCat("listen ", address.ToString(), ": address already in use"));
    EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  });
}

TEST_P(NetworkContractTest, ConnectToNobodyIsRefusedAndToldOnce) {
  const Address address = Listen();
  On(*server_, [&] { listen_.listener.reset(); });
  On(*client_, [&] {
    probe_.Connect(address);
    EXPECT_EQ(probe_.connected_calls, 0) << "told from within Connect";
  });
  Await(probe_.connected);
  EXPECT_EQ(probe_.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(std::string(probe_.status.message()),
            absl::StrCat("connect ", address.ToString(), ": connection refused"));
  On(*client_, [&] {
    EXPECT_EQ(probe_.connected_calls, 1);
    EXPECT_EQ(probe_.readable_calls, 0);
  });
}

TEST_P(NetworkContractTest, HalfClosedStreamStillReads) {
  ConnectPair();
  On(*client_, [&] {
    EXPECT_EQ(probe_.WriteUntilBlocked("q", 1), 1u);
    probe_.stream->ShutdownWrite();
  });
  Await(peer().ended);
  On(*server_, [&] {
    EXPECT_EQ(peer().received, "q");
    EXPECT_EQ(peer().WriteUntilBlocked("a", 1), 1u);
    peer().stream->ShutdownWrite();
  });
  Await(probe_.ended);
  On(*client_, [&] { EXPECT_EQ(probe_.received, "a"); });
}

TEST_P(NetworkContractTest, DestroyedStreamEndsItsPeer) {
  ConnectPair();
  On(*client_, [&] {
    EXPECT_EQ(probe_.WriteUntilBlocked("x", 1), 1u);
    probe_.stream.reset();
  });
  Await(peer().ended);
  On(*server_, [&] { EXPECT_EQ(peer().received, "x"); });
}

TEST_P(NetworkContractTest, DestroyingAStreamWithUnreadInputResetsItsPeer) {
  ConnectPair();
  Event arrived;
  On(*server_, [&] {
    peer().on_readable = [&] {
      peer().stream.reset();
      arrived.Set();
    };
  });
  On(*client_, [&] { EXPECT_EQ(probe_.WriteUntilBlocked("unread", 6) > 0, true); });
  Await(arrived);
  Await(probe_.failed);
  EXPECT_EQ(probe_.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(absl::StrContains(probe_.status.message(), "connection reset by peer"))
      << probe_.status;
}

TEST_P(NetworkContractTest, ReadinessIsToldAgainUntilAllIsRead) {
  ConnectPair();
  Event all;
  On(*server_, [&] {
    peer().on_readable = [&] {
      peer().ReadOnce(1);
      if (peer().received.size() == 100) all.Set();
    };
  });
  On(*client_, [&] { EXPECT_EQ(probe_.WriteUntilBlocked("b", 100), 100u); });
  Await(all);
  On(*server_, [&] { EXPECT_GE(peer().readable_calls, 100); });
  Close();
}

TEST_P(NetworkContractTest, PausedReadingStopsTheWriterAndResumedReadingTellsOfRoom) {
  ConnectPair();
  On(*server_, [&] { peer().stream->SetReading(false); });
  const std::string piece(64 * 1024, 'p');
  size_t written = 0;
  On(*client_, [&] {
    written = probe_.WriteUntilBlocked(piece, 256 * 1024 * 1024);
    EXPECT_LT(written, 256u * 1024 * 1024) << "a writer whom nobody reads was never stopped";
  });
  On(*server_, [&] {
    EXPECT_EQ(peer().readable_calls, 0);
    peer().stream->SetReading(true);
  });
  Await(probe_.writable);
  On(*client_, [&] { probe_.stream->ShutdownWrite(); });
  Await(peer().ended);
  On(*server_, [&] { EXPECT_EQ(peer().received.size(), written); });
}

TEST_P(NetworkContractTest, StreamMayBeDestroyedInAnyHandler) {
  const Address address = Listen();
  Event connected;
  probe_.on_connected = [&] {
    probe_.stream.reset();
    connected.Set();
  };
  On(*client_, [&] { probe_.Connect(address); });
  Await(connected);
  Await(listen_.accepted);
  Await(peer().ended);
  On(*server_, [&] { peer().stream.reset(); });
  On(*client_, [&] {
    EXPECT_EQ(probe_.connected_calls, 1);
    EXPECT_EQ(probe_.readable_calls, 0);
  });
}

TEST_P(NetworkContractTest, ReplacedHandlerIsToldInstead) {
  ConnectPair();
  StreamProbe other(*server_);
  Event moved;
  Event got;
  other.on_received = [&] {
    if (absl::StrContains(other.received, "2")) got.Set();
  };
  On(*server_, [&] {
    peer().on_received = [&] {
      other.stream = std::move(peer().stream);
      other.stream->SetHandler(other);
      moved.Set();
    };
  });
  On(*client_, [&] { EXPECT_EQ(probe_.WriteUntilBlocked("1", 1), 1u); });
  Await(moved);
  On(*client_, [&] { EXPECT_EQ(probe_.WriteUntilBlocked("2", 1), 1u); });
  Await(got);
  On(*server_, [&] {
    EXPECT_EQ(peer().received, "1");
    EXPECT_EQ(other.received, "2");
    other.stream.reset();
  });
}

TEST_P(NetworkContractTest, AcceptedConnectionMayGoToAnotherLoop) {
  StreamProbe adopted(*client_);
  Event adopted_event;
  On(*server_, [&] {
    listen_.on_accept = [&](std::unique_ptr<AcceptedStream> stream) {
      client_->Post([&, moved = std::move(stream)]() mutable {
        adopted.stream = std::move(*moved).Adopt(*client_, adopted);
        adopted_event.Set();
      });
    };
  });
  const Address address = Listen();
  On(*client_, [&] { probe_.Connect(address); });
  Await(adopted_event);
  Await(probe_.connected);
  On(*client_, [&] { EXPECT_EQ(probe_.WriteUntilBlocked("m", 1), 1u); });
  On(*client_, [&] { probe_.stream->ShutdownWrite(); });
  Await(adopted.ended);
  On(*client_, [&] {
    EXPECT_EQ(adopted.received, "m");
    adopted.stream.reset();
  });
}

TEST_P(NetworkContractTest, AcceptedConnectionThatNobodyTakesIsClosed) {
  On(*server_, [&] { listen_.on_accept = [](std::unique_ptr<AcceptedStream>) {}; });
  const Address address = Listen();
  On(*client_, [&] { probe_.Connect(address); });
  Await(probe_.ended);
}

struct OrderTimer final : Timer {
  OrderTimer(int the_name, std::vector<int>& the_order, Event& the_last)
      : name(the_name), order(the_order), last(the_last) {}
  void OnTimer() override {
    EXPECT_FALSE(armed());
    order.push_back(name);
    if (order.size() == 3) last.Set();
  }
  int name;
  std::vector<int>& order;
  Event& last;
};

TEST_P(NetworkContractTest, TimersFireInTheirOrderAndNeverEarly) {
  std::vector<int> order;
  Event last;
  OrderTimer third(3, order, last), first(1, order, last), second(2, order, last),
      never(0, order, last);
  Instant start;
  On(*client_, [&] {
    start = client_->Now();
    client_->Arm(third, start + absl::Milliseconds(30));
    client_->Arm(never, start + absl::Milliseconds(5));
    client_->Arm(first, start + absl::Hours(1));
    client_->Arm(second, start + absl::Milliseconds(20));
    client_->Arm(first, start + absl::Milliseconds(10));
    client_->Disarm(never);
  });
  Await(last);
  EXPECT_GE(network_->Now() - start, absl::Milliseconds(30));
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST_P(NetworkContractTest, PostedWorkRunsInOrderUnderTheLeadAndNeverWithinPost) {
  std::vector<int> order;
  Event last;
  On(*client_, [&] {
    for (int i = 0; i < 5; ++i) {
      client_->Post([&, i] {
        EXPECT_TRUE(client_->IsLeading());
        order.push_back(i);
        if (i == 4) last.Set();
      });
    }
    EXPECT_TRUE(order.empty());
  });
  Await(last);
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

struct BatchProbe final : Loop::BatchEnd {
  explicit BatchProbe(Loop& the_loop) : loop(the_loop) {}
  void OnBatchEnd() override {
    EXPECT_TRUE(loop.IsLeading());
    if (++runs == 20) {
      done.Set();
    } else {
      loop.AtBatchEnd(*this);
    }
  }
  Loop& loop;
  int runs = 0;
  Event done;
};

TEST_P(NetworkContractTest, BatchEndRunsAfterTheBatchAndMayScheduleItselfAgain) {
  BatchProbe batch(*client_);
  On(*client_, [&] {
    client_->AtBatchEnd(batch);
    client_->AtBatchEnd(batch);
    EXPECT_EQ(batch.runs, 0);
  });
  Await(batch.done);
  On(*client_, [&] { EXPECT_EQ(batch.runs, 20); });
}

TEST_P(NetworkContractTest, DeferredWorkIsLedOnAReactorAndFreeOnACallerLoop) {
  const auto caller = network_->NewCallerLoop("caller");
  Event on_reactor;
  Event on_caller;
  client_->Defer([&] {
    EXPECT_TRUE(client_->IsLeading());
    on_reactor.Set();
  });
  caller->Defer([&] {
    EXPECT_EQ(Loop::Current(), nullptr);
    on_caller.Set();
  });
  Await(on_reactor);
  EXPECT_TRUE(caller->Drive(on_caller, Limit()));
}

TEST_P(NetworkContractTest, CallerLoopWithSomethingInFlightRunsThoughNobodyDrivesIt) {
  const auto caller = network_->NewCallerLoop("caller");
  std::vector<int> order{0, 0};
  Event fired;
  OrderTimer timer(1, order, fired);
  caller->Attend(+1);
  caller->Post([&] { caller->Arm(timer, caller->Now() + absl::Milliseconds(5)); });
  Await(fired);
  caller->Attend(-1);
}

TEST_P(NetworkContractTest, LeadThatIsTakenAllowsWhatALeaderMay) {
  const auto caller = network_->NewCallerLoop("caller");
  BatchProbe batch(*caller);
  bool led = false;
  for (int i = 0; i < 1000 && !led; ++i) {
    LeadScope lead(*caller);
    led = lead.leading();
    if (!led) continue;
    const LeadScope nested(*caller);
    EXPECT_TRUE(nested.leading());
    caller->AtBatchEnd(batch);
  }
  EXPECT_TRUE(led);
  EXPECT_EQ(Loop::Current(), nullptr);
  EXPECT_TRUE(caller->Drive(batch.done, Limit()));
}

TEST_P(NetworkContractTest, WaitsEndAtTheirTime) {
  Event never;
  const Instant start = network_->Now();
  EXPECT_FALSE(network_->Wait(never, start + absl::Milliseconds(3)));
  EXPECT_GE(network_->Now() - start, absl::Milliseconds(3));
  const auto caller = network_->NewCallerLoop("caller");
  const Instant later = network_->Now();
  EXPECT_FALSE(caller->Drive(never, later + absl::Milliseconds(3)));
  EXPECT_GE(network_->Now() - later, absl::Milliseconds(3));
  never.Set();
  EXPECT_TRUE(caller->Drive(never, Instant())) << "what is set already needs no time";
}

TEST_P(NetworkContractTest, LoopRunsWhatWasPostedBeforeItGoes) {
  int runs = 0;
  for (bool reactor : {true, false}) {
    auto loop = reactor ? network_->NewReactor("short") : network_->NewCallerLoop("short");
    loop->Post([&] { ++runs; });
    loop.reset();
  }
  EXPECT_EQ(runs, 2);
}

TEST_P(NetworkContractTest, WorkersRunWithoutALeadAndFinishBeforeTheyGo) {
  std::atomic<int> runs = 0;
  struct Count final : Work {
    void Run() override {
      EXPECT_EQ(Loop::Current(), nullptr);
      ++*runs;
    }
    std::atomic<int>* runs;
  };
  std::vector<std::unique_ptr<Count>> works;
  auto workers = network_->NewWorkers(2, 100);
  for (int i = 0; i < 100; ++i) {
    works.push_back(std::make_unique<Count>());
    works.back()->runs = &runs;
    EXPECT_TRUE(workers->Post(*works.back()));
  }
  workers.reset();
  EXPECT_EQ(runs.load(), 100);
}

TEST_P(NetworkContractTest, RandomSeedsDiffer) {
  EXPECT_NE(network_->RandomSeed(), network_->RandomSeed());
}

INSTANTIATE_TEST_SUITE_P(Networks, NetworkContractTest,
                         testing::Values(Kind{"Sockets", MakeSockets},
                                         Kind{"Simulation", MakeSimulation}),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace dialtone
