#include "subchannel.h"

#include <algorithm>
#include <utility>

namespace dialtone::internal {

Subchannel::Subchannel(Loop& loop, std::shared_ptr<const Endpoint> endpoint,
                       const ChannelOptions& options, uint64_t seed, ConnectionEvents& events,
                       Owner& owner)
    : loop_(loop),
      endpoint_(std::move(endpoint)),
      failures_in_row_max_(options.outliers.failures_in_row_max),
      trials_(options.pick_policy != PickPolicy::kFirstThatWorks),
      events_(events),
      owner_(owner),
      random_(seed),
      backoff_(options.backoff),
      rest_(options.outliers.rest) {}

Subchannel::~Subchannel() {
  loop_.Disarm(backoff_timer_);
  loop_.Disarm(rest_timer_);
}

ClientConnection* Subchannel::usable() const {
  // Not ahead of the connection: what was given to one that cannot be made would end with it, though
  // it could wait, or go to another server; and written ahead it leaves no sooner.
  return state_ == ChannelState::kReady && current_->has_capacity() ? current_.get() : nullptr;
}

// --- Standing ---

void Subchannel::set_judged(bool judged) {
  judged_ = judged;
  if (judged) return;
  loop_.Disarm(rest_timer_);
  resting_ = on_trial_ = false;
  failures_in_row_ = 0;
}

void Subchannel::Judge(CallOutcome outcome) {
  if (outcome == CallOutcome::kSucceeded) {
    failures_in_row_ = 0;
    if (counts_.succeeded++ + counts_.failed == 0) owner_.OnFirstCount();
    if (!resting_ && std::exchange(on_trial_, false)) owner_.OnStandingChange(*this);
  } else if (outcome == CallOutcome::kFailed) {
    if (counts_.succeeded + counts_.failed++ == 0) owner_.OnFirstCount();
    if (failures_in_row_ < failures_in_row_max_) ++failures_in_row_;
    const bool too_many = failures_in_row_max_ != 0 && failures_in_row_ == failures_in_row_max_;
    // Each time, as long as so many others rest that it may not.
    if (!resting_ && (too_many || on_trial_)) owner_.OnFailures(*this);
  } else if (on_trial_) {
    owner_.OnStandingChange(*this);  // there is room for another one
  }
}

void Subchannel::Rest() {
  resting_ = rested_ = true;
  loop_.Arm(rest_timer_, loop_.Now() + rest_.Next(NextRandom(random_)));
}

void Subchannel::OnRested() {
  resting_ = false;
  on_trial_ = trials_;
  failures_in_row_ = 0;
  owner_.OnStandingChange(*this);
}

CallCounts Subchannel::TakeCounts() {
  const CallCounts counts = std::exchange(counts_, CallCounts());
  const bool rested = std::exchange(rested_, false);
  if (!rested && !resting_ && !on_trial_ && counts.succeeded > 0) rest_.Reset();
  return counts;
}

// --- Connection ---

void Subchannel::Connect() {
  if (state_ != ChannelState::kIdle) return;
  state_ = ChannelState::kConnecting;
  outdated_ = false;
  const Instant now = loop_.Now();
  current_ = endpoint_->Open(loop_, again_, *this);
  again_ = true;
  events_.OnConnecting(*current_, now);
  owner_.OnSubchannelChange(*this);
}

void Subchannel::LetGo() {
  if (state_ != ChannelState::kConnecting && state_ != ChannelState::kReady) return;
  const bool connecting = state_ == ChannelState::kConnecting;
  state_ = ChannelState::kIdle;
  old_.push_back(std::move(current_));
  ClientConnection& old = *old_.back();
  old.note.end = ConnectionEnd::kClosed;
  if (connecting) {
    old.Close(absl::CancelledError("another address was faster"));
  } else {
    old.Drain();
  }
}

void Subchannel::Retire() {
  loop_.Disarm(backoff_timer_);
  loop_.Disarm(rest_timer_);
  judged_ = false;
  LetGo();
  state_ = ChannelState::kShutdown;
}

void Subchannel::EndBackoff() {
  outdated_ = state_ == ChannelState::kConnecting;
  if (state_ != ChannelState::kTransientFailure) return;
  loop_.Disarm(backoff_timer_);
  state_ = ChannelState::kIdle;
}

void Subchannel::Close(const absl::Status& status) {
  state_ = ChannelState::kShutdown;
  judged_ = false;
  loop_.Disarm(backoff_timer_);
  loop_.Disarm(rest_timer_);
  if (current_ != nullptr) {
    current_->note.end = ConnectionEnd::kClosed;
    current_->Close(status);
  }
  for (auto& connection : old_) connection->Close(status);
}

void Subchannel::OnReady(ClientConnection& connection) {
  if (state_ == ChannelState::kShutdown || &connection != current_.get()) return;
  state_ = ChannelState::kReady;
  failure_ = absl::OkStatus();
  backoff_.Reset();
  owner_.OnSubchannelChange(*this);
}

void Subchannel::OnCapacity(ClientConnection&) { owner_.OnSubchannelChange(*this); }

void Subchannel::OnDraining(ClientConnection& connection) {
  events_.OnDraining(connection);
  if (state_ == ChannelState::kShutdown || &connection != current_.get()) return;
  old_.push_back(std::move(current_));
  state_ = ChannelState::kIdle;
  owner_.OnSubchannelDraining();
  owner_.OnSubchannelLost(*this);
  owner_.OnSubchannelChange(*this);
}

void Subchannel::OnClosed(ClientConnection& connection, const absl::Status& status) {
  events_.OnClosed(connection, status);
  if (&connection != current_.get()) {
    std::erase_if(old_, [&](const auto& old) { return old.get() == &connection; });
    return owner_.OnSubchannelChange(*this);
  }
  const bool was_ready = state_ == ChannelState::kReady;
  const bool shut_down = state_ == ChannelState::kShutdown;
  // First: the status may be the connection's own.
  if (!shut_down && !was_ready) failure_ = status;
  current_.reset();
  if (!shut_down) {
    const bool backs_off = !was_ready && !std::exchange(outdated_, false);
    state_ = backs_off ? ChannelState::kTransientFailure : ChannelState::kIdle;
    if (backs_off) {
      on_trial_ = judged_ && trials_;
      loop_.Arm(backoff_timer_, loop_.Now() + backoff_.Next(NextRandom(random_)));
    }
    owner_.OnSubchannelLost(*this);
  }
  owner_.OnSubchannelChange(*this);
}

void Subchannel::OnBackoffOver() {
  state_ = ChannelState::kIdle;
  owner_.OnSubchannelChange(*this);
}

}  // namespace dialtone::internal
