// The frames that concern the connection itself: SETTINGS, PING, GOAWAY, its WINDOW. The rest of
// Session is in session.cc.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "session.h"

namespace dialtone::dialtone1 {
namespace {

// A reason that only a later version knows is called by its number.
std::string GoawayReasonText(GoawayReason reason) {
  if (reason <= GoawayReason::kInternal) return std::string(GoawayReasonName(reason));
  return absl::StrCat("reason ", static_cast<uint32_t>(reason));
}

}  // namespace

void Session::TakeSettings(const Frame& frame) {
  Settings settings;
  if (const std::optional<WireError> error = DecodeSettings(frame.message, settings)) {
    Fail(*error);
    return;
  }
  // First: it lets messages go that wait, and calls that begin when their senders are told of that have their windows raised
  // with the others'.
  if (!outbox_.AddCredit(settings.connection_window - peer_.connection_window)) {
    Fail(WireError{GoawayReason::kFlowControl,
                   "SETTINGS raise the connection's window above 2^31-1"});
    return;
  }
  settings_read_ = true;
  loop_.Disarm(timer_);  // a client's, of the handshake
  const Settings before = std::exchange(peer_, settings);
  info_ = InfoOf(info_.peer, peer_);
  if ((peer_.features & kFeatureAttached) != 0) outbox_.AcceptAttachments();
  ScheduleBatchEnd();
  OnPeerSettings(peer_.stream_window - before.stream_window);
}

void Session::TakePing(const Frame& frame) {
  if (!CountControlFrame()) return;
  if (frame.has(kFlagEnd)) {
    if (frame.header.argument == kMeasureToken) return tuner_.End(loop_.Now());
    if (frame.header.argument == kAliveToken && ping_timer_.armed()) return BeginToWatchPeer();
    OnPingAnswer(frame.header.argument);
    return;
  }
  if (peer_pings_ == nullptr) peer_pings_ = std::make_unique<PeerPings>(limits_.ping_interval_min);
  // Changes with every message that comes or goes, but for rare chances; not with credit, which the peer gives as it likes.
  const uint64_t traffic = (outbox_.spent_credit() << 32) | window_.credit();
  if (!peer_pings_->allowance.Take(BatchNow(), traffic)) {
    OnLimit(ServerLimit::kPings);
    Fail(WireError{GoawayReason::kLimit,
                   absl::StrCat("PINGs more often than every ",
                                absl::FormatDuration(limits_.ping_interval_min),
                                " with no message between them "
                                "(ConnectionLimits::ping_interval_min)")});
    return;
  }
  AnswerPing(frame.header.argument);
}

// An idle connection has no timer: it is armed with a call, and not again when there is none.
void Session::BeginToWatchPeer() {
  const bool never = limits_.ping_interval <= absl::ZeroDuration() ||
                     limits_.ping_interval == absl::InfiniteDuration();
  if (!open() || never) return;
  keepalive_.Begin(loop_.Now(), reads_);
  loop_.Arm(ping_timer_, keepalive_.next());
}

void Session::OnPingTimer() {
  if (!open() || (open_calls() == 0 && !limits_.ping_without_calls)) return;
  const Instant now = loop_.Now();
  if (reading_paused_) {
    keepalive_.Begin(now, reads_);  // the silence is this side's own doing
  } else {
    switch (keepalive_.Check(now, reads_)) {
      case Keepalive::Verdict::kFine:
        break;
      case Keepalive::Verdict::kAsk:
        AppendPing(queue(), kAliveToken, /*answer=*/false);
        break;
      case Keepalive::Verdict::kGiveUp:
        EndWithLimit(ServerLimit::kPingTimeout,
                     absl::StrCat("the peer has not answered a PING within ",
                                  absl::FormatDuration(limits_.ping_timeout),
                                  " (ConnectionLimits::ping_timeout)"));
        return;
    }
  }
  loop_.Arm(ping_timer_, keepalive_.next());
}

// Answers cannot pile up before a peer that does not read: it has to wait for some of them.
void Session::AnswerPing(uint32_t token) {
  UnwrittenPongs& unwritten = peer_pings_->unwritten;
  unwritten.ForgetUpTo(outbox_.flushed_bytes());
  if (unwritten.full()) {
    OnLimit(ServerLimit::kControlFrames);
    Fail(WireError{GoawayReason::kLimit,
                   absl::StrCat("more than ", kUnansweredPingsMax, " PINGs without an answer")});
    return;
  }
  AppendPing(queue(), token, /*answer=*/true);
  unwritten.Add(outbox_.queued_bytes());
}

void Session::TakeGoaway(const Frame& frame) {
  GoawayInfo info;
  if (!ReadGoaway(frame, info)) {
    Fail(WireError{GoawayReason::kFrameSize, "a GOAWAY has no reason"});
    return;
  }
  if (!CountControlFrame()) return;
  if (role_ == Role::kServer && info.last_stream != 0) {
    Fail(WireError{GoawayReason::kProtocol,
                   absl::StrCat("a client's GOAWAY has the last stream ", info.last_stream,
                                ": a server opens none")});
    return;
  }
  if (info.last_stream > peer_last_stream_) {
    Fail(WireError{GoawayReason::kStreamId,
                   absl::StrCat("a GOAWAY has the last stream ", info.last_stream,
                                ", the one before had ", peer_last_stream_)});
    return;
  }
  peer_last_stream_ = info.last_stream;
  const bool peaceful = info.reason == GoawayReason::kNone || info.reason == GoawayReason::kIdle;
  if (!peaceful) {
    goaway_text_ = absl::StrCat("the peer ended the connection: ", GoawayReasonText(info.reason),
                                ": ", absl::Utf8SafeCEscape(ToAbsl(info.text)));
  }
  OnGoaway(info);
  if (peaceful || !open()) return;
  const absl::Status status = LostStatus(goaway_text_);
  LogAtServer(status);
  SayGoodbye(status);
}

void Session::TakeConnectionWindow(const Frame& frame) {
  ScheduleBatchEnd();
  if (outbox_.AddCredit(frame.header.argument)) return;
  Fail(WireError{GoawayReason::kFlowControl,
                 "a WINDOW raises the connection's credit above 2^31-1"});
}

bool Session::CountControlFrame() {
  if (control_frames_++ == 0) control_since_ = BatchNow();
  if (control_frames_ <= limits_.control_frames_max) return true;
  if (BatchNow() - control_since_ >= absl::Seconds(1)) {
    control_frames_ = 1;
    control_since_ = BatchNow();
    return true;
  }
  OnLimit(ServerLimit::kControlFrames);
  Fail(WireError{GoawayReason::kLimit, absl::StrCat("more than ", limits_.control_frames_max,
                                                    " control frames in a second without a call")});
  return false;
}

}  // namespace dialtone::dialtone1
