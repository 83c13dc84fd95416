// The two sides of an echo over byte streams, for tests of networks: a server that sends back what
// it reads, and a client that sends a given number of bytes and checks what comes back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dialtone/transport/check.h"
#include "dialtone/transport/network.h"
#include "dialtone/transport/write_queue.h"

namespace dialtone {

// The byte at `offset` of the stream that EchoClient sends.
inline char EchoByte(size_t offset) {
  return static_cast<char>((offset * 31 + offset / 251) & 0xff);
}

// Listens on a loop and echoes on it. Everything under the loop's lead.
class EchoServer final : private Listener::Handler {
 public:
  explicit EchoServer(Loop& loop) : loop_(loop) {}

  absl::Status Listen(Network& network, const Address& address) {
    absl::StatusOr<std::unique_ptr<Listener>> listener =
        network.Listen(loop_, address, ListenOptions(), *this);
    if (!listener.ok()) return listener.status();
    listener_ = *std::move(listener);
    return absl::OkStatus();
  }
  const Address& address() const { return listener_->address(); }
  void Close() {
    peers_.clear();
    listener_.reset();
  }
  size_t peers() const { return peers_.size(); }
  // The most that one peer's answer had to wait.
  size_t queued_bytes_max() const { return queued_bytes_max_; }

 private:
  class Peer final : public ByteStream::Handler {
   public:
    explicit Peer(EchoServer& server) : server_(server) {}
    void Start(AcceptedStream& accepted, std::list<Peer>::iterator at) {
      at_ = at;
      stream_ = std::move(accepted).Adopt(server_.loop_, *this);
    }
    void OnConnected(const absl::Status&) override {}
    void OnReadable() override {
      const IoResult result = stream_->Read(server_.loop_.scratch());
      if (result.state == IoResult::State::kFailed) return server_.Remove(at_);
      if (result.state == IoResult::State::kEnd) ended_ = true;
      if (result.state == IoResult::State::kDone)
        out_.Append({server_.loop_.scratch().data(), result.bytes});
      Flush();
    }
    void OnWritable() override { Flush(); }

   private:
    void Flush() {
      server_.queued_bytes_max_ = std::max(server_.queued_bytes_max_, out_.size());
      const IoResult::State state =
          out_.empty() ? IoResult::State::kDone : out_.Flush(*stream_).state;
      if (state == IoResult::State::kFailed) return server_.Remove(at_);
      if (state == IoResult::State::kDone && ended_) return server_.Remove(at_);
      // What cannot be written is not read either.
      stream_->SetReading(state == IoResult::State::kDone && !ended_);
    }

    EchoServer& server_;
    std::list<Peer>::iterator at_;
    std::unique_ptr<ByteStream> stream_;
    WriteQueue out_;
    bool ended_ = false;
  };

  void OnAccept(std::unique_ptr<AcceptedStream> stream) override {
    const auto at = peers_.emplace(peers_.end(), *this);
    at->Start(*stream, at);
  }
  void Remove(std::list<Peer>::iterator at) { peers_.erase(at); }

  Loop& loop_;
  std::unique_ptr<Listener> listener_;
  std::list<Peer> peers_;
  size_t queued_bytes_max_ = 0;
};

// Connects, sends `bytes` bytes, half-closes, and reads their echo to its end. Sets `done()` then
// or at a failure. Everything under the loop's lead but done().
class EchoClient final : private ByteStream::Handler {
 public:
  EchoClient(Loop& loop, size_t bytes) : loop_(loop), bytes_(bytes) {}

  void Start(const Address& address, const ConnectOptions& options = ConnectOptions()) {
    stream_ = loop_.Connect(address, options, *this);
  }
  void Close() { stream_.reset(); }

  Event& done() { return done_; }
  // OK: all bytes came back in their order, then the end.
  const absl::Status& result() const { return result_; }
  size_t received() const { return received_; }
  ByteStream& stream() { return *stream_; }

 private:
  void OnConnected(const absl::Status& status) override {
    if (!status.ok()) return Finish(status);
    Write();
  }
  void OnReadable() override {
    const IoResult result = stream_->Read(loop_.scratch());
    if (result.state == IoResult::State::kFailed) return Finish(stream_->status());
    if (result.state == IoResult::State::kEnd) {
      return Finish(received_ == bytes_ ? absl::OkStatus()
                                        : absl::DataLossError("the end came early"));
    }
    for (size_t i = 0; i < result.bytes; ++i, ++received_) {
      if (loop_.scratch()[i] != EchoByte(received_))
        return Finish(absl::DataLossError("a wrong byte"));
    }
  }
  void OnWritable() override { Write(); }
  void Write() {
    while (sent_ < bytes_) {
      std::vector<char> piece(std::min<size_t>(bytes_ - sent_, 10'000));
      for (size_t i = 0; i < piece.size(); ++i) piece[i] = EchoByte(sent_ + i);
      const iovec from{piece.data(), piece.size()};
      const IoResult result = stream_->Write({&from, 1});
      if (result.state == IoResult::State::kFailed) return Finish(stream_->status());
      sent_ += result.bytes;
      if (result.bytes < piece.size()) return;
    }
    stream_->ShutdownWrite();
  }
  void Finish(const absl::Status& status) {
    if (done_.is_set()) return;
    result_ = status;
    done_.Set();
  }

  Loop& loop_;
  const size_t bytes_;
  size_t sent_ = 0;
  size_t received_ = 0;
  std::unique_ptr<ByteStream> stream_;
  absl::Status result_ = absl::UnknownError("not done");
  Event done_;
};

}  // namespace dialtone
