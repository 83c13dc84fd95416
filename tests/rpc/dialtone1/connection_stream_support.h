// A server and a client between whom streams go, with all that they hold counted. For the tests of streams.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "connection_test_support.h"

namespace dialtone::dialtone1 {

class StreamTest : public ConnectionTest {
 protected:
  static constexpr uint64_t kPlenty = uint64_t{1} << 40;

  using ConnectionTest::ConnectionTest;

  // Windows that stay as they are, so that what fits into them is known.
  static ConnectionLimits FixedWindows() {
    ConnectionLimits limits;
    limits.window_bytes_max = 0;
    return limits;
  }
  void StartCounted(const ConnectionLimits& server = FixedWindows(),
                    const ConnectionLimits& client = FixedWindows(), uint64_t budget = kPlenty) {
    process_ = std::make_unique<ByteBudget>(budget);
    client_process_ = std::make_unique<ByteBudget>(budget);
    StartServer(server);
    server_->dispatcher.process = process_.get();
    ClientOptions options;
    options.process_bytes = client_process_.get();
    StartClient(client, options);
  }

  // A stream whose REQUEST the server has.
  TestCall& OpenStream() {
    TestCall* call = nullptr;
    const size_t before = server_->dispatcher.handlers.size();
    EXPECT_TRUE(RunUntil([&] { return client_->ready != 0; }));
    OnClient([&] { call = &client_->Open(kStream); });
    EXPECT_TRUE(RunUntil([&] { return server_->dispatcher.handlers.size() == before + 1; }));
    return *call;
  }
  TestHandler& handler() { return server_->dispatcher.last(); }

  // Sends as long as the side may. The side's calls are told so between events, as a call part would
  // send when it is asked to by its user.
  static void SendWhatMayGo(TestCall& call, std::deque<std::string>& messages) {
    while (!call.done() && call.writable && !messages.empty()) {
      call.Send(std::move(messages.front()));
      messages.pop_front();
    }
  }
  static void SendWhatMayGo(TestHandler& handler, std::deque<std::string>& messages) {
    while (!handler.finished && !handler.cancelled && handler.writable && !messages.empty()) {
      handler.Send(std::move(messages.front()));
      messages.pop_front();
    }
  }

  // Nothing is held for anybody, and no call is left, on either side.
  void ExpectNothingIsLeft() {
    EXPECT_TRUE(RunUntil(
        [&] { return client_->closed() || client_->connection().calls_in_flight() == 0; }));
    EXPECT_TRUE(RunUntil([&] {
      return !server_->has_connection() || server_->connection().calls_in_flight() == 0;
    }));
    EXPECT_TRUE(RunUntil([&] { return process_->used() == 0 && client_process_->used() == 0; }))
        << process_->used() << " bytes at the server, " << client_process_->used()
        << " at the client";
  }
};

}  // namespace dialtone::dialtone1
