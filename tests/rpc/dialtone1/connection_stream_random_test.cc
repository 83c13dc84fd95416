// Random programs of streams over connections that slice, delay and reset: messages in both directions, kept and taken,
// ends, early ends, cancels and cuts. No message is lost, doubled or out of order, every call ends once, and nothing is
// held when all is over. A failing seed is printed and replays.
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "connection_stream_support.h"
#include "support/random_runs.h"

namespace dialtone::dialtone1 {
namespace {

SimOptions StreamNetwork(uint64_t seed) {
  SimOptions options(seed);
  options.slice_probability = 0.1 * static_cast<double>(seed % 8);
  options.loss_probability = seed % 5 == 0 ? 0.05 : 0.0;
  options.buffer_bytes = seed % 3 == 0 ? 4096 : seed % 16 == 1 ? 512 * 1024 : 64 * 1024;
  return options;
}

class StreamProgram final : public StreamTest {
 public:
  explicit StreamProgram(uint64_t seed) : StreamTest(StreamNetwork(seed)) {}
  void TestBody() override {}

  void Run() {
    ConnectionLimits limits;
    limits.idle_timeout = absl::InfiniteDuration();
    StartCounted(limits, limits);
    ASSERT_TRUE(RunUntil([&] { return client_->ready != 0; }));
    server_->dispatcher.on_begin = [this](TestHandler& handler) {
      handler.keep = network_.random().Below(2) == 0;
    };
    const uint64_t steps = 50 + network_.random().Below(200);
    for (uint64_t step = 0; step < steps && !client_->closed(); ++step) {
      OneThing();
      for (uint64_t i = network_.random().Below(12); i > 0; --i) network_.Step();
    }
    // Twice, for settling may itself be what finds a connection lost, with no event behind it.
    bool over = false;
    for (int i = 0; i < 2 && !over; ++i) {
      over = RunUntil([&] { return (Settle(), AllOver()); }, absl::Hours(10));
    }
    ASSERT_TRUE(over) << "calls are left";
    for (size_t i = 0; i < streams_.size(); ++i) Check(i);
    ExpectNothingIsLeft();
    if (!cut_) ExpectServes();
  }

 private:
  // One call, as both its users see it.
  struct Stream {
    TestCall* call = nullptr;
    uint32_t requests = 0;  // sent
    uint32_t replies = 0;
    bool half_closed = false;
    bool refused = false;  // finished with an error
  };

