#include "watchdog.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"

namespace dialtone::internal {
namespace {

// Each look takes a processor from whoever has it just then.
constexpr int kLooksPerLimit = 2;
constexpr absl::Duration kPeriodMin = absl::Milliseconds(1);
// While a handler holds on, it is told of again each time that it has held this many times longer.
constexpr int kAgainAfter = 10;

// `format` has $0 for the time.
void LogHold(LogKind& kind, const Method& method, absl::Duration held, const char* format) {
  if (!kind.Admits()) return;
  const std::string milliseconds = absl::StrCat(absl::ToInt64Milliseconds(held));
  Log(kind.level(),
      absl::StrCat("the handler of ", ToAbsl(method.path), " ",
                   absl::Substitute(format, absl::StrCat(milliseconds, " ms"))),
      {{"method", method.path}, {"held_ms", milliseconds}});
}

}  // namespace

Watchdog::Watchdog(Loop& loop, absl::Duration limit, size_t reactors)
    : loop_(loop), limit_(limit), period_(std::max(limit / kLooksPerLimit, kPeriodMin)) {
  for (size_t i = 0; i < reactors; ++i) slots_.push_back(std::make_unique<Slot>(*this));
}

void Watchdog::Stop() {
  loop_.Post([self = shared_from_this()] { self->loop_.Disarm(self->tick_); });
}

void Watchdog::Wake() {
  State parked = State::kParked;
  // Acquire, and release where it parks: the loop has let go of `wake_` before it may be posted again.
  if (state_.compare_exchange_strong(parked, State::kWoken, std::memory_order_acquire,
                                     std::memory_order_relaxed))
    loop_.Post(wake_);
}

void Watchdog::OnWake() {
  state_.store(State::kWatching, std::memory_order_relaxed);
  Look();
  loop_.Arm(tick_, loop_.Now() + period_);
}

void Watchdog::OnTick() {
  const bool active = Look();
  State state = state_.load(std::memory_order_relaxed);
  if (state == State::kWoken) return;  // OnWake() comes, and goes on
  if (state == State::kParked) {
    if (!active) return;
    // What ran was begun before this thread's word that it parks was heard.
    if (!state_.compare_exchange_strong(state, State::kWatching, std::memory_order_relaxed)) return;
  } else if (!active) {
    state_.store(State::kParked, std::memory_order_release);
  }
  loop_.Arm(tick_, loop_.Now() + period_);
}

bool Watchdog::Look() {
  const Instant now = loop_.Now();
  bool active = false;
  for (const auto& slot : slots_) active |= LookAt(*slot, now);
  return active;
}

bool Watchdog::LookAt(Slot& slot, Instant now) {
  const uint64_t run = slot.run_.load(std::memory_order_relaxed);
  const Method* const method = slot.method_.load(std::memory_order_acquire);
  const bool ran = std::exchange(slot.last_run_, run) != run;
  if (method == nullptr) return ran;
  // Whose method that is: a run that has begun meanwhile is looked at the next time.
  if (slot.run_.load(std::memory_order_relaxed) != run) return true;
  if (slot.seen_run_.load(std::memory_order_relaxed) != run) {
    slot.seen_at_.store(now.nanoseconds(), std::memory_order_relaxed);
    slot.tell_at_ = now + limit_;
    slot.seen_run_.store(run, std::memory_order_release);
  } else if (now >= slot.tell_at_) {
    const Instant since = Instant::FromNanoseconds(slot.seen_at_.load(std::memory_order_relaxed));
    slot.tell_at_ = since + kAgainAfter * (now - since);
    TellHolding(slot, *method, now - since);
  }
  return true;
}

void Watchdog::TellHolding(Slot& slot, const Method& method, absl::Duration held) {
  const uint64_t run = slot.seen_run_.load(std::memory_order_relaxed);
  if (slot.told_run_.exchange(run, std::memory_order_relaxed) != run) slot.told_.Increment();
  static constinit LogKind kind(LogLevel::kWarning, "handlers that hold their reactor");
  LogHold(kind, method, held,
          "has held its reactor for $0 and still does, so that other calls wait: co_await what "
          "takes long, or run it on workers");
}

void Watchdog::TellEnded(Slot& slot, const Method& method, Instant now) {
  const absl::Duration held =
      now - Instant::FromNanoseconds(slot.seen_at_.load(std::memory_order_relaxed));
  if (held < limit_) return;
  if (slot.told_run_.exchange(slot.run_.load(std::memory_order_relaxed),
                              std::memory_order_relaxed) !=
      slot.run_.load(std::memory_order_relaxed))
    slot.told_late_.Increment();
  static constinit LogKind kind(LogLevel::kWarning, "handlers that held their reactor");
  LogHold(kind, method, held, "has let go of its reactor after $0");
}

}  // namespace dialtone::internal
