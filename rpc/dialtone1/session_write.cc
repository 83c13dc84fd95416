// Session's writing half: what leaves at a batch's end, and what becomes of a peer that does not read. The rest of
// Session is in session.cc.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "session.h"

namespace dialtone::dialtone1 {

void Session::OnWritable() { Flush(); }

void Session::OnBatchEnd() {
  batch_end_scheduled_ = false;
  batch_now_known_ = false;
  if (std::exchange(take_unread_, false)) TakeUnread();
  OnBatch();
  if (phase_ == Phase::kClosed) {
    reader_.Stop();
    ChargeStash();
    OnFinished();
    return;  // this object may be gone
  }
  if (pacing_.EndBatch(role_ == Role::kClient ? open_calls() : 0,
                       [this] { return stream_->PeerIsOnAnotherProcessor(); })) {
    loop_.ExpectInputSoon();
  }
  Flush();
}

// Changes nothing but the queue: that the stream is full or broken is seen at the batch's end.
void Session::WriteEarly() {
  if (open()) outbox_.Flush(*stream_);
}

void Session::Flush() {
  if (phase_ == Phase::kConnecting || phase_ == Phase::kClosed || write_shut_) return;
  for (;;) {
    outbox_.Pump();
    if (phase_ == Phase::kClosed) return;  // one who was told that it may send has closed
    if (outbox_.queue().empty()) break;
    const IoResult result = outbox_.Flush(*stream_);
    if (result.state == IoResult::State::kFailed) return Cut(LostStatus(WhyStreamFailed()));
    if (result.state != IoResult::State::kDone) break;
  }
  if (tell_of_writes_) [[unlikely]] {
    OnWrote();
    if (phase_ == Phase::kClosed) return;
  }
  if (phase_ != Phase::kClosing) {
    WatchForStall();
    if (role_ == Role::kServer) {
      outbox_.ChargeQueue();
      BoundReading();
    }
    return;
  }
  if (!outbox_.queue().empty()) return;
  if (peer_ended_) {
    Cut(absl::OkStatus());
    return;
  }
  write_shut_ = true;
  stream_->ShutdownWrite();
  ArmTimer(limits_.goodbye_timeout);
}

// A server stops reading requests from a client that does not read its replies. A client never
// stops: then both sides could wait for each other. When the process holds too much, any client
// that does not read is one too many.
void Session::BoundReading() {
  const bool pause = MustStopReading() || (reading_paused_ && outbox_.half_full());
  if (!pause && !unread_.empty()) {
    take_unread_ = true;
    ScheduleBatchEnd();
    return;
  }
  if (pause == reading_paused_) return;
  reading_paused_ = pause;
  stream_->SetReading(!pause);
}

bool Session::MustStopReading() const {
  return outbox_.full() || (bytes_.over_process() && !outbox_.queue().empty());
}

void Session::TakeUnread() {
  const std::string bytes = std::exchange(unread_, std::string());
  bytes_.Subtract(bytes.size());
  Consume(bytes);
}

void Session::WatchForStall() {
  if (!outbox_.blocked() || limits_.write_stall_timeout == absl::InfiniteDuration()) [[likely]] {
    if (stall_timer_.armed()) loop_.Disarm(stall_timer_);
    return;
  }
  const uint64_t written = outbox_.flushed_bytes();
  if (stall_timer_.armed() && written == written_at_stall_) return;
  written_at_stall_ = written;
  stalled_since_ = loop_.Now();
  if (!stall_timer_.armed()) loop_.Arm(stall_timer_, stalled_since_ + limits_.write_stall_timeout);
}

void Session::OnStallCheck() {
  const Instant due = stalled_since_ + limits_.write_stall_timeout;
  if (loop_.Now() < due) {
    loop_.Arm(stall_timer_, due);
    return;
  }
  const uint64_t bytes = outbox_.queue().size() + outbox_.waiting_bytes();
  EndWithLimit(ServerLimit::kWriteStall,
               absl::StrCat("the peer has accepted none of ", bytes, " bytes for ",
                            absl::FormatDuration(limits_.write_stall_timeout),
                            " (ConnectionLimits::write_stall_timeout)"));
}

}  // namespace dialtone::dialtone1
