// What one connection holds in memory for its peer: messages not yet complete, messages that wait
// to be sent, frames that the peer does not read, large parts of a frame, metadata of calls, what packed
// requests become, open calls. Internal to dialtone1/.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/byte_budget.h"

namespace dialtone::dialtone1 {

// Not thread-safe; belongs to a connection, but for the budget of the process.
class ByteAccount {
 public:
  // `process` may be null: none.
  ByteAccount(uint64_t max, ByteBudget* process) : max_(max), process_(process) {}
  ~ByteAccount() { Subtract(held_); }
  ByteAccount(const ByteAccount&) = delete;
  ByteAccount& operator=(const ByteAccount&) = delete;

  // Nothing is told to the process for nothing: its count is shared by all threads.
  void Add(uint64_t bytes) {
    if (bytes == 0) return;
    held_ += bytes;
    if (process_ != nullptr) process_->Add(bytes);
  }
  void Subtract(uint64_t bytes) {
    if (bytes == 0) return;
    held_ -= bytes;
    if (process_ != nullptr) process_->Subtract(bytes);
  }

  uint64_t held() const { return held_; }
  bool over_own() const { return held_ > max_; }
  // More than this connection's share of what the process may hold: it may hold as much as is left for all others. Nobody can
  // be made to give back what he holds in silence, so who takes much has to leave something: alone half, and who comes next
  // half of that which is left. Where nothing is left, whoever holds anything is over. (The rule of memory that the queues of
  // a switch share: Choudhury and Hahne, "Dynamic Queue Length Thresholds for Shared-Memory Packet Switches", 1998.)
  bool over_process() const { return process_ != nullptr && held_ > process_->left(); }
  bool over() const { return over_own() || over_process(); }

  // At most half of what may be held is.
  bool half_free() const {
    return held_ <= max_ / 2 && (process_ == nullptr || process_->used() <= process_->max() / 2);
  }

  // What a call is told that ends for it. Requires over().
  std::string Why() const {
    if (over_own()) {
      return absl::StrCat("more than ", max_,
                          " bytes are in flight on this connection "
                          "(ConnectionLimits::bytes_in_flight_max)");
    }
    if (process_->spent()) {
      return absl::StrCat("more than ", process_->max(),
                          " bytes are in flight in this process "
                          "(RuntimeOptions::bytes_in_flight_max)");
    }
    return absl::StrCat("this connection holds ", held_, " of the ", process_->max(),
                        " bytes that may be in flight in this process, and leaves too few "
                        "(RuntimeOptions::bytes_in_flight_max)");
  }

 private:
  const uint64_t max_;
  ByteBudget* const process_;
  uint64_t held_ = 0;
};

}  // namespace dialtone::dialtone1
