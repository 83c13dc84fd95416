// What a session leaves behind when it rests, and takes up again. The rest of Session is in
// session.cc.
#include <algorithm>
#include <utility>

#include "compressions.h"
#include "session.h"

namespace dialtone::dialtone1 {
namespace {

constexpr uint64_t kCounterMask = (uint64_t{1} << 48) - 1;

}  // namespace

// What would be lost is either nothing, or something that keeps it awake for a while.
bool Session::MayRest() const {
  if (!open() || batch_end_scheduled_ || reading_paused_ || !reader_.at_rest()) return false;
  if (!outbox_.queue().empty() || outbox_.waiting_bytes() != 0 || bytes_.held() != 0) return false;
  if (timer_.armed() || limits_.ping_without_calls || peer_last_stream_ != kNoLastStream)
    return false;
  const Instant now = loop_.Now();
  if (control_frames_ != 0 && now - control_since_ < absl::Seconds(1)) return false;
  return peer_pings_ == nullptr || peer_pings_->allowance.IsFull(now);
}

void Session::Rest(RestingState& rest, CommonState& common) {
  common.peer_settings = peer_;
  common.receive_window = window_.size();
  common.window_target = tuner_.target();
  rest.measured = tuner_.TakeMeasured();
  rest.send_credit = outbox_.credit();
  rest.receive_credit = window_.credit();
  rest.paid_frames = static_cast<uint16_t>(std::min<uint32_t>(paid_frames_, 0xFFFF));
  rest.bytes_read = bytes_read_ & kCounterMask;
  rest.bytes_written = outbox_.flushed_bytes() & kCounterMask;
  rest.stream = std::move(stream_);
}

void Session::Resume(RestingState& rest) {
  stream_ = std::move(rest.stream);
  stream_->SetHandler(*this);
  peer_ = rest.common->peer_settings;
  info_ = InfoOf(stream_->peer(), peer_);
  if ((peer_.features & kFeatureAttached) != 0) outbox_.AcceptAttachments();
  phase_ = Phase::kOpen;
  settings_read_ = true;
  outbox_.Resume(rest.send_credit, rest.bytes_written);
  window_ = ReceiveWindow(rest.common->receive_window, rest.receive_credit);
  tuner_.Resume(rest.common->window_target, std::move(rest.measured));
  paid_frames_ = rest.paid_frames;
  bytes_read_ = rest.bytes_read;
  reader_.Resume(bytes_read_ - kPrefaceBytes);
}

ConnectionInfo Session::InfoOf(const Address& peer, const Settings& peer_settings) {
  ConnectionInfo info;
  info.peer = peer;
  info.protocol = "dialtone/1";
  info.compressions = SetOf(peer_settings.accepted_compressions());
  info.plain_bytes_max = peer_settings.accepted_message_bytes();
  return info;
}

}  // namespace dialtone::dialtone1
