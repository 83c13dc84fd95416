// A server's connection: its calls by stream id, from REQUEST to RESPONSE. Internal to dialtone1/.
//
//   REQUEST ── known id? ── room? ── message whole? ──▶ Begin ─▶ OnMessage ─▶ OnHalfClose
//                 │           │            │
//                 ▼           ▼            ▼
//               GOAWAY     REFUSED   RESOURCE_EXHAUSTED             Finish ─▶ RESPONSE with END
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "call_metadata.h"
#include "incoming_call.h"
#include "method_table.h"
#include "resting_state.h"
#include "server_protocol.h"
#include "session.h"
#include "stream_ids.h"
#include "stream_table.h"

namespace dialtone::dialtone1 {

class AcceptedConnection;

class ServerSession final : private Session {
 public:
  // Belongs to `owner`, which it tells when it has closed, as ServerConnection::Owner is told.
  ServerSession(AcceptorState& acceptor, AcceptedConnection& owner);
  ~ServerSession() override;
  void Begin(std::unique_ptr<ByteStream> stream, std::string_view first_bytes) {
    Accept(std::move(stream), first_bytes);
  }

  AcceptorState& acceptor() const { return acceptor_; }

  // --- As a ServerConnection ---
  const ConnectionInfo& info() const { return connection_info(); }
  uint32_t calls_in_flight() const { return static_cast<uint32_t>(calls_.size()); }
  using Session::local;
  using Session::traffic;
  void Drain();
  void Abort();

  // --- At rest there is no session ---
  using Session::WasUsed;
  // Nothing is under way.
  bool MayRest() const;
  // Requires that it may, after which this object is only good to be destroyed.
  RestingState Rest();
  // Goes on from there. Requires a new object.
  void Resume(RestingState rest);
  using Session::InfoOf;
  using Session::OnReadable;

 private:
  friend class IncomingCall;

  // --- Session ---
  void OnFrame(const Frame& frame) override;
  void OnWhole(const WholeFrame& frame) override;
  void OnPrefaceDone() override;
  void OnPeerSettings(uint32_t window_raised) override;
  void OnGoaway(const GoawayInfo& info) override;
  void OnPingAnswer(uint32_t token) override;
  void OnBatch() override;
  void OnLost(const absl::Status& status) override;
  void OnFinished() override;
  MessageAssembler* AssemblerOf(uint32_t stream) override;
  uint32_t open_calls() const override { return static_cast<uint32_t>(calls_.size()); }
  void OnLimit(ServerLimit limit) override { dispatcher_.OnLimit(limit); }
  uint32_t last_stream_taken() const override { return last_taken_; }
  void OnLastFrameQueued(OutStream& stream) override;
  void OnStreamWritable(OutStream& stream) override;

  // --- Receiving ---
  inline bool MayTakeWhole(const WholeFrame& frame) const;
  void TakeWholeRequest(const WholeFrame& frame, const ServerMethod& method);
  void TakeRequest(const Frame& frame);
  void TakeLate(const Frame& frame);
  // A stream has ended here with so much of its window left. Nothing more should come of one whose
  // client has half-closed it, and little is borne.
  void AllowLate(uint32_t credit, bool open) {
    late_bytes_ = open ? late_bytes_ + credit : std::max<uint64_t>(late_bytes_, credit);
  }
  // Which method, and the metadata. False: the session has failed.
  bool ReadHead(const Frame& frame, ServerRequestHead& head);
  bool FindBound(uint32_t method_id, ServerRequestHead& head) {
    const auto* const entry = methods_.Find(method_id);
    if (entry == nullptr) [[unlikely]] {
      Fail(methods_.Unbound(method_id));
      return false;
    }
    head.method = entry->method;
    head.path = entry->path;
    return true;
  }
  // Answers one that is above a limit of this side's.
  void RefuseRequest(const Frame& frame);
  // Accounts for so many further calls, the next one among them. False: they find no room, and it is refused.
  bool HoldCalls(const Frame& frame);
  // Fewer are left.
  void LetGoOfCalls();
  void SetCallsAccounted() {
    calls_accounted_ = std::min((1 + calls_steps_) * kCallsStep, limits().streams_max);
    calls_kept_min_ = calls_steps_ == 0 ? 0 : calls_steps_ * kCallsStep - kCallsStep / 2;
  }
  // Accounts for a call's metadata. False: they find no room, and it is refused.
  bool HoldMetadata(const Frame& frame, const ServerRequestHead& head, uint64_t& held);
  // Accounts for what a message of a call's will be when it is unpacked, beside what its handler has now. Not OK: that finds
  // no room, and this is what the client is told.
  absl::Status HoldUnpacked(IncomingCall& call, uint32_t bytes);
  // The handler has that message now, and none before it.
  void HandOver(IncomingCall& call, const MessageCost& cost);
  void BeginCall(IncomingCall& call, const Frame& frame, ServerRequestHead&& head);
  // False: it was finished at once, or the connection has been closed.
  bool BeginHandler(IncomingCall& call, ServerRequestHead&& head);
  bool SetHandler(IncomingCall& call, ServerStreamHandler* handler);
  void TakeData(IncomingCall& call, const Frame& frame);
  void Deliver(IncomingCall& call, const AssembledMessage& assembled, uint32_t charge);
  void TakeCancel(IncomingCall& call, uint32_t reason);
  void TellCancel(IncomingCall& call, dialtone::CancelReason reason);
  // Gives up the newest calls that hold bytes, while there are too many.
  void BoundBytes();
  IncomingCall* NewestThatHolds() const;

