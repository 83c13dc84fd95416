#include "channel_core.h"

#include <algorithm>
#include <utility>

#include "dialtone/transport/check.h"
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

}  // namespace

ChannelCore::ChannelCore(std::string target, const ChannelOptions& options, absl::Status status,
                         std::vector<std::shared_ptr<const Endpoint>> endpoints)
    : target_(std::move(target)),
      options_(options),
      runtime_(options.runtime != nullptr ? *options.runtime : Runtime::Default()),
      status_(std::move(status)),
      endpoints_(std::move(endpoints)) {}

ChannelCore::~ChannelCore() { ReleaseCallerLoop(); }

void ChannelCore::ReleaseCallerLoop() {
  if (Loop* loop = caller_loop_.exchange(nullptr); loop != nullptr)
    runtime_.ReleaseCallerLoop(*loop);
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

LoopChannel& ChannelCore::PartOn(Loop& loop) {
  std::shared_ptr<void>& slot = loop.Local(this);
  if (slot == nullptr) {
    auto part = std::make_shared<LoopChannel>(shared_from_this(), loop);
    LoopChannel& made = *part;
    slot = std::move(part);
    MutexLock lock(mutex_);
    DIALTONE_CHECK(!closed_, "a call is made on a channel that is being destroyed");
    parts_.emplace(&loop, ChannelState::kIdle);
    return made;
  }
  return *static_cast<LoopChannel*>(slot.get());
}

void ChannelCore::Close(bool wait) {
  std::vector<Loop*> loops;
  {
    MutexLock lock(mutex_);
    closed_ = true;
    for (const auto& [loop, state] : parts_) loops.push_back(loop);
  }
  if (loops.empty()) return;
  parts_open_.store(loops.size(), std::memory_order_relaxed);
  for (Loop* loop : loops) {
    if (LeadScope lead(*loop); lead.leading()) {
      ClosePart(*loop);
    } else {
      loop->Post([self = shared_from_this(), loop] { self->ClosePart(*loop); });
    }
  }
  if (wait) runtime_.network().Wait(all_closed_, Instant::Infinite());
}

void ChannelCore::ClosePart(Loop& loop) {
  auto self = shared_from_this();
  static_cast<LoopChannel*>(loop.Local(this).get())->Close([self, &loop] {
    loop.EraseLocal(self.get());
    // Behind the callbacks of the calls that were ended.
    loop.Defer([self] { self->OnPartClosed(); });
  });
}

void ChannelCore::OnPartClosed() {
  if (parts_open_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  // Before whoever waits goes on, and perhaps destroys the runtime.
  ReleaseCallerLoop();
  all_closed_.Set();
}

ChannelState ChannelCore::state() const {
  MutexLock lock(mutex_);
  return state_;
}

void ChannelCore::PublishState(Loop& loop, ChannelState state) {
  MutexLock lock(mutex_);
  parts_[&loop] = state;
  ChannelState best = ChannelState::kShutdown;
  for (const auto& [part, part_state] : parts_) best = BetterState(best, part_state);
  if (best == std::exchange(state_, best)) return;
  std::erase_if(watches_, [](const auto& watch) { return watch.expired(); });
  // All on one loop, which watching has acquired, and under the lock: notifications come in the
  // order of the states.
  for (const auto& weak : watches_) {
    if (auto watch = weak.lock(); watch != nullptr) {
      caller_loop_.load(std::memory_order_acquire)->Defer([watch, best] { watch->Notify(best); });
    }
  }
}

std::unique_ptr<Channel::Watch> ChannelCore::Watch(
    absl::AnyInvocable<void(ChannelState)> function) {
  auto watch = std::make_shared<StateWatch>(std::move(function));
  Loop& loop = caller_loop();
  MutexLock lock(mutex_);
  watches_.push_back(watch);
  loop.Defer([watch, state = state_] { watch->Notify(state); });
  return std::make_unique<WatchHandle>(std::move(watch));
}

}  // namespace dialtone::internal
