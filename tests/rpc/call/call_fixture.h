// What tests of calls share: the same test over sockets and in process, handlers that a test holds
// and lets go, the log's lines.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/sleep.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/mutex.h"
#include "real_server.h"

namespace dialtone {

// Asks again and again, for a time that no healthy machine needs.
template <class Condition>
bool Eventually(Condition condition) {
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > patience) return false;
    // tidy-allow sleep: threads and processes run on real time here, and the wait is bounded.
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

// Holds handlers until the test opens it, or ends: then it waits until they have let go of it.
struct Gate {
  ~Gate() {
    open = true;
    EXPECT_TRUE(Eventually([this] { return inside == 0; }));
  }

  std::atomic<int> entered{0};
  std::atomic<int> cancelled{0};
  std::atomic<bool> open{false};

  // A coroutine handler that answers "let go" when the gate is open.
  CoroutineHandler Handler(absl::Duration period = absl::Milliseconds(2)) {
    return [this, period](ServerCall&, const Text&, Text& reply) { return Hold(reply, period); };
  }

 private:
  // Destroyed last of what a handler has here.
  class Presence {
   public:
    explicit Presence(std::atomic<int>& count) : count_(count) { ++count_; }
    ~Presence() { --count_; }

   private:
    std::atomic<int>& count_;
  };

  Task<absl::Status> Hold(Text& reply, absl::Duration period) {
    Presence presence(inside);
    absl::Status slept = absl::OkStatus();
    ++entered;
    while (!open && slept.ok()) slept = co_await Sleep(period);
    if (!slept.ok()) {
      ++cancelled;
      co_return slept;
    }
    reply.set_value("let go");
    co_return absl::OkStatus();
  }

  std::atomic<int> inside{0};
};

// The log's lines while it lives.
class LogLines {
 public:
  LogLines() {
    SetLogSink([this](const LogEvent& event) {
      MutexLock lock(mutex_);
      text_.append(event.text).append("\n");
    });
  }
  ~LogLines() { SetLogSink({}); }
  std::string text() const {
    MutexLock lock(mutex_);
    return text_;
  }

 private:
  mutable Mutex mutex_;
  std::string text_ ABSL_GUARDED_BY(mutex_);
};

// Tests run with `false` over sockets, with `true` in process.
class BothWays : public testing::TestWithParam<bool> {
 protected:
  template <class... Args>
  RealServer& Serve(Args&&... args) {
    real_ = std::make_unique<RealServer>(std::forward<Args>(args)...);
    return *real_;
  }
  RealServer& real() { return *real_; }
  std::unique_ptr<Channel> MakeChannel(ChannelOptions options = ChannelOptions()) {
    options.runtime = &real_->runtime;
    if (GetParam()) return std::make_unique<Channel>(real_->server, options);
    return std::make_unique<Channel>(real_->target, options);
  }
  bool WaitFor(Event& event) {
    Network& network = real_->runtime.network();
    return network.Wait(event, network.Now() + absl::Seconds(60));
  }
  // Over sockets the server learns a little later that a call or a connection has ended.
  void ExpectNothingLeft() {
    EXPECT_TRUE(Eventually([&] { return real_->server.calls_in_flight() == 0; }));
    EXPECT_TRUE(Eventually([&] { return real_->server.connections() == 0; }));
  }

  std::unique_ptr<RealServer> real_;
};

inline std::string NetworkName(const testing::TestParamInfo<bool>& tested) {
  return tested.param ? "InProcess" : "Sockets";
}

}  // namespace dialtone
