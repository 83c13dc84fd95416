#include "dialtone/transport/loop.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "dialtone/transport/check.h"

namespace dialtone {
namespace {

// A posted function: frees itself once it has run.
class FunctionWork final : public Work {
 public:
  explicit FunctionWork(absl::AnyInvocable<void() &&> function) : function_(std::move(function)) {}
  void Run() override {
    const std::unique_ptr<FunctionWork> self(this);
    std::move(function_)();
  }

 private:
  absl::AnyInvocable<void() &&> function_;
};

// Marks where in the list of hooks a round ends.
class RoundEnd final : public Loop::BatchEnd {
 public:
  void OnBatchEnd() override {}
};

}  // namespace

Loop::BatchEnd::~BatchEnd() {
  if (loop_ != nullptr) loop_->Unschedule(*this);
}

struct Loop::Locals {
  absl::flat_hash_map<const void*, std::shared_ptr<void>> by_owner;
};

Loop::Loop(bool is_reactor)
    : is_reactor_(is_reactor),
      scratch_(std::make_unique_for_overwrite<char[]>(kScratchBytes)),
      locals_(std::make_unique<Locals>()) {}

Loop::~Loop() {
  while (batch_end_head_ != nullptr) Unschedule(*batch_end_head_);
}

void Loop::Post(absl::AnyInvocable<void() &&> function) {
  Post(*new FunctionWork(std::move(function)));
}

void Loop::Defer(absl::AnyInvocable<void() &&> function) {
  Defer(*new FunctionWork(std::move(function)));
}

void Loop::RunTimers(Instant now) {
  timers_run_until_ = now;
  while (Timer* const timer = timers_.PopDue(now)) timer->OnTimer();
  timers_run_until_ = Instant::FromNanoseconds(std::numeric_limits<int64_t>::min());
}

void Loop::AtBatchEnd(BatchEnd& hook) {
  DIALTONE_CHECK(IsLeading(), "a batch end was scheduled without the loop's lead");
  if (hook.loop_ != nullptr) return;
  hook.loop_ = this;
  hook.previous_ = batch_end_tail_;
  hook.next_ = nullptr;
  (batch_end_tail_ == nullptr ? batch_end_head_ : batch_end_tail_->next_) = &hook;
  batch_end_tail_ = &hook;
}

void Loop::Unschedule(BatchEnd& hook) {
  (hook.previous_ == nullptr ? batch_end_head_ : hook.previous_->next_) = hook.next_;
  (hook.next_ == nullptr ? batch_end_tail_ : hook.next_->previous_) = hook.previous_;
  hook.loop_ = nullptr;
  hook.previous_ = nullptr;
  hook.next_ = nullptr;
}

bool Loop::RunBatchEnd(int rounds) {
  for (int round = 0; round < rounds && batch_end_head_ != nullptr; ++round) {
    if (batch_end_head_ == batch_end_tail_) {  // what a single one schedules is the next round's
      BatchEnd& hook = *batch_end_head_;
      Unschedule(hook);
      hook.OnBatchEnd();
      continue;
    }
    // Hooks may schedule and destroy hooks, so the only one to rely on is the mark.
    RoundEnd mark;
    AtBatchEnd(mark);
    while (batch_end_head_ != &mark) {
      BatchEnd& hook = *batch_end_head_;
      Unschedule(hook);
      hook.OnBatchEnd();
    }
    Unschedule(mark);
  }
  return batch_end_head_ != nullptr;
}

void Loop::RunDeferredHere() {
  WorkList deferred = std::exchange(deferred_, WorkList());
  while (Work* const work = deferred.PopFront()) work->Run();
}

void Loop::FindLocal(const void* owner) {
  local_ = &locals_->by_owner[owner];
  local_owner_ = owner;
}

void Loop::EraseLocal(const void* owner) {
  local_owner_ = nullptr;
  locals_->by_owner.erase(owner);
}

void Loop::ClearLocals() {
  // What goes may look for others that are kept here: each is taken out before it goes.
  auto& locals = locals_->by_owner;
  while (!locals.empty()) {
    const std::shared_ptr<void> local = std::move(locals.begin()->second);
    local_owner_ = nullptr;
    locals.erase(locals.begin());
  }
}

}  // namespace dialtone
