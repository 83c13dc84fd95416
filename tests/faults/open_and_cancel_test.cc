// Clients that open calls and cancel them at once, as fast as they can: with this library, and in
// bytes. What runs at a time stays bounded by the connection's limit, and others are served.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "call_fixture.h"
#include "frame.h"
#include "frame_writer.h"
#include "metadata_block.h"
#include "preface.h"
#include "settings.h"

namespace dialtone::faults {
namespace {

#ifdef DIALTONE_SANITIZED
constexpr int kCalls = 5'000;
#else
constexpr int kCalls = 50'000;
#endif
constexpr uint32_t kStreamsMax = 64;

std::string Preamble() {
  std::string bytes(dialtone1::kPreface);
  dialtone1::AppendSettingsFrame(dialtone1::Settings(), bytes);
  return bytes;
}

// A REQUEST by name, and a CANCEL behind it.
std::string OpenAndCancel(uint32_t stream) {
  using namespace dialtone1;
  std::string block;
  AppendPair(block, kPathKey, kCoroutineMethod.path);
  const FrameHeader request =
      MakeHeader(FrameType::kRequest, kFlagEnd | kFlagMessage, stream, /*method id*/ 0);
  std::string bytes(FrameBytes(TimePrefix::None(), block, 0), '\0');
  WriteFrameHead(request, TimePrefix::None(), block, 0, bytes.data());
  std::string cancel(kHeaderBytes, '\0');
  EncodeHeader(MakeHeader(FrameType::kCancel, 0, stream, 0), cancel.data());
  return bytes + cancel;
}

// A blocking connection to a port of this machine.
class RawClient {
 public:
  explicit RawClient(const std::string& target) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    int port = 0;
    DIALTONE_CHECK(absl::SimpleAtoi(target.substr(target.rfind(':') + 1), &port));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    DIALTONE_CHECK(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
                   "the server is gone");
    const timeval patience{0, 100'000};
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }
  ~RawClient() { close(socket_); }
  // False: the server takes no more for now, or has closed.
  bool Send(const std::string& bytes) {
    return send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  void DropWhatCame() {
    char bytes[64 * 1024];
    while (recv(socket_, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
    }
  }

 private:
  const int socket_;
};

// Handlers that wait until they are told of the cancel, or a millisecond, and how many do at a time.
class OpenAndCancelTest : public testing::Test {
 protected:
  OpenAndCancelTest()
      : server_([this](ServerCall&, const Text&, Text& reply) { return Work(reply); }, PlainHello,
                false, RealServer::TwoReactors(), Options()),
        channel_(server_.target, server_.ClientOptions()) {
    EXPECT_TRUE(channel_.WaitUntilReady(absl::Seconds(60)));
  }
  static ServerOptions Options() {
    ServerOptions options;
    options.limits.streams_max = kStreamsMax;
    return options;
  }
  Task<absl::Status> Work(Text& reply) {
    const int now = ++running_;
    int most = most_running_;
    while (most < now && !most_running_.compare_exchange_weak(most, now)) {
    }
    ++begun_;
    absl::Status slept = co_await Sleep(absl::Milliseconds(1));
    --running_;
    reply.set_value("done");
    co_return slept;
  }
  // How long a good client waits for an answer, the slowest one in a hundred apart.
  std::chrono::nanoseconds GoodClientsWait(const std::atomic<bool>& flooding) {
    std::vector<std::chrono::nanoseconds> waits;
    while (flooding || waits.size() < 200) {
      const auto began = std::chrono::steady_clock::now();
      const auto reply = StartPlain(channel_, "x", Timeout(absl::Seconds(60))).Wait();
      EXPECT_TRUE(reply.ok()) << reply.status();
      waits.push_back(std::chrono::steady_clock::now() - began);
    }
    std::sort(waits.begin(), waits.end());
    return waits[waits.size() * 99 / 100];
  }
  void ExpectRest() {
    EXPECT_TRUE(Eventually([&] { return running_ == 0; }));
    EXPECT_TRUE(Eventually([&] { return server_.server.calls_in_flight() == 0; }));
  }

  std::atomic<int> running_{0};
  std::atomic<int> most_running_{0};
  std::atomic<int> begun_{0};
  RealServer server_;
  Channel channel_;
};

TEST_F(OpenAndCancelTest, OurOwnClientLeavesNothingBehind) {
  std::atomic<int> ended{0};
  std::atomic<int> odd{0};
  for (int i = 0; i < kCalls; ++i) {
    CancelHandle handle =
        StartCoroutine(channel_, "x").Then([&](const absl::StatusOr<Text>& reply) {
          if (!reply.ok() && !absl::IsCancelled(reply.status())) ++odd;
          ++ended;
        });
    handle.Cancel();
  }
  EXPECT_TRUE(Eventually([&] { return ended == kCalls; }));
  EXPECT_EQ(odd, 0);
  EXPECT_LE(most_running_, static_cast<int>(kStreamsMax));
  ExpectRest();
  EXPECT_EQ(Show(StartPlain(channel_, "still there").Wait()), "OK: hello still there");
  EXPECT_EQ(server_.server.connections(), 1u);
}

TEST_F(OpenAndCancelTest, AFloodInBytesRunsNoMoreThanAConnectionMay) {
  std::atomic<bool> flooding{true};
  int sent = 0;
  std::thread flood([&] {
    RawClient client(server_.target);
    EXPECT_TRUE(client.Send(Preamble()));
    for (; sent < kCalls; ++sent) {
      if (!client.Send(OpenAndCancel(static_cast<uint32_t>(2 * sent + 1)))) break;
      client.DropWhatCame();
    }
    flooding = false;
  });
  const auto wait = GoodClientsWait(flooding);
  flood.join();
  EXPECT_EQ(sent, kCalls) << "it keeps within the rules, so it is not thrown out";
  EXPECT_LE(most_running_, static_cast<int>(kStreamsMax));
  ExpectRest();
  EXPECT_EQ(Show(StartPlain(channel_, "still there").Wait()), "OK: hello still there");
  std::printf(
      "%d calls opened and cancelled, %d begun, at most %d at a time; p99 of others %.2f ms\n",
      sent, begun_.load(), most_running_.load(),
      std::chrono::duration<double, std::milli>(wait).count());
}

TEST_F(OpenAndCancelTest, AFloodThatReadsNoAnswersIsHeldUpByItsOwnAnswers) {
  std::atomic<bool> flooding{true};
  int sent = 0;
  // Each answer to a refused call has some 100 bytes: long before so many the server reads no more.
  constexpr int kMoreThanTaken = 2'000'000;
  std::thread flood([&] {
    RawClient client(server_.target);
    EXPECT_TRUE(client.Send(Preamble()));
    while (sent < kMoreThanTaken && client.Send(OpenAndCancel(static_cast<uint32_t>(2 * sent + 1))))
      ++sent;
    flooding = false;
  });
  GoodClientsWait(flooding);
  flood.join();
  EXPECT_LT(sent, kMoreThanTaken);
  EXPECT_LE(most_running_, static_cast<int>(kStreamsMax));
  ExpectRest();
}

}  // namespace
}  // namespace dialtone::faults

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
