// The ways in which a session ends. The rest of Session is in session.cc.
#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "session.h"

namespace dialtone::dialtone1 {
namespace {

// A megabyte at most, which is more than most peers can have on their way.
constexpr size_t kDiscardedAtATime = 16 * 1024;
constexpr int kDiscardReadsMax = 64;

}  // namespace

void Session::Fail(const WireError& error) {
  if (!open()) return;
  if (error.reason != GoawayReason::kLimit) OnLimit(ServerLimit::kProtocolError);
  AppendGoaway(queue(), last_stream_taken(), error.reason, error.text);
  const absl::Status status = absl::UnavailableError(absl::StrCat(
      role_ == Role::kServer ? "connection from " : "connection to ", info_.peer.ToString(),
      ": the peer broke the protocol: ", ToAbsl(GoawayReasonName(error.reason)), ": ", error.text));
  LogAtServer(status);
  SayGoodbye(status);
}

void Session::RefusePreface(const PrefaceResult& result) {
  const std::string peer = info_.peer.ToString();
  if (result.match == PrefaceMatch::kOtherMajor) {
    const std::string versions =
        absl::StrCat("the ", role_ == Role::kServer ? "client" : "server", " speaks Dialtone/",
                     int{result.major}, ".", int{result.minor}, ", this side Dialtone/",
                     int{kMajorVersion}, ".", int{kMinorVersion});
    if (role_ == Role::kServer) AppendGoaway(queue(), 0, GoawayReason::kVersion, versions);
    const absl::Status status =
        absl::UnavailableError(absl::StrCat("handshake with ", peer, ": ", versions));
    LogAtServer(status);
    SayGoodbye(status);
    return;
  }
  SayGoodbye(absl::UnavailableError(
      absl::StrCat("handshake with ", peer, ": the peer does not speak Dialtone: it sent ",
                   DescribeForeignBytes(std::string_view(preface_, preface_bytes_)))));
}

// Should the peer read again, it finds the reason.
void Session::EndWithLimit(ServerLimit limit, const std::string& why) {
  if (!open()) return;
  OnLimit(limit);
  AppendGoaway(queue(), last_stream_taken(), GoawayReason::kLimit, why);
  const absl::Status status = LostStatus(why);
  LogAtServer(status);
  SayGoodbye(status);
}

// A client's calls end with the status; at a server nobody else would hear of it.
void Session::LogAtServer(const absl::Status& status) const {
  if (role_ != Role::kServer) return;
  static constinit LogKind kind(LogLevel::kWarning, "connections that ended with an error");
  if (!kind.Admits()) return;
  const std::string peer = info_.peer.ToString();
  Log(kind.level(), ToStd(status.message()), {{"peer", peer}});
}

void Session::SayGoodbye(const absl::Status& status) {
  if (phase_ == Phase::kClosing || phase_ == Phase::kClosed) return;
  if (phase_ == Phase::kConnecting) {
    Cut(status);
    return;
  }
  phase_ = Phase::kClosing;
  loop_.Disarm(stall_timer_);
  loop_.Disarm(ping_timer_);
  ScheduleBatchEnd();
  written_at_timer_ = outbox_.flushed_bytes();
  ArmTimer(limits_.goodbye_timeout);
  if (reading_paused_) stream_->SetReading(true);
  TellLost(status);
}

void Session::Cut(const absl::Status& status) {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  loop_.Disarm(timer_);
  loop_.Disarm(stall_timer_);
  loop_.Disarm(ping_timer_);
  if (stream_ != nullptr) OnStreamClosing();
  stream_.reset();
  ScheduleBatchEnd();
  TellLost(status);
}

void Session::CutWithLastWords(const absl::Status& status) {
  if ((open() || phase_ == Phase::kClosing) && !write_shut_) {
    while (!outbox_.queue().empty() && outbox_.Flush(*stream_).state == IoResult::State::kDone)
      continue;
    DiscardInput();
  }
  Cut(status);
}

// A stream that is closed with unread input is reset, and that may overtake the last words. What comes later resets it all
// the same, but they are ahead by then. Not into the loop's scratch, of which a caller may have bytes in hand.
void Session::DiscardInput() {
  char bytes[kDiscardedAtATime];
  stream_->SetReading(
      false);  // forgets, too, that there was nothing to read when it was looked last
  for (int reads = 0; reads < kDiscardReadsMax; ++reads) {
    if (stream_->Read(bytes).state != IoResult::State::kDone) return;
  }
}

void Session::TellLost(const absl::Status& status) {
  if (std::exchange(lost_told_, true)) return;
  OnLost(status);
}

void Session::OnPeerEnd() {
  if (phase_ == Phase::kClosing) {
    peer_ended_ = true;
    if (write_shut_) {
      Cut(absl::OkStatus());
    } else {
      ScheduleBatchEnd();
    }
    return;
  }
  const absl::Status status = LostStatus("connection closed by the peer");
  if (role_ == Role::kClient || phase_ == Phase::kHandshake) {
    Cut(status);
    return;
  }
  // Nobody reads answers to a client that has ended; what is queued leaves all the same.
  peer_ended_ = true;
  SayGoodbye(status);
}

// The server's first bytes, or its SETTINGS, have not come in time, or the peer does not read or close
// while we say goodbye.
void Session::OnTimeout() {
  if (handshaking()) {
    Cut(LostStatus(absl::StrCat(open() ? "no SETTINGS within " : "no answer within ",
                                absl::FormatDuration(limits_.handshake_timeout))));
    return;
  }
  const uint64_t written = outbox_.flushed_bytes();
  if (!write_shut_ && written != std::exchange(written_at_timer_, written)) {
    ArmTimer(limits_.goodbye_timeout);
    return;
  }
  Cut(absl::OkStatus());
}

void Session::ArmTimer(absl::Duration after) { loop_.Arm(timer_, loop_.Now() + after); }

absl::Status Session::LostStatus(std::string_view why) const {
  const std::string_view phase = handshaking()            ? "handshake with "
                                 : role_ == Role::kServer ? "connection from "
                                                          : "wait for reply from ";
  return absl::UnavailableError(
      absl::StrCat(ToAbsl(phase), info_.peer.ToString(), ": ",
                   goaway_text_.empty() ? ToAbsl(why) : absl::string_view(goaway_text_)));
}

// The stream's own words name the operation and the peer, which ours do already.
std::string Session::WhyStreamFailed() const {
  const absl::Status status = stream_->status();
  const std::string_view text = ToStd(status.message());
  const std::string peer = info_.peer.ToString() + ": ";
  const size_t at = text.find(peer);
  return std::string(at == std::string_view::npos ? text : text.substr(at + peer.size()));
}

}  // namespace dialtone::dialtone1
