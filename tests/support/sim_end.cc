#include "support/sim_end.h"

#include <algorithm>
#include <cstring>

#include "dialtone/transport/check.h"
#include "support/sim_connection.h"
#include "support/sim_stream.h"

namespace dialtone {
namespace {

// What the kernel falls back to when no limit is set.
constexpr absl::Duration kUnacknowledgedDefault = absl::Minutes(15);

}  // namespace

SimEnd::SimEnd(SimWorld& world, SimConnection& connection)
    : world_(world),
      connection_(connection),
      deliver_(*this, "deliver", world.NewId()),
      reset_(*this, "reset", deliver_.id()),
      room_(*this, "room", deliver_.id()),
      lost_(*this, "lost", deliver_.id()) {}

bool SimEnd::readable() const {
  if (!connected_) return false;
  if (failure_ != Failure::kNone) return !failure_told_;
  return arrived_ > 0 || (end_arrived_ && !end_told_);
}

bool SimEnd::TakeWritable() {
  if (!writable_) return false;
  writable_ = false;
  wants_write_ = false;
  return true;
}

size_t SimEnd::Room() const { return world_.options.buffer_bytes - peer_->size_; }

IoResult SimEnd::Read(std::span<char> into) {
  DIALTONE_CHECK(!into.empty(), "a read needs room");
  if (failure_ != Failure::kNone) {
    failure_told_ = true;
    return {IoResult::State::kFailed};
  }
  if (arrived_ == 0) {
    if (!end_arrived_) return {IoResult::State::kWouldBlock};
    end_told_ = true;
    return {IoResult::State::kEnd};
  }
  size_t bytes = std::min(into.size(), arrived_);
  if (world_.random.Chance(world_.options.slice_probability)) bytes = world_.random.Slice(bytes);
  const size_t first = std::min(bytes, world_.options.buffer_bytes - begin_);
  std::memcpy(into.data(), ring_.get() + begin_, first);
  std::memcpy(into.data() + first, ring_.get(), bytes - first);
  arrived_ -= bytes;
  Drop(bytes);
  world_.Mix(bytes);
  // As a kernel does, tell a writer who found no room only when there is some worth telling.
  if (size_ <= world_.options.buffer_bytes / 3 * 2)
    peer_->WakeWriter(world_.Latency(connection_.link_));
  return {IoResult::State::kDone, bytes};
}

void SimEnd::Drop(size_t bytes) {
  begin_ = (begin_ + bytes) % world_.options.buffer_bytes;
  size_ -= bytes;
}

IoResult SimEnd::Write(std::span<const iovec> from) {
  if (failure_ != Failure::kNone || end_sent_) return {IoResult::State::kFailed};
  size_t total = 0;
  for (const iovec& piece : from) total += piece.iov_len;
  DIALTONE_CHECK(total > 0, "a write needs bytes");
  size_t bytes = connected_ ? std::min(total, Room()) : 0;
  if (bytes > 1 && world_.random.Chance(world_.options.slice_probability))
    bytes = world_.random.Slice(bytes);
  size_t left = bytes;
  for (const iovec& piece : from) {
    const size_t part = std::min(left, piece.iov_len);
    if (part > 0) peer_->Put(piece, part);
    left -= part;
  }
  if (bytes > 0) Send(bytes);
  if (bytes < total) wants_write_ = true;
  if (bytes < total && connected_ && Room() > 0) {
    WakeWriter(world_.random.Between(0, absl::ToInt64Nanoseconds(world_.options.turn_delay_max)));
  }
  if (bytes == 0) return {IoResult::State::kWouldBlock};
  return {IoResult::State::kDone, bytes};
}

// Copies behind what the ring holds.
void SimEnd::Put(const iovec& piece, size_t bytes) {
  const size_t capacity = world_.options.buffer_bytes;
  if (ring_ == nullptr) ring_ = std::make_unique_for_overwrite<char[]>(capacity);
  const size_t at = (begin_ + size_) % capacity;
  const size_t first = std::min(bytes, capacity - at);
  std::memcpy(ring_.get() + at, piece.iov_base, first);
  std::memcpy(ring_.get(), static_cast<const char*>(piece.iov_base) + first, bytes - first);
  size_ += bytes;
}

// Puts bytes that the peer's ring holds on their way, in one segment or in several.
void SimEnd::Send(size_t bytes) {
  while (bytes > 0) {
    const bool slice = world_.random.Chance(world_.options.slice_probability);
    const size_t segment = slice ? world_.random.Slice(bytes) : bytes;
    peer_->PushSegment(segment);
    bytes -= segment;
  }
  if (world_.random.Chance(world_.options.reset_probability)) connection_.Reset();
}

void SimEnd::PushSegment(size_t bytes) {
  const SimLink& link = connection_.link_;
  int64_t leaves = world_.now();
  if (link.bytes_per_second > 0) {
    leaves = std::max(leaves, line_free_) +
             static_cast<int64_t>(bytes) * 1'000'000'000 / link.bytes_per_second;
    line_free_ = leaves;
  }
  last_arrival_ = std::max(last_arrival_, leaves + world_.Latency(link));
  segments_.push_back({last_arrival_, world_.now(), bytes});
  if (connection_.cut()) {
    peer_->ArmLost();
  } else if (!deliver_.armed()) {
    world_.queue.Arm(deliver_, last_arrival_);
  }
}

void SimEnd::ShutdownWrite() {
  if (end_sent_ || failure_ != Failure::kNone || !connected_) return;
  end_sent_ = true;
  peer_->PushSegment(0);
}

void SimEnd::Close() {
  if (failure_ == Failure::kTimedOut || !connected_ ||
      (failure_ == Failure::kNone && arrived_ > 0)) {
    peer_->ScheduleReset();
  } else {
    ShutdownWrite();
  }
  open_ = false;
  stream = nullptr;
  world_.queue.Disarm(lost_);
  world_.queue.Disarm(room_);
  connection_.ReleaseIfClosed();
}

// Segments that are due have arrived; what arrives where nobody is any more is answered with a
// reset.
void SimEnd::Deliver() {
  if (connection_.cut()) return;  // goes on when the partition heals
  last_heard_ = world_.now();
  size_t bytes = 0;
  while (first_segment_ < segments_.size() && segments_[first_segment_].arrives <= world_.now()) {
    const Segment& segment = segments_[first_segment_++];
    if (segment.bytes == 0) end_arrived_ = true;
    bytes += segment.bytes;
  }
  if (first_segment_ == segments_.size()) {
    segments_.clear();
    first_segment_ = 0;
  } else {
    world_.queue.Arm(deliver_, segments_[first_segment_].arrives);
  }
  arrived_ += bytes;
  if (open_ && failure_ == Failure::kNone) return Notify();
  Drop(arrived_);
  arrived_ = 0;
  if (bytes > 0) peer_->ScheduleReset();
}

void SimEnd::SetConnected() {
  connected_ = true;
  last_heard_ = world_.now();
  if (wants_write_) writable_ = true;
  Notify();
}

void SimEnd::ScheduleReset() {
  if (!open_ || failure_ != Failure::kNone || reset_pending_) return;
  reset_pending_ = true;
  if (!connection_.cut())
    world_.queue.Arm(reset_, world_.now() + world_.Latency(connection_.link_));
}

void SimEnd::OnReset() {
  if (connection_.cut()) return;  // lost, and sent again when the partition heals
  reset_pending_ = false;
  Fail(connected_ ? Failure::kReset : Failure::kRefused);
}

void SimEnd::Fail(Failure failure) {
  if (!open_ || failure_ != Failure::kNone) return;
  failure_ = failure;
  segments_.clear();
  first_segment_ = 0;
  size_ = arrived_ = 0;
  world_.queue.Disarm(deliver_);
  world_.queue.Disarm(lost_);
  if (!connected_) connection_.StopHandshake();
  if (wants_write_) writable_ = true;
  Notify();
}

void SimEnd::WakeWriter(int64_t delay) {
  if (open_ && wants_write_ && !writable_) world_.queue.ArmNoLater(room_, world_.now() + delay);
}

void SimEnd::OnRoom() {
  if (!wants_write_ || Room() == 0) return;
  writable_ = true;
  Notify();
}

void SimEnd::Notify() {
  if (stream != nullptr) stream->Ready();
}

// The latest moment at which a socket that hears nothing gives up: for bytes without an
// acknowledgement, or for keepalive probes without an answer.
void SimEnd::ArmLost() {
  if (!open_ || !connected_ || failure_ != Failure::kNone) return;
  Instant lost = Instant::Infinite();
  if (options.keepalive_idle > absl::ZeroDuration()) {
    lost = Instant::FromNanoseconds(last_heard_) + options.keepalive_idle +
           options.keepalive_interval * options.keepalive_probes;
  }
  if (peer_->first_segment_ < peer_->segments_.size()) {
    const bool limited = options.unacknowledged_timeout > absl::ZeroDuration();
    const int64_t sent = peer_->segments_[peer_->first_segment_].sent;
    lost = std::min(lost, Instant::FromNanoseconds(sent) +
                              (limited ? options.unacknowledged_timeout : kUnacknowledgedDefault));
  }
  world_.queue.Arm(lost_, lost.infinite() ? kSimNever : std::max(lost.nanoseconds(), world_.now()));
}

void SimEnd::OnLost() {
  if (connection_.cut()) Fail(Failure::kTimedOut);
}

void SimEnd::OnCut() { ArmLost(); }

void SimEnd::OnHealed() {
  world_.queue.Disarm(lost_);
  last_heard_ = world_.now();
  const int64_t soon = world_.now() + world_.Latency(connection_.link_);
  if (reset_pending_) world_.queue.Arm(reset_, soon);
  if (first_segment_ < segments_.size()) {
    world_.queue.Arm(deliver_, std::max(soon, segments_[first_segment_].arrives));
  }
  peer_->WakeWriter(world_.Latency(connection_.link_));
}

}  // namespace dialtone
