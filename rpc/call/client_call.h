// One call on the client's side, from the generated method to its end: what stands behind
// Call<Reply>. Internal to rpc/.
//
// Two parties hold it: the *handle* (the user's Call, or the callback it was left to) and the
// *loop* (until the call has ended). They meet in one atomic word: the loop sets kDone, the handle
// says, once, how it wants to be told.
//
//             Begin              StartOnLoop            Complete
//   (handle) ───────▶ posted ───▶ queued or sent ───▶ done ───▶ result taken by the handle
//                                   ▲        │ OnEnd: it never ran, or may run twice
//                                   └────────┘ so many times, some after a rest
//
// While it is sent there may be more attempts than one: see hedges.h.
#pragma once

#include <google/protobuf/message_lite.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "client_protocol.h"
#include "dialtone/rpc/call.h"
#include "dialtone/rpc/context.h"
#include "dialtone/rpc/internal/first_message.h"
#include "dialtone/rpc/internal/frame_pool.h"
#include "dialtone/rpc/observer.h"
#include "dialtone/transport/event.h"
#include "dialtone/transport/loop.h"
#include "hedges.h"
#include "pooled_reply.h"
#include "request_bytes.h"
#include "retry_policy.h"

namespace dialtone::internal {

// Logs, and says, that waiting for a call of `method` would block a reactor: FAILED_PRECONDITION.
absl::Status WouldBlockReactor(const Method& method);

class CallQueue;
class ChannelCore;
class ClientMethodCounters;
class LoopChannel;
class Subchannel;

class ClientCall : public ClientStreamHandler, protected CancelNode {
 public:
  // What a handle holds: it becomes two, where the call is left to a callback.
  static constexpr uint32_t kHandleReferences = 2;
  // A serialised unary call that has not begun, with references for the handle and one for the loop.
  static ClientCall* Make(ChannelCore& channel, const Method& method, const FirstMessage& request,
                          const CallOptions& options, const ReplyType& reply_type);

