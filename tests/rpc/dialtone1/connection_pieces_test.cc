// Large messages whose pieces are read to their places: whatever comes instead of what is foretold must not show. Against
// bytes of a raw client, in the simulated network.
#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "connection_test_support.h"
#include "raw_frames.h"
#include "support/random_runs.h"

namespace dialtone::dialtone1::connection_pieces_test {
namespace {

// A REQUEST for kEcho, method id 1, whose message part is `part`.
std::string RequestWith(uint32_t stream, uint8_t flags, std::string_view part) {
  std::string payload;
  if (stream == 1) AppendPair(payload, kPathKey, kEcho.path);
  const size_t meta = payload.size();
  return Bytes(FrameType::kRequest, kFlagMessage | flags, stream, 1, payload.append(part), meta);
}

// The first piece of a message of so many bytes, on stream 1.
std::string FirstPiece(uint32_t total, std::string_view piece) {
  std::string part(4, '\0');
  Store32(part.data(), total);
  return RequestWith(1, kFlagMore, part.append(piece));
}

std::string DataPiece(uint8_t end, std::string_view piece) {
  return Bytes(FrameType::kData, kFlagMessage | end, /*stream=*/1, 0, piece);
}

// A read may bring many pieces.
class ConnectionPiecesTest : public ConnectionTest {
 protected:
  ConnectionPiecesTest() : ConnectionTest(Options()) {}

