#include "support/sim_loop.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "support/sim_connection.h"
#include "support/sim_stream.h"

namespace dialtone {
namespace {

// "server/reactor-0" lives on the host "server"; a name without a slash lives on "local".
std::string HostOf(const std::string& name) {
  const size_t slash = name.find('/');
  return slash == std::string::npos ? "local" : name.substr(0, slash);
}

}  // namespace

SimReady::~SimReady() {
  if (listed_) owner_.Unlink(*this);
  if (owner_.running_ == this) owner_.running_ = nullptr;
}

SimLoop::SimLoop(SimWorld& world, const std::string& name, bool is_reactor)
    : Loop(is_reactor),
      world_(world),
      name_(name),
      id_(world.NewId()),
      host_(world.HostId(HostOf(name))),
      turn_(*this, "turn", id_),
      deferred_event_(*this, "deferred", id_) {
  ++world_.live_loops;
  if (world_.tracing()) world_.Trace(ToStd(absl::StrCat("loop #", id_, " is ", name)));
}

SimLoop::~SimLoop() {
  DIALTONE_CHECK(!IsLeading(), "a loop is not destroyed under its own lead");
  Loop* const outer = Current();
  do {
    SetCurrent(this);
    while (RunOnePosted()) {
    }
    RunDeferredHere();
    ClearLocals();
    RunBatchEnd();
    SetCurrent(nullptr);
    if (Work* work = deferred_.PopFront(); work != nullptr) work->Run();
  } while (!posted_.empty() || !deferred_.empty() || has_deferred_here());
  SetCurrent(outer);
  if (streams_ != 0)
    world_.Die(ToStd(absl::StrCat("loop ", name_, " is destroyed before its streams")));
  --world_.live_loops;
}

int64_t SimLoop::Soon() {
  return world_.now() +
         world_.random.Between(0, absl::ToInt64Nanoseconds(world_.options.turn_delay_max));
}

void SimLoop::Post(Work& work) {
  posted_.PushBack(work);
  ++posted_count_;
  if (!IsLeading()) world_.queue.ArmNoLater(turn_, Soon());
}

void SimLoop::Defer(Work& work) {
  if (is_reactor()) return IsLeading() ? DeferHere(work) : Post(work);
  deferred_.PushBack(work);
  if (!deferring_) world_.queue.ArmNoLater(deferred_event_, Soon());
}

// On the loop's one background thread: the next piece waits until this one has come back, even if
// it blocks.
void SimLoop::RunDeferred() {
  if (paused_ || deferring_) return;
  Work* work = deferred_.PopFront();
  if (work == nullptr) return;
  deferring_ = true;
  work->Run();
  deferring_ = false;
  if (!deferred_.empty()) world_.queue.ArmNoLater(deferred_event_, Soon());
}

bool SimLoop::TryLead() {
  if (IsLeading()) return true;
  DIALTONE_CHECK(Current() == nullptr, "a thread leads one loop at a time");
  if (is_reactor() || world_.random.Chance(world_.options.lead_busy_probability)) return false;
  Lead();
  return true;
}

void SimLoop::Lead() {
  DIALTONE_CHECK(Current() == nullptr, "a thread leads one loop at a time");
  SetCurrent(this);
}

void SimLoop::Leave() {
  DIALTONE_CHECK(IsLeading(), "only the leader leaves");
  EndBatch();
}

bool SimLoop::Drive(Event& event, Instant until) {
  DIALTONE_CHECK(Current() == nullptr, "a thread that leads a loop cannot block");
  return world_.Wait(event, until);
}

void SimLoop::CountAttended(int delta) {
  attended_ += delta;
  DIALTONE_CHECK(attended_ >= 0, "more ends attended than beginnings");
}

std::unique_ptr<ByteStream> SimLoop::Connect(const Address& peer, const ConnectOptions& options,
                                             ByteStream::Handler& handler) {
  DIALTONE_CHECK(IsLeading(), "connections are opened under the lead");
  SimLink& link = world_.Link(host_, world_.HostOf(peer, host_));
  auto* connection = new SimConnection(world_, link, peer, options);
  return std::make_unique<SimStream>(*this, connection->client(), handler, options.timeout);
}

void SimLoop::CountStream(int delta) {
  streams_ += static_cast<size_t>(delta);
  world_.live_streams += static_cast<size_t>(delta);
}

void SimLoop::MarkReady(SimReady& ready) {
  if (ready.listed_ || &ready == running_)
    return;  // after its handler's call, the turn looks again
  ready.listed_ = true;
  ready.previous_ = ready_tail_;
  ready.next_ = nullptr;
  (ready_tail_ == nullptr ? ready_head_ : ready_tail_->next_) = &ready;
  ready_tail_ = &ready;
  ++ready_count_;
  if (!IsLeading()) world_.queue.ArmNoLater(turn_, Soon());
}

void SimLoop::Unlink(SimReady& ready) {
  (ready.previous_ == nullptr ? ready_head_ : ready.previous_->next_) = ready.next_;
  (ready.next_ == nullptr ? ready_tail_ : ready.next_->previous_) = ready.previous_;
  ready.listed_ = false;
  --ready_count_;
}

bool SimLoop::RunOnePosted() {
  Work* work = posted_.PopFront();
  if (work == nullptr) return false;
  --posted_count_;
  work->Run();
  return true;
}

void SimLoop::RunOneReady() {
  SimReady* ready = ready_head_;
  if (ready == nullptr) return;
  Unlink(*ready);
  if (!ready->Pending()) return;
  running_ = ready;
  ready->OnTurn();
  const bool alive = running_ == ready;
  running_ = nullptr;
  if (alive && ready->Pending()) MarkReady(*ready);
}

// Timers first; then all that is ready now, or, by lot, a single thing, so that batches of every
// size occur.
void SimLoop::Turn() {
  if (paused_) return;
  SetCurrent(this);
  RunTimers(Now());
  RunDeferredHere();
  size_t posted = posted_count_;
  size_t ready = ready_count_;
  if (random().Chance(0.3) && posted + ready > 1) {
    const bool pick_posted = ready == 0 || (posted > 0 && random().Chance(0.5));
    posted = pick_posted ? 1 : 0;
    ready = pick_posted ? 0 : 1;
  }
  const bool posted_first = posted > 0 && ready > 0 && random().Chance(0.5);
  for (; posted_first && posted > 0; --posted) RunOnePosted();
  for (; ready > 0; --ready) RunOneReady();
  for (; posted > 0; --posted) RunOnePosted();
  EndBatch();
}

void SimLoop::EndBatch() {
  batch_left_ = RunBatchEnd();
  SetCurrent(nullptr);
  Schedule();
}

void SimLoop::Schedule() {
  int64_t due = kSimNever;
  if (next_timer() != Instant::Infinite()) due = std::max(world_.now(), next_timer().nanoseconds());
  const bool more = posted_count_ > 0 || ready_count_ > 0 || has_deferred_here();
  if (more || batch_left_) due = std::min(due, Soon());
  world_.queue.Arm(turn_, due);
}

void SimLoop::HoldFor(absl::Duration time) {
  DIALTONE_CHECK(IsLeading(), "a loop is held by what runs on it");
  const int64_t until = (Now() + time).nanoseconds();
  const bool was_paused = std::exchange(paused_, true);
  SetCurrent(nullptr);
  while (!world_.queue.empty() && world_.queue.next() <= until) world_.Step();
  world_.AdvanceTo(until);
  SetCurrent(this);
  paused_ = was_paused;
}

void SimLoop::Pause() { paused_ = true; }

void SimLoop::Resume() {
  paused_ = false;
  Schedule();
  if (!deferred_.empty()) world_.queue.ArmNoLater(deferred_event_, Soon());
}

}  // namespace dialtone
