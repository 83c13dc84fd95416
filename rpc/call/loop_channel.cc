#include "loop_channel.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "channel_core.h"
#include "channel_state.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone::internal {

LoopChannel::LoopChannel(std::shared_ptr<ChannelCore> core, Loop& loop,
                         std::shared_ptr<const Resolution> resolution)
    : core_(std::move(core)),
      loop_(loop),
      events_(*core_, loop, counters_->connections()),
      pool_(loop, core_->options(), core_->runtime().network().RandomSeed(), events_, *this),
      refused_(loop, core_->options(), core_->runtime().network().RandomSeed()),
      retries_(loop, core_->options(), core_->runtime().network().RandomSeed()),
      resolution_(std::move(resolution)),
      stale_(resolution_ == nullptr) {
  if (resolution_ == nullptr) return;
  pool_.Apply(resolution_->endpoints);
  if (!resolution_->fresh_until.infinite()) loop_.Arm(stale_timer_, resolution_->fresh_until);
}

LoopChannel::~LoopChannel() {
  loop_.Disarm(stale_timer_);
  loop_.Disarm(idle_timer_);
}

// --- Calls ---

ClientMethodCounters* LoopChannel::CountStart(const Method& method) {
  return counters_->CountStart(method, core_->options().metrics);
}

void LoopChannel::Start(ClientCall& call) {
  if (closing_) return call.Complete(absl::CancelledError("the channel was destroyed"));
  if (resolution_ != nullptr && resolution_->hopeless()) return call.Complete(resolution_->status);
  used_ = busy_ = true;
  const bool needs_care = this->needs_care();
  if (waiting_.empty() && !needs_care) {
    if (Subchannel* subchannel = Pick(call); subchannel != nullptr) return call.SendOn(*subchannel);
  }
  waiting_.PushBack(call);
  // From here on whoever watches connections or other calls may end this one, which they find among those that wait.
  if (needs_care) {
    Connect();
  } else if (!TooManyWait()) {
    Update();
  }
  if (TooManyWait() && waiting_.back() == &call) RefuseToWait(call);
}

void LoopChannel::RefuseToWait(ClientCall& call) {
  waiting_.Remove(call);
  call.Complete(absl::ResourceExhaustedError(absl::StrCat(
      ToAbsl(call.method().path), ": ", waiting_.size(), " calls already wait for a connection to ",
      core_->target(), " (ChannelOptions::queued_calls_max)")));
}

bool LoopChannel::TooManyWait() const {
  return waiting_.size() > core_->options().queued_calls_max;
}

const char* LoopChannel::SendAgain(ClientCall& call, const StreamEnd& end) {
  bool rests = false;
  const char* why_not = nullptr;
  if (end.refused && !closing_) {
    call.AvoidLastServer();
    if (end.pushback.has_value()) {
      rests = true;
      why_not = refused_.RestAsAsked(call, *end.pushback);
    } else if (Elsewhere(call) == nullptr) {
      rests = true;
      call.ForgetAvoided();
      why_not = refused_.Rest(call);
    }
  }
  if (why_not != nullptr) return why_not;
  retries_.counters().resends.Increment();
  if (!rests) Start(call);
  return nullptr;
}

void LoopChannel::OnWake(ClientCall& call) {
  if (refused_.Remove(call) || retries_.Resume(call)) return Start(call);
  if (call.under_way()) Hedge(call);
}

void LoopChannel::Hedge(ClientCall& call) {
  // A server has asked for it since the timer was armed.
  const Instant now = loop_.Now();
  if (call.hedges() != nullptr && now < call.hedges()->not_before())
    return retries_.ArmHedge(call, now);
  Subchannel* const other = Elsewhere(call);
  if (other == nullptr || !retries_.SpendOnHedge()) return;
  call.HedgeOn(*other);
  retries_.ArmHedge(call, now);
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
  if (call.avoids_any()) {
    if (Subchannel* const other = Elsewhere(call); other != nullptr) return other;
  }
  return pool_.Pick();
}

Subchannel* LoopChannel::Elsewhere(const ClientCall& call) const {
  return pool_.PickIf([&](const Subchannel& subchannel) {
    return !call.avoids(subchannel) && !call.is_at(subchannel);
  });
}

void LoopChannel::FailWaiting() {
  const absl::Status status = Unavailable();
  const bool hopeless = resolution_ != nullptr && resolution_->hopeless();
  for (ClientCall* call = waiting_.front(); call != nullptr;) {
    ClientCall* const next = CallQueue::next(*call);
    if (hopeless || !call->wait_for_ready()) {
      waiting_.Remove(*call);
      failing_.PushBack(*call);
    }
    call = next;
  }
  // Always the first: whoever observes the end of one may cancel others.
  while (ClientCall* call = failing_.front()) {
    failing_.Remove(*call);
    call->FailUnsent(status);
  }
}

absl::Status LoopChannel::Unavailable() const {
  if (resolution_ != nullptr && !resolution_->status.ok()) return resolution_->status;
  absl::Status failure = pool_.failure();
  if (!failure.ok()) return failure;
  return absl::UnavailableError(absl::StrCat("connect ", core_->target(), ": no connection"));
}

