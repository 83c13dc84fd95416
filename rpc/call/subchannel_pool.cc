#include "subchannel_pool.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "channel_state.h"
#include "outliers.h"

namespace dialtone::internal {
namespace {

bool IsConnectingOrReady(const Subchannel& subchannel) {
  return subchannel.state() == ChannelState::kConnecting ||
         subchannel.state() == ChannelState::kReady;
}

}  // namespace

SubchannelPool::SubchannelPool(Loop& loop, const ChannelOptions& options, uint64_t seed,
                               ConnectionEvents& events, Owner& owner)
    : loop_(loop),
      options_(options),
      events_(events),
      owner_(owner),
      random_(seed),
      picker_(NewPicker(options.pick_policy, seed)) {}

SubchannelPool::~SubchannelPool() {
  loop_.Disarm(race_timer_);
  loop_.Disarm(interval_timer_);
}

void SubchannelPool::Apply(const std::vector<std::shared_ptr<const Endpoint>>& endpoints) {
  std::vector<std::unique_ptr<Subchannel>> before = std::exchange(subchannels_, {});
  absl::flat_hash_map<const Endpoint*, size_t> known;
  for (size_t i = 0; i < before.size(); ++i) known[before[i]->endpoint().get()] = i;
  for (const auto& endpoint : endpoints) {
    if (const auto found = known.find(endpoint.get()); found != known.end()) {
      subchannels_.push_back(std::move(before[found->second]));
      continue;
    }
    Subchannel::Owner& owner = *this;
    subchannels_.push_back(std::make_unique<Subchannel>(loop_, endpoint, options_,
                                                        NextRandom(random_), events_, owner));
    wants_to_connect_ = !racing_policy();
  }
  for (auto& subchannel : subchannels_) subchannel->set_judged(subchannels_.size() > 1);
  for (auto& subchannel : subchannels_) Refresh(*subchannel);
  for (std::unique_ptr<Subchannel>& gone : before) {
    if (gone == nullptr) continue;
    Unlist(*gone);
    gone->Retire();
    if (!gone->closed()) retired_.push_back(std::move(gone));
  }
  race_next_ = 0;
  if (racing_) RaceOn();
}

// --- Picking ---

Subchannel* SubchannelPool::Pick() {
  if (subchannels_.size() == 1) {
    Subchannel* const only = subchannels_.front().get();
    return only->usable() != nullptr ? only : nullptr;
  }
  while (!welcome_.empty()) {
    auto* const picked = static_cast<Subchannel*>(welcome_[picker_->Pick(welcome_)]);
    if (picked->welcome()) return picked;
    Unlist(*picked);  // it has no room now; it says so when that has changed
  }
  return PickLast();
}

Subchannel* SubchannelPool::PickIf(absl::FunctionRef<bool(const Subchannel&)> wanted) const {
  Subchannel* best = nullptr;
  for (const auto& subchannel : subchannels_) {
    if (best != nullptr && best->in_flight <= subchannel->in_flight) continue;
    if (subchannel->welcome() && wanted(*subchannel)) best = subchannel.get();
  }
  return best;
}

Subchannel* SubchannelPool::PickLast() const {
  Subchannel* best = nullptr;
  for (const auto& subchannel : subchannels_) {
    const bool good = !subchannel->resting() && !subchannel->on_trial();
    // It has no room just now, or it will be there soon: worth waiting for.
    if (good && subchannel->state() != ChannelState::kTransientFailure) return nullptr;
    if (subchannel->usable() == nullptr) continue;
    if (best == nullptr || subchannel->in_flight < best->in_flight) best = subchannel.get();
  }
  return best;
}

void SubchannelPool::Refresh(Subchannel& subchannel) {
  if (!subchannel.welcome()) return Unlist(subchannel);
  if (subchannel.position != Subchannel::kUnlisted) return;
  subchannel.position = welcome_.size();
  welcome_.push_back(&subchannel);
}

void SubchannelPool::Unlist(Subchannel& subchannel) {
  if (subchannel.position == Subchannel::kUnlisted) return;
  EndpointLoad* const last = welcome_.back();
  welcome_[subchannel.position] = last;
  static_cast<Subchannel*>(last)->position = subchannel.position;
  welcome_.pop_back();
  subchannel.position = Subchannel::kUnlisted;
}

// --- Connecting ---

void SubchannelPool::Connect() {
  wants_to_connect_ = false;
  if (racing_policy() && subchannels_.size() > 1) {
    if (racing_ || HasWinner()) return;
    racing_ = true;
    race_next_ = 0;
    return RaceOn();
  }
  // By index: a change may be told from within.
  for (size_t i = 0; i < subchannels_.size(); ++i) {
    if (!subchannels_[i]->resting()) subchannels_[i]->Connect();
  }
}

bool SubchannelPool::ConnectLast() {
  bool any = false;
  // By index: a change may be told from within.
  for (size_t i = 0; i < subchannels_.size(); ++i) {
    if (!subchannels_[i]->resting()) continue;
    subchannels_[i]->Connect();
    any = any || IsConnectingOrReady(*subchannels_[i]);
  }
  return any;
}

void SubchannelPool::EndBackoffs() {
  for (auto& subchannel : subchannels_) subchannel->EndBackoff();
}

bool SubchannelPool::HasWinner() const {
  return std::any_of(subchannels_.begin(), subchannels_.end(), [](const auto& subchannel) {
    return subchannel->state() == ChannelState::kReady && !subchannel->resting();
  });
}

void SubchannelPool::RaceOn() {
  if (HasWinner()) return EndRace();
  loop_.Disarm(race_timer_);
  const auto idle = [](const auto& subchannel) {
    return subchannel->state() == ChannelState::kIdle && !subchannel->resting();
  };
  const auto from = subchannels_.begin() + static_cast<ptrdiff_t>(race_next_);
  const auto next = std::find_if(from, subchannels_.end(), idle);
  if (next == subchannels_.end()) {
    racing_ = AnyConnectingOrReady();
    lost_ = !racing_;
    return;
  }
  if (std::find_if(next + 1, subchannels_.end(), idle) != subchannels_.end())
    loop_.Arm(race_timer_, loop_.Now() + options_.next_address_delay);
  race_next_ = static_cast<size_t>(next - subchannels_.begin()) + 1;
  (*next)->Connect();
}

void SubchannelPool::OnRaceTimer() {
  RaceOn();
  owner_.OnPoolChange();
}

void SubchannelPool::EndRace() {
  racing_ = false;
  loop_.Disarm(race_timer_);
  bool won = false;
  for (auto& subchannel : subchannels_) {
    const bool ready = subchannel->state() == ChannelState::kReady && !subchannel->resting();
    if (subchannel->resting() || (ready && !std::exchange(won, true))) continue;
    subchannel->LetGo();
    Refresh(*subchannel);
  }
}

void SubchannelPool::Disconnect() {
  racing_ = false;
  loop_.Disarm(race_timer_);
  for (auto& subchannel : subchannels_) {
    subchannel->LetGo();
    Refresh(*subchannel);
  }
  wants_to_connect_ = !racing_policy();
}

bool SubchannelPool::AnyConnectingOrReady() const {
  return std::any_of(subchannels_.begin(), subchannels_.end(), [](const auto& subchannel) {
    return !subchannel->resting() && IsConnectingOrReady(*subchannel);
  });
}

bool SubchannelPool::any_calls() const {
  return std::any_of(subchannels_.begin(), subchannels_.end(),
                     [](const auto& subchannel) { return subchannel->in_flight > 0; });
}

ChannelState SubchannelPool::state() const {
  ChannelState best = ChannelState::kShutdown;
  for (const auto& subchannel : subchannels_) best = BetterState(best, subchannel->state());
  return best;
}

absl::Status SubchannelPool::failure() const {
  for (const auto& subchannel : subchannels_) {
    if (!subchannel->failure().ok()) return subchannel->failure();
  }
  return absl::OkStatus();
}

void SubchannelPool::Close(const absl::Status& status) {
  closing_ = true;
  loop_.Disarm(race_timer_);
  loop_.Disarm(interval_timer_);
  for (auto& subchannel : subchannels_) subchannel->Close(status);
  for (auto& subchannel : retired_) subchannel->Close(status);
}

bool SubchannelPool::closed() const {
  const auto is_closed = [](const auto& subchannel) { return subchannel->closed(); };
  return std::all_of(subchannels_.begin(), subchannels_.end(), is_closed) &&
         std::all_of(retired_.begin(), retired_.end(), is_closed);
}

// --- What the subchannels tell ---

void SubchannelPool::OnSubchannelChange(Subchannel& subchannel) {
  if (closing_) return owner_.OnPoolChange();
  if (subchannel.state() == ChannelState::kShutdown) return Sweep(subchannel);
  Refresh(subchannel);
  if (racing_policy() && subchannels_.size() > 1) {
    if (racing_ && subchannel.state() != ChannelState::kConnecting) RaceOn();
  } else if (subchannel.state() == ChannelState::kIdle) {
    wants_to_connect_ = true;
  }
  owner_.OnPoolChange();
}

void SubchannelPool::Sweep(Subchannel& subchannel) {
  if (!subchannel.closed()) return;
  std::erase_if(retired_, [&](const auto& retired) { return retired.get() == &subchannel; });
}

void SubchannelPool::OnStandingChange(Subchannel& subchannel) {
  // A server that has rested while another one took its place is not needed any more.
  if (racing_policy()) {
    const bool other =
        std::any_of(subchannels_.begin(), subchannels_.end(), [&](const auto& candidate) {
          return candidate.get() != &subchannel && !candidate->resting() &&
                 candidate->state() == ChannelState::kReady;
        });
    if (other) subchannel.LetGo();
  }
  Refresh(subchannel);
  if (subchannel.state() == ChannelState::kIdle) wants_to_connect_ = !racing_policy();
  owner_.OnPoolChangeInCall();
}

// --- Outliers ---

void SubchannelPool::OnFailures(Subchannel& subchannel) { RestIfAllowed(subchannel); }

void SubchannelPool::RestIfAllowed(Subchannel& subchannel) {
  const auto resting = std::count_if(subchannels_.begin(), subchannels_.end(),
                                     [](const auto& candidate) { return candidate->resting(); });
  if (static_cast<size_t>(resting) < RestingMax(subchannels_.size(), options_.outliers))
    subchannel.Rest();
  // One that was on trial and may not rest has room for another call.
  Refresh(subchannel);
  owner_.OnPoolChangeInCall();
}

void SubchannelPool::OnFirstCount() {
  if (interval_timer_.armed()) return;
  loop_.Arm(interval_timer_, loop_.Now() + options_.outliers.interval);
}

void SubchannelPool::OnInterval() {
  std::vector<CallCounts> counts;
  counts.reserve(subchannels_.size());
  for (auto& subchannel : subchannels_) counts.push_back(subchannel->TakeCounts());
  for (const size_t outlier : FindOutliers(counts, options_.outliers)) {
    if (!subchannels_[outlier]->resting()) RestIfAllowed(*subchannels_[outlier]);
  }
}

}  // namespace dialtone::internal
