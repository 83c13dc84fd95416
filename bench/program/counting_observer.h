// An observer that does what metrics do: counts calls, errors and bytes, each thread for itself, to be summed by who reads.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

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
  // Written by one thread: no other waits for its cache line, and an addition is no locked one.
  struct alignas(64) Cell {
    std::atomic<uint64_t> begun{0};
    std::atomic<uint64_t> ended{0};
    std::atomic<uint64_t> failed{0};
    std::atomic<uint64_t> bytes{0};
  };
  static constexpr size_t kThreadsMax = 64;

  static void Add(std::atomic<uint64_t>& count, uint64_t more) {
    count.store(count.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
  Cell& Mine() {
    static std::atomic<size_t> threads{0};
    thread_local const size_t mine = threads.fetch_add(1) % kThreadsMax;
    return cells_[mine];
  }
  absl::Status Begun() {
    Add(Mine().begun, 1);
    return absl::OkStatus();
  }
  void Passed(const google::protobuf::MessageLite& message) {
    // Computed when it was serialised; a message that came has none, and metrics would not compute it.
    Add(Mine().bytes, static_cast<uint64_t>(message.GetCachedSize()));
  }
  void Ended(const absl::Status& status) {
    Cell& mine = Mine();
    Add(mine.ended, 1);
    if (!status.ok()) Add(mine.failed, 1);
  }

  std::array<Cell, kThreadsMax> cells_;
};

}  // namespace bench
