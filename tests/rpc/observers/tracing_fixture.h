// Servers in the simulated network, one calling the next, with tracing whose spans are kept.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "dialtone/rpc/tracing.h"
#include "dialtone/transport/mutex.h"
#include "sim_servers.h"

namespace dialtone {

class KeptSpans final : public SpanExporter {
 public:
  void Export(Span span) override {
    MutexLock lock(mutex_);
    spans_.push_back(std::move(span));
  }
  // In the order in which they ended.
  std::vector<Span> all() const {
    MutexLock lock(mutex_);
    return spans_;
  }

 private:
  mutable Mutex mutex_;
  std::vector<Span> spans_ ABSL_GUARDED_BY(mutex_);
};

// "-": it has none.
inline std::string AttributeOf(const Span& span, std::string_view name) {
  for (const auto& [key, value] : span.attributes) {
    if (key != name) continue;
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    return std::to_string(std::get<int64_t>(value));
  }
  return "-";
}

class TracingTest : public testing::Test {
 protected:
  // The time is the simulation's.
  TracingOptions Options() {
    TracingOptions options;
    options.random = [this] { return ++last_number_; };
    SetClocks(options);
    return options;
  }
  template <typename Options>
  void SetClocks(Options& options) {
    options.clock = [this] { return absl::UnixEpoch() + process_.Time() + set_forward_; };
    options.monotonic_clock = [this] { return Instant() + process_.Time(); };
  }
  // Sets the time of day meanwhile.
  CoroutineHandler Setting(absl::Duration forward, CoroutineHandler handler) {
    return [this, forward, handler = std::move(handler)](ServerCall& call, const Text& request,
                                                         Text& reply) {
      set_forward_ += forward;
      return handler(call, request, reply);
    };
  }
  std::unique_ptr<Server> MakeServer(CoroutineHandler handler,
                                     std::shared_ptr<ServerObserver> observer) {
    ServerOptions options;
    options.runtime = &process_.runtime;
    if (observer != nullptr) options.observers.push_back(std::move(observer));
    auto server = std::make_unique<Server>(options);
    server->Add(std::make_unique<CoroutineService>(std::move(handler)));
    return server;
  }
  std::unique_ptr<Channel> ChannelTo(Server& server, std::shared_ptr<ClientObserver> observer) {
    auto bound = server.Listen("127.0.0.1:0");
    EXPECT_TRUE(bound.ok()) << bound.status();
    EXPECT_TRUE(server.Start().ok());
    ChannelOptions options = process_.ClientOptions();
    if (observer != nullptr) options.observers.push_back(std::move(observer));
    return std::make_unique<Channel>(bound->ToString(), options);
  }

  uint64_t last_number_ = 0;
  absl::Duration set_forward_;
  SimProcess process_;
  std::shared_ptr<KeptSpans> spans_ = std::make_shared<KeptSpans>();
};

}  // namespace dialtone
