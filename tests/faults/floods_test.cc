// Floods of frames that cost their sender nothing, on real sockets: each ends that connection with a
// reason, after bounded work, and nobody else's.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "fault_server.h"
#include "frame_writer.h"
#include "raw_socket.h"
#include "test_service.h"

namespace dialtone::faults {
namespace {

using dialtone1::FrameType;
using dialtone1::GoawayReason;

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr size_t kFloodBytesMax = 64 * 1024 * 1024;
#ifdef DIALTONE_SANITIZED
constexpr size_t kGrowthMax = 128 * 1024 * 1024;
#else
constexpr size_t kGrowthMax = 32 * 1024 * 1024;
#endif

std::string FrameOf(FrameType type, uint8_t flags, uint32_t stream, uint32_t argument) {
  char head[dialtone1::kHeaderBytes];
  EncodeHeader(dialtone1::MakeHeader(type, flags, stream, argument), head);
  return std::string(head, sizeof head);
}

// A REQUEST that announces more messages, or pieces, than it brings.
std::string OpenRequest() {
  std::string request = RequestFor(1, kCoroutineMethod.path, "x");
  request[5] = static_cast<char>(dialtone1::kFlagMessage | dialtone1::kFlagMore);
  // The message part is cut into a total (that of a far longer message) and its first bytes.
  const size_t message = request.size() - 3;
  char total[4];
  dialtone1::Store32(total, 1000);
  request.insert(message, total, sizeof total);
  dialtone1::Store32(request.data(), dialtone1::Load32(request.data()) + 4);
  return request;
}

struct Flood {
  std::string name;
  std::string first;  // behind preface and SETTINGS
  std::string frame;  // then again and again
  GoawayReason reason;
};

class FloodsTest : public testing::TestWithParam<Flood> {};

TEST_P(FloodsTest, EndWithAReasonAfterBoundedWork) {
  const Flood& flood = GetParam();
  FaultServer server;
  Channel channel(server.address().ToString());
  const auto get = [&channel](const std::string& text) {
    return Show(StartCoroutine(channel, text, Timeout(kPatience)).Wait());
  };
  ASSERT_EQ(get("before"), "OK: before");
  const size_t memory = server.ResidentBytes();
  const absl::Duration time = server.ProcessorTime();

  RawSocket peer(server.address());
  ASSERT_TRUE(peer.SendAll(Hello() + flood.first, kPatience));
  if (flood.reason == GoawayReason::kLimit && !flood.first.empty()) {
    ASSERT_TRUE(peer.AwaitResponses(1, kPatience));
  }
  std::string block;
  while (block.size() < 64 * 1024) block += flood.frame;
  size_t sent = 0;
  while (sent < kFloodBytesMax && !peer.ended() && !peer.broken()) {
    sent += peer.Send(block);
    peer.Read(absl::ZeroDuration());
  }
  ASSERT_TRUE(peer.AwaitEnd(kPatience)) << "the flood was not ended";
  EXPECT_LT(sent, kFloodBytesMax);
  // What the server says last can be lost to a flood that goes on: it is in its log as well.
  if (peer.ended()) {
    EXPECT_EQ(peer.Goaway().reason, flood.reason) << peer.Goaway().text;
    EXPECT_FALSE(peer.Goaway().text.empty());
  }
  EXPECT_NE(server.Log().find(std::string(GoawayReasonName(flood.reason))), std::string::npos)
      << server.Log();
  const absl::Duration spent = server.ProcessorTime() - time;
  std::printf("%s: ended after %zu KiB, %s of the server's time: %s\n", flood.name.c_str(),
              sent / 1024, absl::FormatDuration(spent).c_str(), peer.Goaway().text.c_str());
  EXPECT_LT(spent, absl::Seconds(5));
  EXPECT_LT(server.ResidentBytes(), memory + kGrowthMax);
  EXPECT_EQ(get("after"), "OK: after");
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, FloodsTest,
    testing::Values(
        Flood{"settings", "", FrameOf(FrameType::kSettings, 0, 0, 0), GoawayReason::kSettings},
        Flood{"pings", "", FrameOf(FrameType::kPing, 0, 0, 7), GoawayReason::kLimit},
        Flood{"ping_answers", "", FrameOf(FrameType::kPing, dialtone1::kFlagEnd, 0, 7),
              GoawayReason::kLimit},
        Flood{"frames_to_pass_over", "", FrameOf(static_cast<FrameType>(0x80 | 30), 0, 0, 0),
              GoawayReason::kLimit},
        Flood{"windows", "", FrameOf(FrameType::kWindow, 0, 0, 1), GoawayReason::kLimit},
        Flood{"empty_pieces", OpenRequest(),
              FrameOf(FrameType::kData, dialtone1::kFlagMessage | dialtone1::kFlagMore, 1, 0),
              GoawayReason::kMessage},
        Flood{"empty_data_of_a_stream_that_has_ended", RequestFor(1, kCoroutineMethod.path, "ends"),
              FrameOf(FrameType::kData, dialtone1::kFlagMessage, 1, 0),
              GoawayReason::kFlowControl}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace dialtone::faults

int main(int argc, char** argv) { return dialtone::faults::MainOfFaultTest(argc, argv); }
