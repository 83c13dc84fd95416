#include "subchannel.h"

#include <algorithm>
#include <utility>

namespace dialtone::internal {

CallOutcome OutcomeOf(const StreamEnd& end) {
  if (end.never_ran) return CallOutcome::kUnknown;
  const bool failed = absl::IsUnavailable(end.status) || absl::IsDeadlineExceeded(end.status);
  return failed ? CallOutcome::kFailed : CallOutcome::kSucceeded;
}

Subchannel::Subchannel(Loop& loop, std::shared_ptr<const Endpoint> endpoint,
                       const BackoffOptions& backoff, uint64_t seed, Owner& owner)
    : loop_(loop),
      endpoint_(std::move(endpoint)),
      owner_(owner),
      random_(seed),
      backoff_(backoff) {}

Subchannel::~Subchannel() { loop_.Disarm(backoff_timer_); }

ClientConnection* Subchannel::usable() const {
  // Not ahead of the connection: what was given to one that cannot be made would end with it, though
  // it could wait, or go to another server; and written ahead it leaves no sooner.
  return state_ == ChannelState::kReady && current_->has_capacity() ? current_.get() : nullptr;
}

void Subchannel::Connect() {
  if (state_ != ChannelState::kIdle || closing_) return;
  state_ = ChannelState::kConnecting;
  current_ = endpoint_->Open(loop_, again_, *this);
  again_ = true;
  owner_.OnSubchannelChange();
}

void Subchannel::EndBackoff() {
  if (state_ != ChannelState::kTransientFailure) return;
  loop_.Disarm(backoff_timer_);
  state_ = ChannelState::kIdle;
}

void Subchannel::Close(const absl::Status& status) {
  closing_ = true;
  state_ = ChannelState::kShutdown;
  loop_.Disarm(backoff_timer_);
  if (current_ != nullptr) current_->Close(status);
  for (auto& connection : old_) connection->Close(status);
}

void Subchannel::OnReady(ClientConnection& connection) {
  if (closing_ || &connection != current_.get()) return;
  state_ = ChannelState::kReady;
  failure_ = absl::OkStatus();
  backoff_.Reset();
  owner_.OnSubchannelChange();
}

void Subchannel::OnCapacity(ClientConnection&) { owner_.OnSubchannelChange(); }

void Subchannel::OnDraining(ClientConnection& connection) {
  if (closing_ || &connection != current_.get()) return;
  old_.push_back(std::move(current_));
  state_ = ChannelState::kIdle;
  owner_.OnSubchannelDraining();
  owner_.OnSubchannelChange();
}

void Subchannel::OnClosed(ClientConnection& connection, const absl::Status& status) {
  if (&connection != current_.get()) {
    std::erase_if(old_, [&](const auto& old) { return old.get() == &connection; });
  } else {
    const bool was_ready = state_ == ChannelState::kReady;
    // First: the status may be the connection's own.
    if (!closing_ && !was_ready) failure_ = status;
    current_.reset();
    if (!closing_ && was_ready) {
      state_ = ChannelState::kIdle;
    } else if (!closing_) {
      state_ = ChannelState::kTransientFailure;
      loop_.Arm(backoff_timer_, loop_.Now() + backoff_.Next(NextRandom(random_)));
    }
  }
  owner_.OnSubchannelChange();
}

void Subchannel::OnBackoffOver() {
  state_ = ChannelState::kIdle;
  owner_.OnSubchannelChange();
}

}  // namespace dialtone::internal
