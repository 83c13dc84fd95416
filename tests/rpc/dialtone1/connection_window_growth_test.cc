// Windows that grow with bandwidth × delay, over a way of 50 ms.
#include <deque>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "connection_stream_support.h"
#include "raw_frames.h"

namespace dialtone::dialtone1 {
namespace {

SimOptions FarNetwork() {
  SimOptions options(7);
  options.latency_min = options.latency_max = absl::Milliseconds(25);
  options.bytes_per_second = 100'000'000;
  options.buffer_bytes = 64 * 1024 * 1024;
  options.slice_probability = 0;
  return options;
}

class WindowGrowthTest : public StreamTest {
 protected:
  static constexpr size_t kMessage = 100'000;
  static constexpr uint32_t kCap = 8 * 1024 * 1024;

  WindowGrowthTest() : StreamTest(FarNetwork()) {}

  static ConnectionLimits UpTo(uint32_t cap) {
    ConnectionLimits limits;
    limits.window_bytes_max = cap;
    return limits;
  }
  // How long `count` messages take from the client to the server.
  absl::Duration Upload(TestCall& call, TestHandler& handler, size_t count) {
    const Instant begun = network_.Now();
    std::deque<std::string> left(count, Pattern(kMessage));
    const size_t before = handler.messages.size();
    EXPECT_TRUE(RunUntil([&] {
      if (call.writable) OnClient([&] { SendWhatMayGo(call, left); });
      return handler.messages.size() == before + count;
    }));
    return network_.Now() - begun;
  }
  absl::Duration Download(TestCall& call, TestHandler& handler, size_t count) {
    const Instant begun = network_.Now();
    std::deque<std::string> left(count, Pattern(kMessage));
    EXPECT_TRUE(RunUntil([&] {
      if (handler.writable) OnServer([&] { SendWhatMayGo(handler, left); });
      return call.messages.size() == count;
    }));
    return network_.Now() - begun;
  }
  void EndAll() {
    OnClient([&] {
      for (const auto& call : client_->calls) {
        if (!call->done()) call->Cancel();
      }
    });
    ASSERT_TRUE(RunUntil([&] {
      OnServer([&] {
        for (const auto& handler : server_->dispatcher.handlers) {
          if (!handler->finished && handler->cancelled) handler->Finish(absl::CancelledError(""));
        }
      });
      return server_->dispatcher.unfinished() == 0;
    }));
    ExpectNothingIsLeft();
  }
};

TEST_F(WindowGrowthTest, ABusyStreamGoesAsFastAsTheWayAllows) {
  constexpr size_t kCount = 600;
  absl::Duration took[2][2];
  for (const bool grows : {false, true}) {
    const ConnectionLimits limits = UpTo(grows ? kCap : 0);
    StartCounted(limits, limits);
    TestCall& call = OpenStream();
    took[grows][0] = Upload(call, handler(), kCount);
    took[grows][1] = Download(call, handler(), kCount);
    ExpectServes();
    EndAll();
    OnClient([&] { client_.reset(); });
    network_.RunFor(absl::Seconds(2));
    OnServer([&] { server_.reset(); });
  }
  for (const int direction : {0, 1}) {
    SCOPED_TRACE(direction == 0 ? "upload" : "download");
    RecordProperty(absl::StrCat("fixed_ms_", direction),
                   static_cast<int>(absl::ToInt64Milliseconds(took[0][direction])));
    RecordProperty(absl::StrCat("growing_ms_", direction),
                   static_cast<int>(absl::ToInt64Milliseconds(took[1][direction])));
    // A window a round trip: 60 MB take 11 s. The way itself needs 0.6 s.
    EXPECT_GT(took[0][direction], absl::Seconds(10));
    EXPECT_LT(took[1][direction], absl::Seconds(2));
  }
}

TEST_F(WindowGrowthTest, AWindowGrowsToTheCapAndNoFurther) {
  constexpr uint32_t kLowCap = 1024 * 1024;
  StartCounted(UpTo(kLowCap), UpTo(kLowCap));
  TestCall& starved = OpenStream();
  TestHandler& starved_handler = handler();
  starved_handler.keep = true;
  OnClient([&] {
    while (starved.writable) starved.Send(Pattern(kMessage));
  });
  TestCall& call = OpenStream();
  TestHandler& handler = this->handler();
  Upload(call, handler, 300);
  // Now it is not taken any more.
  handler.keep = true;
  const Instant until = network_.Now() + absl::Seconds(5);
  RunUntil(
      [&] {
        if (call.writable) {
          OnClient([&] {
            while (call.writable) call.Send(Pattern(kMessage));
          });
        }
        return network_.Now() >= until;
      },
      absl::Seconds(5));
  EXPECT_GT(handler.kept_bytes(), kLowCap / 2);
  EXPECT_LE(handler.kept_bytes(), kLowCap + 2 * kMessage);
  EXPECT_LE(starved_handler.kept_bytes(), kMinStreamWindow + 2 * kMessage)
      << "of which nothing is taken, does not grow";
  EXPECT_LE(process_->used(), kLowCap + kMinStreamWindow + 4 * kMessage);
  EndAll();
}

TEST_F(WindowGrowthTest, AStarvedStreamSlowsNoOtherDown) {
  StartCounted(UpTo(kCap), UpTo(kCap));
  for (int i = 0; i < 6; ++i) {
    TestCall& starved = OpenStream();
    handler().keep = true;
    OnClient([&] {
      while (starved.writable) starved.Send(Pattern(kMessage));
    });
  }
  network_.RunFor(absl::Seconds(1));
  TestCall& call = OpenStream();
  EXPECT_LT(Upload(call, handler(), 600), absl::Seconds(2));
  EndAll();
}

TEST_F(WindowGrowthTest, NoWindowGrowsWhileHalfOfTheBudgetIsHeld) {
  ConnectionLimits limits;
  limits.bytes_in_flight_max = 500'000;
  StartCounted(limits);
  TestCall& kept = OpenStream();
  handler().keep = true;
  OnClient([&] {
    for (int i = 0; i < 26; ++i) kept.Send(Pattern(10'000));
  });
  network_.RunFor(absl::Seconds(1));
  ASSERT_GT(process_->used(), 250'000u);
  TestCall& call = OpenStream();
  const absl::Duration took = Upload(call, handler(), 100);
  EXPECT_GT(took, absl::Seconds(1.5)) << "a window a round trip";
  EndAll();
}

// Of messages that do not fill half a window there is nothing to measure.
TEST_F(WindowGrowthTest, FewMessagesAreNotMeasured) {
  StartServer();
  StartRawClient();
  std::string bytes = Hello() + Request(1, kFlagEnd, kEcho, 1);
  OnClient([&] { raw_client_->Send(bytes); });
  for (uint32_t i = 0; i < 50; ++i) {
    OnClient([&] {
      raw_client_->Send(Bytes(FrameType::kRequest, kFlagEnd | kFlagMessage, 2 * i + 3, 1, "hi"));
    });
    network_.RunFor(absl::Seconds(1));
  }
  EXPECT_EQ(raw_client_->Count(FrameType::kResponse, 101), 1u);
  EXPECT_EQ(raw_client_->Count(FrameType::kPing, 0), 0u);
}

}  // namespace
}  // namespace dialtone::dialtone1