  // --- Sending ---
  absl::Status CheckHeaders(const Metadata& initial);
  absl::Status CheckMessage(const OutgoingMessage& message);
  // As a block, or why the client does not take them.
  absl::Status Encode(const Metadata& initial, std::string& block);
  void SendHeaders(IncomingCall& call, const Metadata& initial);
  bool Send(IncomingCall& call, OutgoingMessage& message);
  void Taken(IncomingCall& call, const MessageCost& cost);
  void Finish(IncomingCall& call, const ServerEnd& end);
  TimePrefix TimesOf(const ServerEnd& end) const;
  // With a reply and nothing else. False: it must wait, or go in pieces.
  bool TryReply(IncomingCall& call, const ServerEnd& end);
  void FinishSlowly(IncomingCall& call, const ServerEnd& end, const TimePrefix& times);
  // Answers a REQUEST that gets no call.
  void Answer(uint32_t stream, const absl::Status& status, bool refused);
  // Nothing that is sent reaches the client any more, but for the end.
  bool IsGivenUp(const IncomingCall& call) const {
    return !writable() || call.state_.phase == StreamPhase::kCancelled || call.failed_;
  }
  // The call will end with `status`; its handler is told to stop.
  void FailCall(IncomingCall& call, absl::Status status);

  // --- Ends ---
  IncomingCall& NewCall() {
    IncomingCall* const call = free_calls_;
    if (call == nullptr) [[unlikely]] {
      return MakeCall();
    }
    free_calls_ = call->next_free_;
    return *call;
  }
  IncomingCall& MakeCall();
  void DeleteFreeCalls();
  void LetGoOf(IncomingCall& call);
  void LetGoOfRest(IncomingCall& call);
  // Takes a call out of the table; its object may be used anew by the next REQUEST.
  void Free(IncomingCall& call);
  // Tells the client to go, for this reason.
  void BeginDrain(GoawayReason reason, std::string_view text);
  void OnQuietCheck();
  void ArmQuietCheck(Instant now);
  void OnAge();
  // A number from [0, 1) that differs from connection to connection.
  double Chance() const;
  void AnnounceLastStream();
  void CloseIfDrained();

  // The token of the PING that follows the first GOAWAY of a drain.
  static constexpr uint32_t kDrainToken = 0x44524149;

  AcceptorState& acceptor_;
  CallDispatcher& dispatcher_;
  AcceptedConnection& owner_;
  StreamTable<IncomingCall> calls_;
  IncomingCall* free_calls_ = nullptr;  // owned, as those in the table are
  // The first few calls of a connection are not counted, nor is each by itself: all threads share the count.
  static constexpr uint32_t kCallsStep = 64;
  static constexpr uint64_t kOpenCallBytes =
      3 * 1024;                   // what one costs until its handler has ended, about
  uint32_t calls_steps_ = 0;      // beyond the first
  uint32_t calls_accounted_ = 0;  // how many calls there may be before more are to be accounted for
  uint32_t calls_kept_min_ = 0;   // how few before a step is let go
  uint64_t calls_bytes_ = 0;
  StreamIdRule ids_;
  ServerMethodTable<const ServerMethod> methods_;
  uint32_t last_taken_ = 0;
  // What clients may still send on streams that have ended here.
  uint64_t late_bytes_ = 0;

  bool draining_ = false;
  bool aged_ = false;  // drains for its age
  GoawayReason drain_reason_ = GoawayReason::kNone;
  std::string_view drain_text_;  // a constant
  bool last_stream_announced_ = false;
  bool closed_told_ = false;
  dialtone::CancelReason lost_reason_ = dialtone::CancelReason::kCancelled;
  MemberTimer<&ServerSession::AnnounceLastStream> drain_timer_{*this};
  // Since when no call is under way and none has come, as far as it has been looked.
  absl::Duration idle_timeout_;  // with its share of chance
  Instant quiet_since_;
  uint32_t taken_at_quiet_check_ = 0;
  bool calls_at_quiet_check_ = false;
  MemberTimer<&ServerSession::OnQuietCheck> quiet_timer_{*this};
  MemberTimer<&ServerSession::OnAge> age_timer_{*this};  // maximum age, then its grace
};

inline absl::Status IncomingCall::CheckHeaders(const Metadata& initial) {
  return session_.IsGivenUp(*this) ? absl::OkStatus() : session_.CheckHeaders(initial);
}
inline absl::Status IncomingCall::CheckMessage(const OutgoingMessage& message) {
  return session_.IsGivenUp(*this) ? absl::OkStatus() : session_.CheckMessage(message);
}
inline void IncomingCall::SendHeaders(const Metadata& initial) {
  session_.SendHeaders(*this, initial);
}
inline bool IncomingCall::Send(OutgoingMessage& message) { return session_.Send(*this, message); }
inline void IncomingCall::Taken(const MessageCost& cost) { session_.Taken(*this, cost); }
inline void IncomingCall::Finish(const ServerEnd& end) { session_.Finish(*this, end); }
inline const ConnectionInfo& IncomingCall::connection() const { return session_.info(); }

}  // namespace dialtone::dialtone1
