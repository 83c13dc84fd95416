#include "dialtone/transport/event.h"

#include <bit>

#include "futex.h"

namespace dialtone {
namespace {

// The futex is the low half of the state, which tells kParked from everything else.
static_assert(std::endian::native == std::endian::little || sizeof(uintptr_t) == sizeof(uint32_t));
const uint32_t* FutexWord(const std::atomic<uintptr_t>& state) {
  return reinterpret_cast<const uint32_t*>(&state);
}

}  // namespace

void Event::Set() {
  const uint32_t* const word = FutexWord(state_);
  const uintptr_t before = state_.exchange(kSet, std::memory_order_acq_rel);
  // From here on the waiter may have returned and the event may be gone.
  if (before == kClear || before == kSet || before == kUnparked) return;
  if (before == kParked) {
    internal::FutexWakeOne(word);
  } else {
    reinterpret_cast<Waker*>(before)->Wake();
  }
}

bool Event::Park(int64_t nanoseconds) {
  uintptr_t state = kClear;
  if (state_.compare_exchange_strong(state, kParked, std::memory_order_acq_rel)) {
    internal::FutexWait(FutexWord(state_), static_cast<uint32_t>(kParked), nanoseconds);
    state = kParked;
    if (state_.compare_exchange_strong(state, kClear, std::memory_order_acq_rel)) return false;
  }
  if (state == kUnparked) {
    state_.compare_exchange_strong(state, kClear, std::memory_order_acq_rel);
  }
  return is_set();
}

void Event::Unpark() {
  uintptr_t state = state_.load(std::memory_order_relaxed);
  while (state == kClear || state == kParked) {
    const bool parked = state == kParked;
    if (!state_.compare_exchange_weak(state, kUnparked, std::memory_order_acq_rel)) continue;
    if (parked) internal::FutexWakeOne(FutexWord(state_));
    return;
  }
}

bool Event::SetWaker(Waker& waker) {
  uintptr_t state = state_.load(std::memory_order_relaxed);
  while (state != kSet) {
    if (state_.compare_exchange_weak(state, reinterpret_cast<uintptr_t>(&waker),
                                     std::memory_order_acq_rel)) {
      return true;
    }
  }
  return false;
}

void Event::ClearWaker() {
  uintptr_t state = state_.load(std::memory_order_relaxed);
  while (state != kSet && !state_.compare_exchange_weak(state, kClear, std::memory_order_acq_rel)) {
  }
}

}  // namespace dialtone
