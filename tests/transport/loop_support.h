// What the tests of loops and sockets share: running something under a lead, and handlers that
// remember.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dialtone/transport/network.h"
#include "dialtone/transport/socket_network.h"

namespace dialtone {

// How long a test waits for what must happen: long, for loaded machines under sanitizers.
inline Instant Patience(Network& network) { return network.Now() + absl::Seconds(20); }

inline Address Loopback4() { return *Address::Parse("127.0.0.1:0"); }
inline Address Loopback6() { return *Address::Parse("[::1]:0"); }

// Runs `function` under the loop's lead and waits for it.
inline void RunOn(Network& network, Loop& loop, std::function<void()> function) {
  Event done;
  loop.Post([&] {
    function();
    done.Set();
  });
  ASSERT_TRUE(network.Wait(done, Patience(network)));
}

// A stream's handler that keeps what it reads. Its fields are the loop's, except the events.
class Recorder final : public ByteStream::Handler {
 public:
  void OnConnected(const absl::Status& status) override {
    connect_status = status;
    ++connected_calls;
    if (on_connected) on_connected();
    connected.Set();
  }
  void OnReadable() override {
    ++readable_calls;
    if (on_readable) return on_readable();
    ReadAll();
  }
  void OnWritable() override {
    ++writable_calls;
    if (on_writable) on_writable();
  }

  void ReadAll() {
    std::array<char, 4096> buffer;
    while (true) {
      const IoResult result = stream->Read(buffer);
      if (result.state == IoResult::State::kWouldBlock) break;
      if (result.state != IoResult::State::kDone) {
        end = result.state;
        ended.Set();
        return;
      }
      received.append(buffer.data(), result.bytes);
      if (on_bytes) on_bytes();
    }
    if (wanted_bytes != 0 && received.size() >= wanted_bytes) enough.Set();
  }
  IoResult Write(std::string_view text) {
    const iovec block = {const_cast<char*>(text.data()), text.size()};
    return stream->Write(std::span<const iovec>(&block, 1));
  }

  std::unique_ptr<ByteStream> stream;
  std::string received;
  size_t wanted_bytes = 0;
  absl::Status connect_status;
  int connected_calls = 0;
  int readable_calls = 0;
  int writable_calls = 0;
  IoResult::State end = IoResult::State::kDone;
  std::function<void()> on_connected;
  std::function<void()> on_readable;
  std::function<void()> on_writable;
  std::function<void()> on_bytes;
  Event connected;
  Event enough;
  Event ended;
};

// Takes every connection and gives it a Recorder of its own, set up by `prepare`. Made and
// destroyed by any thread; everything else under the loop's lead.
class RecordingServer final : public Listener::Handler {
 public:
  using Prepare = std::function<void(Recorder&)>;

  RecordingServer(Network& network, Loop& loop, const Address& address,
                  const ListenOptions& options = ListenOptions(), Prepare prepare = nullptr)
      : network_(network), loop_(loop), prepare_(std::move(prepare)) {
    RunOn(network_, loop_, [&] {
      absl::StatusOr<std::unique_ptr<Listener>> made =
          network_.Listen(loop_, address, options, *this);
      ASSERT_TRUE(made.ok()) << made.status();
      listener = *std::move(made);
      address_ = listener->address();
    });
  }
  ~RecordingServer() {
    RunOn(network_, loop_, [&] {
      listener.reset();
      connections.clear();
    });
  }

  void OnAccept(std::unique_ptr<AcceptedStream> accepted) override {
    auto recorder = std::make_unique<Recorder>();
    recorder->stream = std::move(*accepted).Adopt(loop_, *recorder);
    if (prepare_) prepare_(*recorder);
    connections.push_back(std::move(recorder));
    ++accepted_count;
    first.Set();
    if (accepted_count == wanted_count) enough.Set();
  }
  const Address& address() const { return address_; }

  std::unique_ptr<Listener> listener;
  std::vector<std::unique_ptr<Recorder>> connections;
  std::atomic<int> accepted_count{0};
  int wanted_count = -1;
  Event first;
  Event enough;

 private:
  Network& network_;
  Loop& loop_;
  Prepare prepare_;
  Address address_;
};

// Sends back what it reads.
inline void MakeEcho(Recorder& recorder) {
  recorder.on_bytes = [&recorder] {
    recorder.Write(recorder.received);
    recorder.received.clear();
  };
}

}  // namespace dialtone