  static SimOptions Options() {
    SimOptions options;
    options.buffer_bytes = 1024 * 1024;
    return options;
  }
  // The raw client asks for no credit.
  static ConnectionLimits Limits() {
    ConnectionLimits limits;
    limits.stream_window_bytes = 4 * 1024 * 1024;
    limits.connection_window_bytes = 4 * 1024 * 1024;
    return limits;
  }
};

// The server reads the pieces that it expects next to their places. Others, shorter and longer ones, frames between them, and
// reads that end anywhere must not show.
TEST_F(ConnectionPiecesTest, PiecesArriveWholeWhateverComesInsteadOfThem) {
  constexpr uint32_t kTotal = 1'000'000;
  const std::string message = Pattern(kTotal);
  StartServer(Limits());
  for (uint64_t seed = 0; seed < RandomRuns(20); ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto below = [&random](size_t limit) { return random() % limit; };
    std::vector<std::string> frames = {Hello(), FirstPiece(kTotal, message.substr(0, 1000))};
    uint32_t stream = 1;
    for (size_t at = 1000; at < kTotal;) {
      const size_t size =
          std::min<size_t>(below(2) == 0 ? 1 + below(kMaxPieceBytes) : kMaxPieceBytes, kTotal - at);
      if (below(3) == 0) frames.push_back(RequestWith(stream += 2, kFlagEnd, "hi"));
      if (below(3) == 0) frames.push_back(Bytes(FrameType::kPing, 0, 0, 7));
      const uint8_t end = at + size == kTotal ? kFlagEnd : kFlagMore;
      frames.push_back(DataPiece(end, std::string_view(message).substr(at, size)));
      at += size;
    }
    StartRawClient();
    const size_t begun_before = server_->dispatcher.handlers.size();
    // What is sent together ends with a frame, or in one.
    std::string together;
    for (const std::string& frame : frames) {
      together += frame;
      const size_t kept = below(3) == 0 ? below(together.size()) : 0;
      if (below(3) == 0) continue;
      OnClient([&] { raw_client_->Send(together.substr(0, together.size() - kept)); });
      network_.RunFor(absl::Milliseconds(5));
      together.erase(0, together.size() - kept);
    }
    OnClient([&] { raw_client_->Send(together); });
    network_.RunFor(absl::Seconds(1));
    ASSERT_FALSE(raw_client_->Error().has_value()) << raw_client_->Error()->text;
    const auto& handlers = server_->dispatcher.handlers;
    ASSERT_EQ(handlers.size(), begun_before + (stream + 1) / 2);
    EXPECT_TRUE(handlers[begun_before]->messages == std::vector<std::string>{message});
    for (size_t i = begun_before + 1; i < handlers.size(); ++i)
      EXPECT_EQ(handlers[i]->messages, std::vector<std::string>{"hi"});
  }
}

// The message goes, with all that was read to its memory.
TEST_F(ConnectionPiecesTest, ACancelBehindAShortPieceIsReadAfterItsMessageIsGone) {
  constexpr uint32_t kTotal = 2'000'000;
  const std::string message = Pattern(kTotal);
  StartServer(Limits());
  for (size_t before = 1; before <= 5; ++before) {
    SCOPED_TRACE(before);
    StartRawClient();
    // What is read first, and then what is read to its place.
    std::string bytes = Hello() + FirstPiece(kTotal, message.substr(0, 1000));
    size_t at = 1000;
    const auto add_piece = [&](size_t size) {
      bytes += DataPiece(kFlagMore, std::string_view(message).substr(at, size));
      at += size;
    };
    for (size_t i = 0; i < before; ++i) add_piece(kMaxPieceBytes);
    OnClient([&] { raw_client_->Send(std::exchange(bytes, std::string())); });
    network_.RunFor(absl::Milliseconds(50));
    add_piece(kMaxPieceBytes);
    add_piece(100);
    bytes += Bytes(FrameType::kCancel, 0, 1, /*reason=*/1);
    for (int i = 0; i < 10; ++i) bytes += RequestWith(3 + 2 * i, kFlagEnd, "hi");
    OnClient([&] { raw_client_->Send(bytes); });
    network_.RunFor(absl::Milliseconds(50));
    ASSERT_FALSE(raw_client_->Error().has_value()) << raw_client_->Error()->text;
    const auto& handlers = server_->dispatcher.handlers;
    ASSERT_EQ(handlers.size(), before * 11);
    EXPECT_TRUE(handlers[handlers.size() - 11]->messages.empty());
    EXPECT_EQ(handlers.back()->messages, std::vector<std::string>{"hi"});
  }
}

// Its memory goes while pieces of it are there that were read to it.
TEST_F(ConnectionPiecesTest, WhatComesBehindAMessageThatIsGivenUpArrives) {
  constexpr uint32_t kTotal = 1'500'000;
  const std::string message = Pattern(kTotal);
  for (const uint64_t budget : {200'000, 300'000, 500'000, 700'000, 1'100'000}) {
    SCOPED_TRACE(budget);
    ConnectionLimits limits = Limits();
    limits.bytes_in_flight_max = budget;
    StartServer(limits);
    StartRawClient();
    std::string bytes = Hello() + FirstPiece(kTotal, message.substr(0, 1000));
    for (size_t at = 1000; at < kTotal; at += kMaxPieceBytes) {
      const uint8_t end = at + kMaxPieceBytes >= kTotal ? kFlagEnd : kFlagMore;
      bytes += DataPiece(end, std::string_view(message).substr(at, kMaxPieceBytes));
    }
    bytes += RequestWith(3, kFlagEnd, "hi");
    OnClient([&] { raw_client_->Send(bytes); });
    network_.RunFor(absl::Seconds(1));
    ASSERT_FALSE(raw_client_->Error().has_value()) << raw_client_->Error()->text;
    EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kBytesInFlight], 1);
    ASSERT_EQ(server_->dispatcher.handlers.size(), 2U);
    EXPECT_TRUE(server_->dispatcher.handlers[0]->messages.empty());
    EXPECT_EQ(server_->dispatcher.handlers[1]->messages, std::vector<std::string>{"hi"});
    OnClient([&] { raw_client_.reset(); });
    network_.RunFor(absl::Seconds(1));
    OnServer([&] { server_.reset(); });
  }
}

}  // namespace
}  // namespace dialtone::dialtone1::connection_pieces_test
