// Random programs of calls, cancels, drains and cuts over connections that slice, delay and reset; every call ends once,
// with its own reply or a reason. A failing seed is printed and replays.
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "connection_test_support.h"
#include "support/random_runs.h"

namespace dialtone::dialtone1 {
namespace {

SimOptions UnkindNetwork(uint64_t seed) {
  SimOptions options(seed);
  options.slice_probability = 0.1 * static_cast<double>(seed % 8);
  options.loss_probability = seed % 5 == 0 ? 0.05 : 0.0;
  options.buffer_bytes = seed % 3 == 0 ? 4096 : seed % 16 == 1 ? 512 * 1024 : 64 * 1024;
  return options;
}

class Program final : public ConnectionTest {
 public:
  explicit Program(uint64_t seed) : ConnectionTest(UnkindNetwork(seed)) {}
  void TestBody() override {}

  void Run() {
    ConnectionLimits limits;
    limits.idle_timeout = absl::InfiniteDuration();
    if (network_.random().Below(3) == 0) limits.write_queue_bytes_max = 64 * 1024;
    Start(limits);
    const uint64_t steps = 20 + network_.random().Below(60);
    for (uint64_t step = 0; step < steps; ++step) {
      OneThing();
      for (uint64_t i = network_.random().Below(30); i > 0; --i) network_.Step();
    }
    FinishHandlers(1);
    const bool over = RunUntil(
        [&] {
          FinishHandlers(1);
          return client_->all_done() &&
                 (client_->closed() || client_->connection().calls_in_flight() == 0);
        },
        absl::Hours(10));
    ASSERT_TRUE(over) << "calls are left";
    for (size_t i = 0; i < client_->calls.size(); ++i) CheckCall(i);
    if (!cut_) ExpectServes();
  }

 private:
  void OneThing() {
    SimRandom& random = network_.random();
    switch (random.Below(12)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        OnClient([&] {
          for (uint64_t n = 1 + random.Below(4); n > 0 && !client_->closed(); --n) Begin();
        });
        break;
      case 5:
      case 6:
        OnClient([&] {
          if (client_->calls.empty()) return;
          TestCall& call = *client_->calls[random.Below(client_->calls.size())];
          if (call.stream != nullptr && !call.done()) call.Cancel();
        });
        break;
      case 7:
      case 8:
        FinishHandlers(3);
        break;
      case 9:
        if (random.Below(30) == 0) {
          cut_ = true;
          network_.ResetConnections();
        }
        break;
      case 10:
        if (random.Below(30) == 0) {
          cut_ = true;
          OnServer([&] {
            if (server_->has_connection()) server_->connection().Drain();
          });
        }
        break;
      case 11:
        network_.RunFor(absl::Milliseconds(random.Below(5)));
        break;
    }
  }
  void Begin() {
    if (!client_->connection().has_capacity()) return;
    const uint64_t kinds[] = {0, 10, 1000, 65'536, 70'000, 400'000};
    const size_t size = kinds[network_.random().Below(6)];
    const bool hold = network_.random().Below(3) == 0;
    client_->Call(hold ? kHold : kEcho,
                  Pattern(size, static_cast<uint32_t>(client_->calls.size())));
  }
  // One in `part` of those that wait for the test.
  void FinishHandlers(uint64_t part) {
    OnServer([&] {
      for (size_t i = 0; i < server_->dispatcher.handlers.size(); ++i) {
        TestHandler& handler = *server_->dispatcher.handlers[i];
        if (handler.finished || !(handler.half_closed || handler.cancelled)) continue;
        if (network_.random().Below(part) == 0)
          handler.Reply(handler.messages.empty() ? "" : handler.messages[0]);
      }
    });
  }
  void CheckCall(size_t i) {
    const TestCall& call = *client_->calls[i];
    if (call.cancelled) return;
    if (call.end.status.ok()) {
      ASSERT_EQ(call.messages.size(), 1u) << "call " << i;
      ASSERT_TRUE(call.messages[0] == Pattern(call.messages[0].size(), static_cast<uint32_t>(i)))
          << "call " << i;
      return;
    }
    ASSERT_TRUE(cut_) << "call " << i << ": " << call.end.status;
    ASSERT_EQ(call.code(), absl::StatusCode::kUnavailable) << call.end.status;
  }

  bool cut_ = false;
};

TEST(ConnectionRandomTest, ProgramsEndAllTheirCalls) {
  const char* const only = std::getenv("DIALTONE_SEED");
  const uint64_t first = only != nullptr ? std::strtoull(only, nullptr, 10) : 1;
  const uint64_t last = only != nullptr ? first : RandomRuns(200);
  for (uint64_t seed = first; seed <= last; ++seed) {
    SCOPED_TRACE(absl::StrCat("replay with DIALTONE_SEED=", seed));
    Program program(seed);
    program.Run();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace dialtone::dialtone1