  // The same on both sides, for a given place in a given stream.
  std::string Message(size_t stream, bool reply, uint32_t index) const {
    const uint32_t seed = static_cast<uint32_t>(stream * 1000 + index) * 2 + (reply ? 1 : 0);
    const size_t sizes[] = {0, 5, 1000, 20'000, 65'536, 70'000, 150'000, 600'000};
    return Pattern(sizes[(seed * 2654435761u >> 16) % 8], seed);
  }
  // Null until the server has seen the call.
  TestHandler* HandlerOf(size_t stream) {
    auto& handlers = server_->dispatcher.handlers;
    return stream < handlers.size() ? handlers[stream].get() : nullptr;
  }
  static bool Running(const TestHandler* handler) {
    return handler != nullptr && !handler->finished;
  }

  void OneThing() {
    SimRandom& random = network_.random();
    const uint64_t what = random.Below(40);
    if (what < 3 && streams_.size() < 6) {
      OnClient([&] {
        if (!client_->connection().has_capacity()) return;
        streams_.push_back(Stream{&client_->Open(kStream)});
        streams_.back().call->keep = random.Below(2) == 0;
      });
      return;
    }
    if (what == 3 && random.Below(40) == 0) {
      cut_ = true;
      network_.ResetConnections();
      return;
    }
    if (streams_.empty()) return;
    const size_t i = random.Below(streams_.size());
    if (what < 20) {
      OnClient([&] { ClientThing(i, what); });
    } else {
      OnServer([&] { ServerThing(i, what); });
    }
  }
  void ClientThing(size_t i, uint64_t what) {
    Stream& stream = streams_[i];
    TestCall& call = *stream.call;
    if (call.done()) return;
    if (what < 14) {
      if (!stream.half_closed && call.writable) {
        stream.half_closed = what == 13;
        call.Send(Message(i, false, stream.requests++), stream.half_closed);
      }
    } else if (what < 17) {
      if (!call.kept.empty()) call.Take();
    } else if (what == 17) {
      if (!std::exchange(stream.half_closed, true)) call.stream->SendEnd();
    } else if (what == 18) {
      call.keep = !call.keep;
    } else if (network_.random().Below(6) == 0) {
      call.Cancel();
    }
  }
  void ServerThing(size_t i, uint64_t what) {
    TestHandler* const handler = HandlerOf(i);
    if (!Running(handler)) return;
    if (what < 33) {
      if (handler->writable) handler->Send(Message(i, true, streams_[i].replies++));
    } else if (what < 36) {
      if (!handler->kept.empty()) handler->Take();
    } else if (what == 36) {
      handler->keep = !handler->keep;
    } else if (network_.random().Below(6) == 0) {
      streams_[i].refused = network_.random().Below(2) == 0;
      handler->Finish(streams_[i].refused ? absl::AbortedError("early") : absl::OkStatus());
    }
  }

  // What remains: each side takes what it has, the client ends, and then the server does.
  void Settle() {
    OnClient([&] {
      for (Stream& stream : streams_) {
        if (stream.call->done()) continue;
        while (!stream.call->kept.empty()) stream.call->Take();
        if (!std::exchange(stream.half_closed, true)) stream.call->stream->SendEnd();
      }
    });
    OnServer([&] {
      for (size_t i = 0; i < streams_.size(); ++i) {
        TestHandler* const handler = HandlerOf(i);
        if (!Running(handler)) continue;
        while (!handler->kept.empty()) handler->Take();
        if (handler->half_closed || handler->cancelled) handler->Finish(absl::OkStatus());
      }
    });
  }
  bool AllOver() const {
    return client_->all_done() && server_->dispatcher.unfinished() == 0 &&
           (client_->closed() || client_->connection().calls_in_flight() == 0);
  }

  void Check(size_t i) {
    SCOPED_TRACE(absl::StrCat("stream ", i));
    const Stream& stream = streams_[i];
    const TestCall& call = *stream.call;
    CheckMessages(i, call.messages, /*replies=*/true);
    const TestHandler* const handler = HandlerOf(i);
    if (handler != nullptr) CheckMessages(i, handler->messages, /*replies=*/false);
    if (call.cancelled) return;
    ASSERT_TRUE(call.ended);
    if (call.end.status.ok()) {
      ASSERT_NE(handler, nullptr);
      ASSERT_EQ(call.messages.size(), stream.replies) << "OK, and not all that was sent";
      if (handler->half_closed) {
        ASSERT_EQ(handler->messages.size(), stream.requests);
      }
      return;
    }
    if (stream.refused && call.code() == absl::StatusCode::kAborted) return;
    ASSERT_TRUE(cut_) << call.end.status;
    ASSERT_EQ(call.code(), absl::StatusCode::kUnavailable) << call.end.status;
  }
  void CheckMessages(size_t i, const std::vector<std::string>& messages, bool replies) {
    for (uint32_t at = 0; at < messages.size(); ++at) {
      ASSERT_TRUE(messages[at] == Message(i, replies, at))
          << (replies ? "reply " : "request ") << at;
    }
  }

  bool cut_ = false;
  std::vector<Stream> streams_;
};

TEST(ConnectionStreamRandomTest, ProgramsOfStreamsLoseNothing) {
  const char* const only = std::getenv("DIALTONE_SEED");
  const uint64_t first = only != nullptr ? std::strtoull(only, nullptr, 10) : 1;
  const char* const count = std::getenv("DIALTONE_SEEDS");
  const uint64_t many = count != nullptr ? std::strtoull(count, nullptr, 10) : RandomRuns(150);
  const uint64_t last = only != nullptr ? first : many;
  for (uint64_t seed = first; seed <= last; ++seed) {
    SCOPED_TRACE(absl::StrCat("replay with DIALTONE_SEED=", seed));
    StreamProgram program(seed);
    program.Run();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace dialtone::dialtone1
