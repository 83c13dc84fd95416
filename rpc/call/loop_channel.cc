#include "loop_channel.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "channel_core.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone::internal {
namespace {

// The better of two states, as a channel's user sees it.
int Rank(ChannelState state) {
  switch (state) {
    case ChannelState::kReady:
      return 4;
    case ChannelState::kConnecting:
      return 3;
    case ChannelState::kIdle:
      return 2;
    case ChannelState::kTransientFailure:
      return 1;
    case ChannelState::kShutdown:
      return 0;
  }
  return 0;
}

}  // namespace

ChannelState BetterState(ChannelState a, ChannelState b) { return Rank(a) >= Rank(b) ? a : b; }

LoopChannel::LoopChannel(std::shared_ptr<ChannelCore> core, Loop& loop)
    : core_(std::move(core)),
      loop_(loop),
      picker_(std::make_unique<FirstUsable>()),
      refused_(loop, core_->options().resends, core_->runtime().network().RandomSeed()) {
  for (const auto& endpoint : core_->endpoints()) {
    subchannels_.push_back(std::make_unique<Subchannel>(
        loop_, endpoint, core_->options().backoff, core_->runtime().network().RandomSeed(), *this));
  }
  loads_.resize(subchannels_.size());
}

LoopChannel::~LoopChannel() = default;

void LoopChannel::Start(ClientCall& call) {
  if (closing_) return call.Complete(absl::CancelledError("the channel was destroyed"));
  if (!core_->status().ok()) return call.Complete(core_->status());
  if (waiting_.empty()) {
    if (Subchannel* subchannel = Pick(call); subchannel != nullptr) return call.SendOn(*subchannel);
  }
  if (waiting_.size() >= core_->options().queued_calls_max) {
    return call.Complete(absl::ResourceExhaustedError(
        absl::StrCat(ToAbsl(call.method().path), ": ", waiting_.size(),
                     " calls already wait for a connection to ", core_->target(),
                     " (ChannelOptions::queued_calls_max)")));
  }
  waiting_.PushBack(call);
  Update();
}

bool LoopChannel::SendAgain(ClientCall& call, bool refused) {
  if (refused && !closing_) {
    call.CountRefusal();
    if (!HasElsewhere(call)) {
      call.ForgetRefusals();
      return refused_.Rest(call);
    }
  }
  Start(call);
  return true;
}

bool LoopChannel::IsElsewhere(const Subchannel& subchannel, const ClientCall& call) {
  return subchannel.usable() != nullptr && !call.was_refused_by(subchannel);
}

bool LoopChannel::HasElsewhere(const ClientCall& call) const {
  return std::any_of(subchannels_.begin(), subchannels_.end(),
                     [&](const auto& subchannel) { return IsElsewhere(*subchannel, call); });
}

void LoopChannel::StartRested(ClientCall& call) {
  refused_.Remove(call);
  Start(call);
}

void LoopChannel::Connect() {
  if (closing_) return;
  ConnectIdle();
  Update();
}

void LoopChannel::Close(absl::AnyInvocable<void() &&> closed) {
  closing_ = true;
  closed_ = std::move(closed);
  const absl::Status status = absl::CancelledError("the channel was destroyed");
  while (ClientCall* call = waiting_.front()) {
    waiting_.Remove(*call);
    call->Complete(status);
  }
  refused_.CompleteAll(status);
  for (auto& subchannel : subchannels_) subchannel->Close(status);
  OnClosedCheck();
}

void LoopChannel::OnSubchannelChange() {
  if (closing_) return OnClosedCheck();
  Update();
}

void LoopChannel::Update() {
  changed_ = true;
  if (updating_) return;  // below us on the stack: that one goes round again
  updating_ = true;
  while (std::exchange(changed_, false)) {
    SendWaiting();
    if (!waiting_.empty() && !AnyConnectingOrReady()) {
      if (std::exchange(try_all_, false)) EndBackoffs();
      ConnectIdle();
      if (!AnyConnectingOrReady()) FailWaiting();
    }
  }
  updating_ = false;
  PublishState();
}

void LoopChannel::SendWaiting() {
  while (ClientCall* call = waiting_.front()) {
    Subchannel* const subchannel = Pick(*call);
    if (subchannel == nullptr) return;
    waiting_.Remove(*call);
    call->SendOn(*subchannel);
  }
}

Subchannel* LoopChannel::Pick(const ClientCall& call) {
  if (subchannels_.size() == 1) {
    Subchannel* const only = subchannels_.front().get();
    return only->usable() != nullptr ? only : nullptr;
  }
  const bool elsewhere = call.was_refused() && HasElsewhere(call);
  for (size_t i = 0; i < subchannels_.size(); ++i) {
    loads_[i].usable =
        elsewhere ? IsElsewhere(*subchannels_[i], call) : subchannels_[i]->usable() != nullptr;
    loads_[i].calls_in_flight = subchannels_[i]->calls_in_flight();
  }
  const std::optional<size_t> picked = picker_->Pick(loads_);
  return picked.has_value() ? subchannels_[*picked].get() : nullptr;
}

bool LoopChannel::AnyConnectingOrReady() const {
  return std::any_of(subchannels_.begin(), subchannels_.end(), [](const auto& subchannel) {
    return subchannel->state() == ChannelState::kConnecting ||
           subchannel->state() == ChannelState::kReady;
  });
}

void LoopChannel::EndBackoffs() {
  for (auto& subchannel : subchannels_) subchannel->EndBackoff();
}

void LoopChannel::ConnectIdle() {
  for (auto& subchannel : subchannels_) subchannel->Connect();
}

absl::Status LoopChannel::Unavailable() const {
  for (const auto& subchannel : subchannels_) {
    if (!subchannel->failure().ok()) return subchannel->failure();
  }
  return absl::UnavailableError(absl::StrCat("connect ", core_->target(), ": no connection"));
}

void LoopChannel::FailWaiting() {
  const absl::Status status = Unavailable();
  for (ClientCall* call = waiting_.front(); call != nullptr;) {
    ClientCall* next = CallQueue::next(*call);
    if (!call->wait_for_ready()) {
      waiting_.Remove(*call);
      call->Complete(status);
    }
    call = next;
  }
}

void LoopChannel::PublishState() {
  ChannelState best = ChannelState::kShutdown;
  for (const auto& subchannel : subchannels_) best = BetterState(best, subchannel->state());
  if (best == std::exchange(published_, best)) return;
  core_->PublishState(loop_, best);
}

void LoopChannel::OnClosedCheck() {
  if (!closed_) return;
  const bool all = std::all_of(subchannels_.begin(), subchannels_.end(),
                               [](const auto& subchannel) { return subchannel->closed(); });
  if (!all) return;
  // A subchannel may be below us on the stack.
  loop_.Post([closed = std::exchange(closed_, nullptr)]() mutable { std::move(closed)(); });
}

}  // namespace dialtone::internal
