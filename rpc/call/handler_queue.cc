#include "handler_queue.h"

#include <utility>

#include "handled_call.h"

namespace dialtone::internal {

void HandlerPace::Note(int64_t nanoseconds, int64_t slow_from) {
  mean_ = mean_ == 0 ? nanoseconds : mean_ + (nanoseconds - mean_) / 8;
  slow_ = mean_ >= (slow_ ? slow_from / 2 : slow_from);
}

absl::Duration HandlerQueue::wait() const {
  return absl::Nanoseconds(call_nanoseconds_ * static_cast<int64_t>(size_));
}

bool HandlerQueue::IsInTime(Instant deadline) const {
  if (size_ >= calls_max_) return false;
  return deadline.infinite() || wait() * 2 <= deadline - loop_.Now();
}

void HandlerQueue::OnRan(HandlerPace& pace, Instant began) {
  const Instant now = loop_.Now();
  pace.Note(now.nanoseconds() - began.nanoseconds(), slow_from_);
  if (!pace.slow()) return;
  if (!std::exchange(measuring_, true)) {
    turn_began_ = began;
    loop_.AtBatchEnd(*this);
  }
  spent_ = now.nanoseconds() - turn_began_.nanoseconds() >= kSlice;
}

void HandlerQueue::OnBatchEnd() { spent_ = measuring_ = false; }

void HandlerQueue::Add(HandledCall& call) {
  call.in_turn_ = true;
  call.turn_previous_ = tail_;
  call.turn_next_ = nullptr;
  if (tail_ == nullptr) {
    head_ = &call;
    slice_calls_ = 0;
    call_nanoseconds_ = paces_[call.server_method().index].mean();
    PostSlice();
  } else {
    tail_->turn_next_ = &call;
  }
  tail_ = &call;
  ++size_;
}

void HandlerQueue::Remove(HandledCall& call) {
  call.in_turn_ = false;
  (call.turn_previous_ == nullptr ? head_ : call.turn_previous_->turn_next_) = call.turn_next_;
  (call.turn_next_ == nullptr ? tail_ : call.turn_next_->turn_previous_) = call.turn_previous_;
  --size_;
}

void HandlerQueue::PostSlice() {
  if (!std::exchange(posted_, true)) loop_.Post(slice_work_);
}

void HandlerQueue::RunSlice() {
  posted_ = false;
  const Instant began = loop_.Now();
  NotePace(began);
  slice_began_ = began;
  slice_calls_ = 0;
  while (head_ != nullptr) {
    HandledCall& call = *head_;
    Remove(call);
    ++slice_calls_;
    call.BeginInTurn();
    if (loop_.Now().nanoseconds() - began.nanoseconds() >= kSlice) break;
  }
  if (head_ != nullptr) PostSlice();
}

void HandlerQueue::NotePace(Instant now) {
  if (slice_calls_ == 0) return;
  const int64_t share = (now.nanoseconds() - slice_began_.nanoseconds()) / slice_calls_;
  call_nanoseconds_ += (share - call_nanoseconds_) / 4;
}

}  // namespace dialtone::internal
