#include "channel_core.h"

#include <algorithm>
#include <utility>

#include "channel_state.h"
#include "gathering_scope.h"
#include "state_watch.h"

namespace dialtone::internal {
namespace {

class WatchHandle final : public Channel::Watch {
 public:
  explicit WatchHandle(std::shared_ptr<StateWatch> watch) : watch_(std::move(watch)) {}
  ~WatchHandle() override { watch_->Stop(); }

 private:
  const std::shared_ptr<StateWatch> watch_;  // shared with notifications on their way
};

bool AnyWantsWritten(const ChannelOptions& options) {
  return std::any_of(options.observers.begin(), options.observers.end(),
                     [](const auto& observer) { return observer->WantsWritten(); });
}

}  // namespace

std::shared_ptr<ChannelCore> ChannelCore::Make(std::string target, const ChannelOptions& options,
                                               std::shared_ptr<const Endpoint> server) {
  WarnIfMissing(options.compression.algorithm, "a channel");
  auto core = std::make_shared<ChannelCore>(
      std::move(target), std::make_shared<const ChannelOptions>(options), server);
  core->discovery_->SetListener([weak = std::weak_ptr<ChannelCore>(core)] {
    if (auto self = weak.lock(); self != nullptr) self->OnDiscovery();
  });
  return core;
}

ChannelCore::ChannelCore(std::string target, std::shared_ptr<const ChannelOptions> options,
                         const std::shared_ptr<const Endpoint>& server)
    : target_(std::move(target)),
      options_(std::move(options)),
      default_timeout_ns_(absl::ToInt64Nanoseconds(options_->default_timeout)),
      packing_(PlanWith(options_->compression, options_->compression.algorithm)),
      tells_written_(AnyWantsWritten(*options_)),
      runtime_(options_->runtime != nullptr ? *options_->runtime : Runtime::Default()),
      discovery_(server != nullptr ? Discovery::OfEndpoint(server)
                                   : Discovery::OfTarget(target_, options_, runtime_.network())) {}

ChannelCore::~ChannelCore() { ReleaseCallerLoop(); }

void ChannelCore::ReleaseCallerLoop() {
  Loop* const loop = caller_loop_.exchange(nullptr);
  if (loop != nullptr) runtime_.ReleaseCallerLoop(*loop);
}

Loop& ChannelCore::LoopForThisThread() {
  Loop* current = Loop::Current();
  return current != nullptr && current->is_reactor() ? *current : caller_loop();
}

Loop& ChannelCore::caller_loop() {
  if (Loop* loop = caller_loop_.load(std::memory_order_acquire); loop != nullptr) return *loop;
  MutexLock lock(mutex_);
  Loop* loop = caller_loop_.load(std::memory_order_relaxed);
  if (loop == nullptr) {
    loop = &runtime_.AcquireCallerLoop();
    caller_loop_.store(loop, std::memory_order_release);
  }
  return *loop;
}

LoopChannel* ChannelCore::PartOn(Loop& loop) {
  std::shared_ptr<void>& slot = loop.Local(this);
  if (slot == nullptr) {
    MutexLock lock(mutex_);
    if (closed_) {
      loop.EraseLocal(this);
      return nullptr;
    }
    auto part = std::make_shared<LoopChannel>(shared_from_this(), loop, discovery_->latest());
    counters_.push_back(part->shared_counters());
    methods_.push_back(part->shared_loop_counters());
    slot = std::move(part);
    parts_.emplace_back(&loop, ChannelState::kIdle);
  }
  return static_cast<LoopChannel*>(slot.get());
}

void ChannelCore::OnDiscovery() {
  // Under the lock: a loop with a part is there as long as the channel is not closed.
  MutexLock lock(mutex_);
  if (closed_) return;
  for (const auto& open : parts_) {
    Loop* const loop = open.first;
    loop->Post([self = shared_from_this(), loop] {
      if (LoopChannel* part = self->PartOn(*loop); part != nullptr)
        part->OnResolution(self->discovery_->latest());
    });
  }
}

ChannelState* ChannelCore::StateOn(const Loop* loop) {
  for (auto& [part, state] : parts_) {
    if (part == loop) return &state;
  }
  return nullptr;
}

PackingPlan ChannelCore::FindPacking(const Method& method,
                                     const std::optional<Compression>& chosen) const {
  if (chosen.has_value()) return PlanWith(options_->compression, *chosen);
  if (!options_->methods.empty()) {
    for (const std::string_view name : {method.path.substr(1), method.service()}) {
      const auto found = options_->methods.find(name);
      if (found != options_->methods.end() && found->second.compression.has_value())
        return PlanWith(options_->compression, *found->second.compression);
    }
  }
  return packing_;
}

void ChannelCore::Connect() {
  Loop& loop = LoopForThisThread();
  loop.Post([self = shared_from_this(), &loop] {
    if (LoopChannel* part = self->PartOn(loop); part != nullptr) part->Connect();
  });
}

void ChannelCore::Close(bool wait) {
  Loop* const caller = caller_loop_.load(std::memory_order_acquire);
  std::vector<Loop*> loops;
  {
    MutexLock lock(mutex_);
    for (const auto& [loop, state] : parts_) loops.push_back(loop);
    // Calls that were begun while another thread led it may still be on their way there.
    if (caller != nullptr && StateOn(caller) == nullptr) loops.push_back(caller);
  }
  if (loops.empty()) return;
  parts_open_.store(loops.size(), std::memory_order_relaxed);
  // Whoever does not wait cannot know when all has ended: the runtime then does.
  abandoned_ = !wait;
  if (abandoned_) runtime_.CountClosing(1);
  for (Loop* loop : loops) {
    // Posted even where the lead could be had, so that it comes behind the calls on their way.
    loop->Post([self = shared_from_this(), loop] { self->ClosePart(*loop); });
  }
  if (!wait) return;
  if (caller != nullptr) {
    caller->Drive(all_closed_, Instant::Infinite());
  } else {
    runtime_.network().Wait(all_closed_, Instant::Infinite());
  }
}

void ChannelCore::ClosePart(Loop& loop) {
  {
    MutexLock lock(mutex_);
    closed_ = true;
  }
  auto self = shared_from_this();
  auto closed = [self, &loop] {
    loop.EraseLocal(self.get());
    // Behind the callbacks of the calls that were ended.
    loop.Defer([self] { self->OnPartClosed(); });
  };
  if (LoopChannel* part = PartOn(loop); part != nullptr) {
    part->Close(std::move(closed));
  } else {
    closed();
  }
}

void ChannelCore::OnPartClosed() {
  if (parts_open_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  // Before whoever waits goes on, and perhaps destroys the runtime.
  ReleaseCallerLoop();
  if (abandoned_) {
    runtime_.CountClosing(-1);
  } else {
    all_closed_.Set();
  }
}

ChannelState ChannelCore::state() const {
  MutexLock lock(mutex_);
  return state_;
}

ChannelStats ChannelCore::stats() const {
  ChannelStats stats;
  MutexLock lock(mutex_);
  for (const auto& counters : counters_) counters->AddTo(stats);
  return stats;
}

void ChannelCore::PublishState(Loop& loop, ChannelState state) {
  MutexLock lock(mutex_);
  *StateOn(&loop) = state;
  ChannelState best = ChannelState::kShutdown;
  for (const auto& [part, part_state] : parts_) best = BetterState(best, part_state);
  if (best == std::exchange(state_, best)) return;
  for (Event* waiter : std::exchange(change_waiters_, {})) waiter->Set();
  std::erase_if(watches_, [](const auto& watch) { return watch.expired(); });
  // All on one loop, which watching has acquired: one at a time. They may overtake each other there, as this is told by
  // threads that lead it and by others, so they have numbers.
  const uint64_t number = ++state_number_;
  for (const auto& weak : watches_) {
    if (auto watch = weak.lock(); watch != nullptr) {
      Loop& watching = *caller_loop_.load(std::memory_order_acquire);
      StateWatch::Post(watching, std::move(watch), number, best);
    }
  }
}

std::unique_ptr<Channel::Watch> ChannelCore::Watch(
    absl::AnyInvocable<void(ChannelState)> function) {
  auto watch = std::make_shared<StateWatch>(std::move(function));
  Loop& loop = caller_loop();
  MutexLock lock(mutex_);
  watches_.push_back(watch);
  StateWatch::Post(loop, watch, ++state_number_, state_);
  return std::make_unique<WatchHandle>(std::move(watch));
}

ChannelState ChannelCore::WaitForChange(ChannelState from, Instant until) {
  Event changed;
  {
    MutexLock lock(mutex_);
    if (state_ != from) return state_;
    change_waiters_.push_back(&changed);
  }
  GatheringScope::FlushCurrent();
  caller_loop().Drive(changed, until);
  MutexLock lock(mutex_);
  std::erase(change_waiters_, &changed);
  return state_;
}

bool ChannelCore::WaitUntilReady(Instant until) {
  ChannelState now = state();
  while (now != ChannelState::kReady) {
    if (caller_loop().Now() >= until) return false;
    if (now == ChannelState::kIdle) Connect();
    now = WaitForChange(now, until);
  }
  return true;
}

}  // namespace dialtone::internal
