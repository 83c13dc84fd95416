// What of a server's session outlasts a rest: all that its client could notice the loss of. Most
// clients of a server are of few kinds, so what those of a kind have in common is kept once.
// Internal to dialtone1/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>

#include "absl/hash/hash.h"
#include "dialtone/transport/byte_stream.h"
#include "dialtone/transport/instant.h"
#include "method_table.h"
#include "server_protocol.h"
#include "settings.h"
#include "window_tuner.h"

namespace dialtone::dialtone1 {

class CommonStates;
struct AcceptorState;

// A value.
struct CommonState {
  Settings peer_settings;
  ServerMethodTable<const ServerMethod> methods;
  uint32_t receive_window = 0;  // the connection's size
  uint32_t window_target = 0;   // WindowTuner's

  CommonStates* home = nullptr;  // where it is kept

  friend bool operator==(const CommonState&, const CommonState&) = default;
  template <class H>
  friend H AbslHashValue(H h, const CommonState& state) {
    return H::combine(std::move(h), state.peer_settings, state.methods, state.receive_window,
                      state.window_target);
  }
};

// Outlives what it has given out. Not thread-safe.
class CommonStates {
  using Users = std::unordered_map<CommonState, size_t, absl::Hash<CommonState>>;

 public:
  // One that is kept: for as long as somebody has one of those that are equal.
  class Kept {
   public:
    Kept() = default;
    explicit Kept(Users::value_type& kept) : kept_(&kept) { ++kept_->second; }
    Kept(Kept&& other) noexcept : kept_(std::exchange(other.kept_, nullptr)) {}
    Kept& operator=(Kept&& other) noexcept {
      std::swap(kept_, other.kept_);
      return *this;
    }
    ~Kept() {
      if (kept_ != nullptr && --kept_->second == 0) kept_->first.home->Erase(kept_->first);
    }

    const CommonState& operator*() const { return kept_->first; }
    const CommonState* operator->() const { return &kept_->first; }

   private:
    Users::value_type* kept_ = nullptr;
  };

  // `acceptor`: whose they are.
  explicit CommonStates(AcceptorState* acceptor) : acceptor_(acceptor) {}
  CommonStates(const CommonStates&) = delete;
  CommonStates& operator=(const CommonStates&) = delete;

  AcceptorState& acceptor() const { return *acceptor_; }
  Kept Keep(CommonState state) {
    state.home = this;
    return Kept(*users_.try_emplace(std::move(state)).first);
  }
  size_t size() const { return users_.size(); }

 private:
  void Erase(const CommonState& state) { users_.erase(users_.find(state)); }

  AcceptorState* const acceptor_;
  Users users_;
};

// Thousands of these are kept.
struct RestingState {
  std::unique_ptr<ByteStream> stream;
  CommonStates::Kept common;
  std::unique_ptr<WindowTuner::Measured> measured;
  Instant idle_at;  // infinite: never, as the next
  Instant aged_at;
  uint32_t send_credit = 0;  // the connection's
  uint32_t receive_credit = 0;
  uint32_t last_stream = 0;
  uint32_t late_bytes = 0;
  uint64_t bytes_read : 48 = 0;
  uint64_t paid_frames : 16 = 0;
  uint64_t bytes_written : 48 = 0;
};

}  // namespace dialtone::dialtone1