  void Ref() { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref(uint32_t count = 1) {
    // The last ones need not tell anybody.
    if (references_.load(std::memory_order_acquire) == count ||
        references_.fetch_sub(count, std::memory_order_acq_rel) == count)
      Destroy();
  }

  // Of a handle whose call was left to a callback. Where that is still to come, and runs under the lead that this thread has,
  // it lets go of this reference, too. A handle may outlive its loop, which is looked at only if it is there.
  void UnrefHandle() {
    const Loop* const led = Loop::Current();
    if (led == loop_ && led->is_reactor() && delivery_references_ != 0) {
      ++delivery_references_;
    } else {
      Unref();
    }
  }

  // --- The handle's side: any thread, one at a time ---

  // `request` is what was serialised, for the channel's observers; null: the call begins without one.
  void Begin(const google::protobuf::MessageLite* request);
  void RequestCancel();
  bool done() const { return (state_.load(std::memory_order_acquire) & kDone) != 0; }
  // How the handle wants to be told of the end. At most one of the three; the last, which runs delivery(), takes one of its
  // references.
  void Wait();                       // blocks
  bool Await(PromiseBase& promise);  // false: it has ended already
  void Deliver(CallInfo* info);
  Delivery& delivery() { return delivery_; }
  // After the end.
  absl::Status TakeStatus() {
    if (unparsed_.data() != nullptr && status_.ok()) ParseUnparsed();
    return std::move(status_);
  }
  void TakeInfo(CallInfo& info);
  google::protobuf::MessageLite& reply() {
    if (reply_ == nullptr) reply_ = PooledReply::Take(reply_type_);
    return reply_->message();
  }
  // The absl::StatusOr<Reply> around it.
  void* result() { return reply_->result(); }
  const Method& method() const { return method_; }

  // --- The loop's side: under the lead ---

  bool wait_for_ready() const { return wait_for_ready_; }
  Instant deadline() const { return deadline_; }
  // How often it has been sent again because it had not run.
  uint32_t resends() const { return resends_; }
  // Which servers have refused it since it rested last, and where it has failed.
  void AvoidLastServer() { Avoid(*subchannel_); }
  void ForgetAvoided() {
    if (rare_ != nullptr) rare_->avoided.clear();
  }
  bool avoids_any() const { return rare_ != nullptr && !rare_->avoided.empty(); }
  bool avoids(const Subchannel& subchannel) const {
    return rare_ != nullptr && std::find(rare_->avoided.begin(), rare_->avoided.end(),
                                         &subchannel) != rare_->avoided.end();
  }
  // When its part of the channel shall look at it once more (LoopChannel::OnWake).
  void WakeAt(Instant when) { loop_->Arm(rare().wake_timer, when); }
  // Hands the request to a server's connection, which must be usable().
  void SendOn(Subchannel& subchannel);
  // It could not be sent: the end, but for a call that has been sent before and is tried again.
  void FailUnsent(absl::Status status);

  // Null: it is sent once only, unless it never ran.
  const RetryPolicy* policy() const { return policy_; }
  uint32_t retries() const { return retries_; }
  void CountRetry() { ++retries_; }
  // Of its latest attempt but for hedges; set only if it may be hedged.
  Instant sent_at() const { return rare_ == nullptr ? Instant() : rare_->sent_at; }
  void set_sent_at(Instant when) { rare().sent_at = when; }

  // --- Several attempts at a time (hedges.h) ---

  // One that goes on as the call's only one.
  struct Attempt {
    ClientStream* stream;
    Subchannel* subchannel;
    Address peer;
    Metadata initial;
  };

  // Null: there were none.
  const Hedges* hedges() const { return rare_ == nullptr ? nullptr : rare_->hedges.get(); }
  bool under_way() const {
    return stream_ != nullptr || (hedges() != nullptr && hedges()->under_way() > 0);
  }
  // Whether one of its attempts is under way there.
  bool is_at(const Subchannel& subchannel) const {
    return (stream_ != nullptr && subchannel_ == &subchannel) ||
           (hedges() != nullptr && hedges()->IsAt(subchannel));
  }
  // Sends it beside what is under way.
  void HedgeOn(Subchannel& subchannel);
  // For hedges: begins an attempt whose events go to `handler`.
  ClientStream* StartOn(Subchannel& subchannel, ClientStreamHandler& handler);
  // One of its attempts has left for `server`.
  void TellWritten(const Address& server);
  // Takes a hedge's place, whose events follow, and gives up the attempt that had it.
  void Adopt(Attempt attempt);
  // An attempt has ended there, and is not under way any more. True: others are, and the call goes on
  // with them.
  bool GoesOnWithout(const Subchannel& subchannel, const StreamEnd& end);

  // Where it was sent last; null if nowhere yet. Alive while the call is there and until its
  // OnEnd() returns; afterwards only its address means something.
  const Subchannel* subchannel() const { return subchannel_; }
  // Ends the call: once.
  void Complete(absl::Status status);

 protected:
  // For the classes of calls.
  ClientCall(ChannelCore& channel, const Method& method, const FirstMessage& request,
             const CallOptions& options, const ReplyType& reply_type);
  ~ClientCall();
  // Makes and destroys a call of the class Made.
  template <class Made>
  static Made* MakeInBlock(ChannelCore& channel, const Method& method, const FirstMessage& request,
                           const CallOptions& options, const ReplyType& reply_type) {
    return ::new (FramePool::Allocate(sizeof(Made)))
        Made(channel, method, request, options, reply_type);
  }
  template <class Made>
  static void DestroyInBlock(Made& call) {
    call.Made::~Made();  // not virtual, and none is derived from Made
    FramePool::Free(&call, sizeof(Made));
  }

  // --- What calls that stream do besides; on the loop, but for OnBegun() and Destroy() ---

  bool streams() const { return method_.kind != MethodKind::kUnary; }
  virtual void Destroy();
  // The loop is known; on the thread that makes the call.
  virtual void OnBegun() {}
  // The call has a stream. It may get another one, if this one turns out never to have run.
  virtual void OnSent() {}
  virtual bool MayBeSentAgain() const { return !has_reply_; }
  // The call ends: it was given up, or the peer has said all. Before its handle is told.
  virtual void OnGivenUp() {}
  virtual void OnEnding() {}

  void OnMessage(IncomingMessage& message) override;
  // The call will end with this, whatever its server says.
  void FailReply(absl::Status status);
  // Ends it now.
  void GiveUp(CancelReason reason, absl::Status status);
  // False: an observer has ended the call.
  bool TellMessageIn(const google::protobuf::MessageLite& message);
  void TellMessageOut(const google::protobuf::MessageLite& message);
  Loop& loop() const { return *loop_; }
  ContextState* context_state() const { return context_.state(); }
  const PackingPlan& packing() const { return packing_; }
  ClientStream* stream() const { return stream_; }
  const Address& peer() const { return peer_; }
  // A stream's message of so many bytes is about to be parsed into reply().
  void PassReply(size_t bytes) { reply_->Pass(bytes); }
  void CountMessageIn(const IncomingMessage& message);
  void CountMessageOut(const OutgoingMessage& message);

 private:
  friend class CallQueue;

  // What few calls need, so that it is in no other's way: those whose messages a worker has,
  struct LargeMessages;
  LargeMessages& large();
  // and those that may be sent more than once, that rest, or whose reply has something beside it.
  struct Rare;
  Rare& rare() {
    if (rare_ == nullptr) [[unlikely]] {
      MakeRare();
    }
    return *rare_;
  }
  void MakeRare();
  bool resting() const { return rare_ != nullptr && rare_->wake_timer.armed(); }
  void ForgetHeaders() {
    if (rare_ != nullptr) rare_->initial_metadata = Metadata();
  }
  void StopResting() {
    if (resting()) loop_->Disarm(rare_->wake_timer);
  }

  static constexpr uint8_t kDone = 0x80;
  enum Claim : uint8_t { kUnclaimed = 0, kWaiting = 1, kAwaiting = 2, kDelivered = 3 };

  // Claims the call; true if it has ended already.
  bool ClaimAs(Claim claim);
  // By the loop, at the end; returns how it is claimed.
  Claim MarkDone();
  void StartOnLoop();
  void CancelOnLoop();
  void OnDeadline();
  void Avoid(const Subchannel& subchannel) {
    if (!avoids(subchannel)) rare().avoided.push_back(&subchannel);
  }
  void OnWake();
  // Whether it could be sent again after this end, if it may run twice or has not run.
  bool MayRunAgain(const StreamEnd& end) const;
  // Sends a call again that never ran. False, with the reason in the end's status: it may not be.
  bool SendAgain(StreamEnd& end);
  // The same, for one that may run twice.
  bool TryAgain(StreamEnd& end);
  // Its answer has begun to come, or it ends: other attempts are late, and no further ones are begun.
  void KeepToOneAttempt();
  void CancelHedges(CancelReason reason) {
    if (hedges() != nullptr) rare_->hedges->Cancel(reason);
  }
  void RunDelivery();
  void GiveReplyBack() {
    if (reply_ == nullptr) return;
    PooledReply::Give(std::exchange(reply_, nullptr), streams() ? SIZE_MAX : reply_bytes_);
  }
  absl::Status TellStart(const google::protobuf::MessageLite* request);
  void SendTrace();
  // Packs the request before the call begins, if that is worth it.
  void PackAhead();
  // Has a large one serialised and packed by a worker, as far as that is still to be done, before it is
  // sent. True: it will be sent then.
  bool BeginPacking();
  void PackOnWorker();
  void OnPacked();
  void TellEnd();
  template <class Tell>
  bool TellObservers(Tell tell);  // tell(observer, view); false: one of them has ended the call
  void CountEnd();
  ClientCallView View() {
    return {method_, deadline_, request_metadata_, context_, notes_, peer_, attempts_};
  }
  // "while …", or "before …".
  std::string Phase() const;
  // Why the call is given up: the context's reason if that has ended, else that the caller said so.
  absl::Status ContextReason() const;
  void OnContextEnded(const absl::Status& reason) override;
  // Once the call's reply is there.
  void Judge(absl::Status status);
  bool MayParseLater(std::string_view bytes) const;  // plain ones
  void ParseUnparsed();
  absl::Status InvalidReply(const absl::Status& parsed) const;
  void ParseOnWorker();
  void OnParsed();
  void FinishParsing(const absl::Status& parsed);

  void OnWritten() override { TellWritten(peer_); }
  void OnHeaders(Metadata&& initial) override;
  void OnEnd(StreamEnd&& end) override;
  bool TakesWhole() const override;
  void OnWhole(std::string_view bytes, Instant arrived) override;

  struct Rare {
    explicit Rare(ClientCall& call) : wake_timer(call) {}
    static void* operator new(size_t bytes) { return FramePool::Allocate(bytes); }
    static void operator delete(void* block, size_t bytes) { FramePool::Free(block, bytes); }

    std::unique_ptr<CallRetry> own_retry;  // null: nothing was set for this call
    std::unique_ptr<Hedges> hedges;
    Instant sent_at;
    absl::InlinedVector<const Subchannel*, 2> avoided;  // to compare with only
    Metadata initial_metadata;
    Metadata trailing_metadata;
    Attachment reply_attachment;
    MemberTimer<&ClientCall::OnWake> wake_timer;
  };

  std::atomic<uint32_t> references_{kHandleReferences + 1};
  std::atomic<uint8_t> state_{kUnclaimed};
  std::atomic<bool> cancel_requested_{false};
  const bool wait_for_ready_;
  bool expired_ = false;   // before it began
  bool attended_ = false;  // with awaiting_: it is one of those that nobody drives the loop for
  // Under the lead until kDone is set, the handle's afterwards.
  bool started_ = false;
  bool ended_ = false;
  bool in_context_ = false;
  bool telling_ = false;  // observers: who holds the loop's reference meanwhile
  bool has_reply_ = false;
  bool has_times_ = false;
  bool packing_now_ = false;         // a worker has the request
  bool packs_ = false;               // not only to serialise it
  uint8_t delivery_references_ = 1;  // which its delivery lets go of; 0: it has
  bool parsing_ = false;             // a worker has the reply; the call's end may come meanwhile
  bool end_told_ = false;

  // Constant from Begin() on.
  ChannelCore& channel_;
  const Method& method_;
  Loop* loop_ = nullptr;
  std::shared_ptr<ChannelCore> keep_channel_;  // while the start is posted
  Context context_;
  Instant deadline_;
  const int64_t timeout_ns_;
  const PackingPlan packing_;

  // Under the lead until kDone is set, the handle's afterwards.
  RequestBytes request_;
  Metadata request_metadata_;
  size_t own_pairs_ = 0;  // of these: the caller's, which come first
  CallNotes notes_;       // of the channel's observers
  LoopChannel* part_ = nullptr;
  ClientStream* stream_ = nullptr;
  Subchannel* subchannel_ = nullptr;  // where it was sent last, but for hedges
  ClientCall* previous_ = nullptr;    // in queue_
  ClientCall* next_ = nullptr;
  CallQueue* queue_ = nullptr;
  uint32_t resends_ = 0;
  uint32_t retries_ = 0;
  uint32_t attempts_ = 0;
  std::unique_ptr<Rare> rare_;  // null: it has needed none of that
  const RetryPolicy* policy_ = nullptr;
  Instant made_at_;
  Instant ended_at_;                          // Instant(): its protocol does not say
  ClientMethodCounters* counters_ = nullptr;  // null: it is not counted
  uint32_t queue_us_ = 0;
  uint32_t handler_us_ = 0;
  absl::Status status_;
  size_t observers_told_ = 0;  // of the start
  Address peer_;
  const ReplyType& reply_type_;
  PooledReply* reply_ = nullptr;  // null: not asked for yet
  size_t reply_bytes_ = 0;
  // A small reply, which has taken the request's place. It is parsed when it is handed over, by who waits for it: what it
  // takes from the allocator is used at once then, and mostly given back before the next one is parsed.
  std::string_view unparsed_;

  std::unique_ptr<LargeMessages> large_;  // null: a worker never had any of its messages

  // What the handle waits with.
  Event event_;
  PromiseBase* awaiting_ = nullptr;
  CallInfo* delivery_info_ = nullptr;  // null: nobody wants it
  Delivery delivery_;

  MemberTimer<&ClientCall::OnDeadline> deadline_timer_{*this};
  MemberWork<&ClientCall::StartOnLoop> start_work_{*this};
  MemberWork<&ClientCall::CancelOnLoop> cancel_work_{*this};
  MemberWork<&ClientCall::RunDelivery> delivery_work_{*this};
};

}  // namespace dialtone::internal
