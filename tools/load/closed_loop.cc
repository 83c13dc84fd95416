#include "dialtone/load/closed_loop.h"

#include "dialtone/load/clock.h"

namespace dialtone::load {

ClosedLoop::ClosedLoop(CallSource& source, Recorder& recorder, int in_flight)
    : source_(source), recorder_(recorder), slots_(static_cast<size_t>(in_flight)) {}

void ClosedLoop::Start() {
  const int64_t now = NowNanoseconds();
  under_way_ = slots_.size();
  for (internal::CallSlot& slot : slots_) {
    slot.sink = this;
    Begin(slot, now);
  }
}

void ClosedLoop::Begin(internal::CallSlot& slot, int64_t now) {
  slot.id = begun_++;
  slot.began = now;
  source_.Begin(slot.id, CallEnd(slot));
}

void ClosedLoop::OnAnswered(internal::CallSlot& slot) {
  const int64_t now = NowNanoseconds();
  Next(slot, now, recorder_.OnReply(slot.began, now));
}

void ClosedLoop::OnFailed(internal::CallSlot& slot, std::string_view status) {
  const int64_t now = NowNanoseconds();
  Next(slot, now, recorder_.OnError(status, now));
}

void ClosedLoop::Next(internal::CallSlot& slot, int64_t now, bool go_on) {
  if (go_on) {
    Begin(slot, now);
  } else if (--under_way_ == 0) {
    ended_.Set();
  }
}

}  // namespace dialtone::load
