// The other side of a Dialtone/1 connection, in bytes. For the connection tests.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialtone/transport/network.h"
#include "frame_reader.h"
#include "frame_writer.h"
#include "gtest/gtest.h"
#include "metadata_block.h"
#include "preface.h"
#include "settings.h"

namespace dialtone::dialtone1 {

// A peer that speaks in bytes: connects, or is connected to, and sends what the test says.
class RawPeer final : private ByteStream::Handler, private Listener::Handler {
 public:
  // A client's side of a connection to `server`.
  RawPeer(Loop& loop, const Address& server)
      : loop_(loop), stream_(loop.Connect(server, ConnectOptions(), *this)) {}
  // A server's: takes the last connection that is made to address().
  RawPeer(Network& network, Loop& loop) : loop_(loop), connected_(true) {
    auto listener = network.Listen(loop, *Address::Parse("127.0.0.1:0"), ListenOptions(), *this);
    EXPECT_TRUE(listener.ok()) << listener.status();
    listener_ = std::move(*listener);
  }
  const Address& address() const { return listener_->address(); }

  void Send(std::string_view bytes) {
    unsent_.append(bytes);
    OnWritable();
  }
  void End() { stream_->ShutdownWrite(); }
  void Close() { stream_.reset(); }
  void SetReading(bool reading) { stream_->SetReading(reading); }
  bool connected() const { return stream_ != nullptr && connected_; }
  // The other side has shut down its writing, or the connection is broken.
  bool ended() const { return ended_ || broken_; }
  bool broken() const { return broken_; }
  const std::string& received() const { return received_; }
  // Frames received so far, behind the preface.
  std::vector<Frame> Frames() const {
    std::vector<Frame> frames;
    if (received_.size() < kPrefaceBytes) return frames;
    FrameReader reader(0xFF);
    reader.Feed(std::span<const char>(received_).subspan(kPrefaceBytes));
    Frame frame;
    while (reader.Next(frame) == FrameReader::Result::kFrame) frames.push_back(frame);
    return frames;
  }
  // The GOAWAY with an error that came, if any.
  std::optional<GoawayInfo> Error() const {
    for (const Frame& frame : Frames()) {
      GoawayInfo info;
      if (frame.type() == FrameType::kGoaway && ReadGoaway(frame, info) &&
          info.reason != GoawayReason::kNone) {
        return info;
      }
    }
    return std::nullopt;
  }
  size_t Count(FrameType type, uint32_t stream) const {
    size_t count = 0;
    for (const Frame& frame : Frames()) {
      count += frame.type() == type && frame.header.stream == stream;
    }
    return count;
  }

 private:
  void OnAccept(std::unique_ptr<AcceptedStream> accepted) override {
    stream_ = std::move(*accepted).Adopt(loop_, *this);
    OnWritable();
  }
  void OnConnected(const absl::Status& status) override {
    EXPECT_TRUE(status.ok()) << status;
    connected_ = true;
    OnWritable();
  }
  void OnReadable() override {
    char bytes[16 * 1024];
    const IoResult result = stream_->Read(bytes);
    if (result.state == IoResult::State::kDone) received_.append(bytes, result.bytes);
    if (result.state == IoResult::State::kEnd) ended_ = true;
    if (result.state == IoResult::State::kFailed) broken_ = true;
  }
  void OnWritable() override {
    while (connected() && !broken_ && !unsent_.empty()) {
      const iovec block{unsent_.data(), unsent_.size()};
      const IoResult result = stream_->Write(std::span<const iovec>(&block, 1));
      if (result.state == IoResult::State::kFailed) broken_ = true;
      if (result.state != IoResult::State::kDone) return;
      unsent_.erase(0, result.bytes);
    }
  }

  Loop& loop_;
  bool connected_ = false;
  bool ended_ = false;
  bool broken_ = false;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<ByteStream> stream_;
  std::string unsent_;
  std::string received_;
};

}  // namespace dialtone::dialtone1
