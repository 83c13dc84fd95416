// An observer that does what metrics do: counts calls, errors and time, in atomics that no lock guards.
#pragma once

#include <atomic>
#include <cstdint>

#include "dialtone/load/clock.h"
#include "dialtone/rpc/observer.h"

namespace bench {

// Of either side. Thread-safe.
class CountingObserver final : public dialtone::ServerObserver, public dialtone::ClientObserver {
 public:
  absl::Status OnStart(dialtone::ServerCall&) override { return Begun(); }
  void OnMessageIn(dialtone::ServerCall&, const google::protobuf::MessageLite& message) override {
    Passed(message);
  }
  void OnMessageOut(dialtone::ServerCall&, const google::protobuf::MessageLite& message) override {
    Passed(message);
  }
  void OnEnd(dialtone::ServerCall&, const absl::Status& status) override { Ended(status); }

  absl::Status OnStart(dialtone::ClientCallView&) override { return Begun(); }
  void OnMessageOut(const dialtone::ClientCallView&,
                    const google::protobuf::MessageLite& message) override {
    Passed(message);
  }
  void OnMessageIn(const dialtone::ClientCallView&,
                   const google::protobuf::MessageLite& message) override {
    Passed(message);
  }
  void OnEnd(const dialtone::ClientCallView&, const absl::Status& status) override {
    Ended(status);
  }

 private:
  absl::Status Begun() {
    begun_.fetch_add(1, std::memory_order_relaxed);
    return absl::OkStatus();
  }
  void Passed(const google::protobuf::MessageLite& message) {
    // Computed when it was serialised; a message that came has none, and metrics would not compute it.
    bytes_.fetch_add(static_cast<uint64_t>(message.GetCachedSize()), std::memory_order_relaxed);
  }
  void Ended(const absl::Status& status) {
    ended_.fetch_add(1, std::memory_order_relaxed);
    if (!status.ok()) failed_.fetch_add(1, std::memory_order_relaxed);
  }

  std::atomic<uint64_t> begun_{0};
  std::atomic<uint64_t> ended_{0};
  std::atomic<uint64_t> failed_{0};
  std::atomic<uint64_t> bytes_{0};
};

}  // namespace bench