// --- Servers ---

void LoopChannel::Connect() {
  if (closing_) return;
  ConnectIdle();
  Update();
}

void LoopChannel::ConnectIdle() {
  if (stale_) AskAnew();
  if (std::exchange(try_all_, false)) pool_.EndBackoffs();
  pool_.Connect();
}

void LoopChannel::OnPoolChange() {
  if (closing_) return OnClosedCheck();
  Update();
}

void LoopChannel::OnPoolChangeInCall() {
  if (closing_ || waiting_.empty() || std::exchange(update_posted_, true)) return;
  loop_.Post(update_work_);
}

void LoopChannel::UpdateLater() {
  update_posted_ = false;
  if (!closing_) Update();
}

void LoopChannel::Update() {
  changed_ = true;
  if (updating_) return;  // below us on the stack: that one goes round again
  updating_ = true;
  while (std::exchange(changed_, false)) {
    SendWaiting();
    if (pool_.TakeLostRace() && !resolving_) FailWaiting();
    // Who is ready may have no room for long: one that is on trial, say.
    if (!waiting_.empty() && (pool_.wants_to_connect() || !AnyHope())) {
      ConnectIdle();
      if (!AnyHope() && !pool_.ConnectLast()) FailWaiting();
    }
  }
  updating_ = false;
  PublishState();
}

bool LoopChannel::AnyHope() const { return resolving_ || pool_.AnyConnectingOrReady(); }

ChannelState LoopChannel::State() const {
  if (pool_.empty()) {
    if (resolving_) return ChannelState::kConnecting;
    return stale_ ? ChannelState::kIdle : ChannelState::kTransientFailure;
  }
  return pool_.state();
}

void LoopChannel::PublishState() {
  const ChannelState state = State();
  if (state == std::exchange(published_, state)) return;
  core_->PublishState(loop_, state);
  if (state == ChannelState::kReady) ArmIdleTimer();
}

// --- Where the servers are ---

void LoopChannel::AskAnew() {
  stale_ = used_ = false;
  if (std::exchange(resolving_, true)) return;
  core_->discovery().Refresh(resolution_ == nullptr ? 0 : resolution_->number);
}

void LoopChannel::OnResolution(std::shared_ptr<const Resolution> resolution) {
  if (closing_ || (resolution_ != nullptr && resolution->number <= resolution_->number)) return;
  resolution_ = std::move(resolution);
  resolving_ = stale_ = false;
  loop_.Arm(stale_timer_, resolution_->fresh_until);
  pool_.Apply(resolution_->endpoints);
  Update();
}

void LoopChannel::OnServerLost() {
  if (closing_ || resolving_ || resolution_->fresh_until.infinite()) return;
  if (loop_.Now() >= resolution_->earliest_refresh) {
    // Where nobody calls, a server may well close what is idle: the next call asks.
    if (used_ || !waiting_.empty()) return AskAnew();
    stale_ = true;
  } else if (stale_timer_.armed() && stale_timer_.when() > resolution_->earliest_refresh) {
    loop_.Arm(stale_timer_, resolution_->earliest_refresh);
  }
}

void LoopChannel::OnStale() {
  stale_ = true;
  if (used_ || !waiting_.empty()) AskAnew();
  Update();
}

// --- The end ---

void LoopChannel::ArmIdleTimer() {
  if (idle_timer_.armed() || core_->options().idle_timeout == absl::InfiniteDuration()) return;
  busy_ = false;
  loop_.Arm(idle_timer_, loop_.Now() + core_->options().idle_timeout);
}

void LoopChannel::OnIdleTimer() {
  if (pool_.state() != ChannelState::kReady) return;
  const bool under_way = !waiting_.empty() || pool_.any_calls();
  if (busy_ || under_way) {
    ArmIdleTimer();
    busy_ = under_way;  // what is under way may end a moment before the timer comes again
    return;
  }
  pool_.Disconnect();
  Update();
}

void LoopChannel::Close(absl::AnyInvocable<void() &&> closed) {
  closing_ = true;
  closed_ = std::move(closed);
  loop_.Disarm(stale_timer_);
  loop_.Disarm(idle_timer_);
  const absl::Status status = absl::CancelledError("the channel was destroyed");
  while (ClientCall* call = waiting_.front()) {
    waiting_.Remove(*call);
    call->Complete(status);
  }
  refused_.CompleteAll(status);
  retries_.CompleteAll(status);
  while (ClientCall* call = aside_.front()) {
    aside_.Remove(*call);
    call->Complete(status);
  }
  pool_.Close(status);
  OnClosedCheck();
}

void LoopChannel::OnClosedCheck() {
  if (!closed_ || !pool_.closed()) return;
  // A subchannel may be below us on the stack.
  loop_.Post([closed = std::exchange(closed_, nullptr)]() mutable { std::move(closed)(); });
}

}  // namespace dialtone::internal
