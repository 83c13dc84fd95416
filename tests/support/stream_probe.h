// A handler of one byte stream that keeps what it is told: for tests of networks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "dialtone/transport/network.h"

namespace dialtone {

// Everything under the lead of the stream's loop, but the events. Reads whatever comes, unless
// `on_readable` is set.
class StreamProbe final : public ByteStream::Handler {
 public:
  explicit StreamProbe(Loop& the_loop) : loop(the_loop) {}

  void Connect(const Address& address, const ConnectOptions& options = ConnectOptions()) {
    stream = loop.Connect(address, options, *this);
  }
  IoResult Write(std::string_view bytes) {
    const iovec from{const_cast<char*>(bytes.data()), bytes.size()};
    return stream->Write({&from, 1});
  }
  // Writes `piece` over and over until the stream takes no more; how many bytes it took. At most
  // `limit`.
  size_t WriteUntilBlocked(std::string_view piece, size_t limit) {
    size_t written = 0;
    while (written < limit) {
      const IoResult result = Write(piece);
      written += result.bytes;
      if (result.state != IoResult::State::kDone || result.bytes < piece.size()) break;
    }
    return written;
  }
  // One read of at most `bytes`, kept in `received`.
  IoResult ReadOnce(size_t bytes) {
    const IoResult result = stream->Read(loop.scratch().first(bytes));
    received.append(loop.scratch().data(), result.bytes);
    if (result.state == IoResult::State::kEnd) ended.Set();
    if (result.state == IoResult::State::kFailed) {
      status = stream->status();
      failed.Set();
    }
    return result;
  }

  void OnConnected(const absl::Status& connect_status) override {
    ++connected_calls;
    status = connect_status;
    connected.Set();
    if (on_connected) on_connected();
  }
  void OnReadable() override {
    ++readable_calls;
    if (on_readable) return on_readable();
    ReadOnce(loop.scratch().size());
    if (on_received) on_received();
  }
  void OnWritable() override {
    ++writable_calls;
    writable.Set();
    if (on_writable) on_writable();
  }

  Loop& loop;
  std::unique_ptr<ByteStream> stream;
  std::string received;
  absl::Status status;
  int connected_calls = 0;
  int readable_calls = 0;
  int writable_calls = 0;
  // Set once.
  Event connected;
  Event ended;
  Event failed;
  Event writable;
  // What to do besides, or (on_readable) instead. Each may destroy the stream.
  std::function<void()> on_connected;
  std::function<void()> on_readable;
  std::function<void()> on_received;
  std::function<void()> on_writable;
};

// Listens, and gives each connection to `on_accept`, or else the first one to `peer`.
class ListenProbe final : public Listener::Handler {
 public:
  explicit ListenProbe(Loop& the_loop) : loop(the_loop), peer(the_loop) {}

  absl::Status Listen(Network& network, const Address& address,
                      const ListenOptions& options = ListenOptions()) {
    absl::StatusOr<std::unique_ptr<Listener>> made = network.Listen(loop, address, options, *this);
    if (made.ok()) listener = *std::move(made);
    return made.status();
  }
  void OnAccept(std::unique_ptr<AcceptedStream> stream) override {
    ++accepted_count;
    if (on_accept) return on_accept(std::move(stream));
    if (peer.stream == nullptr) peer.stream = std::move(*stream).Adopt(loop, peer);
    accepted.Set();
  }

  Loop& loop;
  std::unique_ptr<Listener> listener;
  StreamProbe peer;
  int accepted_count = 0;
  Event accepted;
  std::function<void(std::unique_ptr<AcceptedStream>)> on_accept;
};

}  // namespace dialtone
