// A call on the server's side, from its arrival to its answer: what unary and streaming calls have in
// common. Internal to rpc/.
//
//                              ┌─▶ plain: inline, or on a worker ──┐
//   Start ─▶ … ─▶ BeginHandler                                      ├─▶ FinishWith
//                              └─▶ coroutine: until it has ended ────┘   (recycled)
#pragma once

#include <google/protobuf/message_lite.h>

#include <cstddef>
#include <memory>
#include <utility>

#include "dialtone/rpc/internal/coroutine.h"
#include "dialtone/rpc/internal/frame_pool.h"
#include "dialtone/rpc/server_call.h"
#include "large_message.h"
#include "message_reuse.h"
#include "request_bytes.h"
#include "server_loop_counters.h"
#include "server_method.h"
#include "server_protocol.h"

namespace dialtone::internal {

class HandlerQueue;
class ServerLoop;

// Made and kept by a ServerLoop, with its message objects behind it in one block; used again for later
// calls of the same method. Everything under the loop's lead, but for a plain handler that runs on a
// worker.
class HandledCall : public ServerCall, public ServerStreamHandler, protected TaskScope {
 public:
  // A unary or a streaming one, as the method is.
  static HandledCall* Make(ServerLoop& loop, const ServerMethod& method);
  virtual void Destroy() = 0;

  // Begins a call; null when it was finished at once.
  ServerStreamHandler* Start(ServerStream& stream, ServerRequestHead&& head);
  // Back to how Make() left it, but for the memory that its messages keep.
  virtual void Reset();
  // From the server's shutdown, the client, or the deadline: ends the context. At once while there is
  // no handler; otherwise that is told, and finishes.
  void GiveUp(const absl::Status& reason);
  // From a shutdown that is over: a coroutine handler is destroyed where it is suspended, as soon as
  // what it awaits has let go.
  void AbandonHandler(const absl::Status& reason);

  const ServerMethod& server_method() const { return method_; }

  std::string_view method() const override { return method_.handler->method->path; }
  const Address& peer() const override { return connection_->peer; }
  std::string_view protocol() const override { return connection_->protocol; }
  absl::Duration time_left() const override;
  const Context& context() const final { return TaskScope::context(); }

 protected:
  HandledCall(ServerLoop& loop, const ServerMethod& method, size_t block_bytes);
  ~HandledCall() = default;
  // Makes a call of the class Made, with its request and reply, in one block.
  template <class Made>
  static Made* MakeInBlock(ServerLoop& loop, const ServerMethod& method);
  template <class Made>
  static void DestroyInBlock(Made& call);

  // --- What the classes of calls do ---

  // The call has begun. False: it was finished from within.
  virtual bool OnStarted() { return true; }
  // It was given up, while its handler runs.
  virtual void OnGivenUp() {}
  // Whether its handler may take a context that has ended for the end of the messages.
  virtual bool IsCutShortByItsContext() const { return false; }
  // Calls the handler.
  virtual Task<absl::Status> MakeTask() = 0;
  virtual absl::Status CallPlain() = 0;
  // Before a handler that has waited: for a worker, on that, or for its turn. Not OK: it does not run.
  virtual absl::Status Prepare() { return absl::OkStatus(); }
  // The reply that goes with an OK status; null: none.
  virtual const google::protobuf::MessageLite* ReplyToSend() = 0;
  // The call is answered; before it goes back to the loop.
  virtual void OnFinished() {}

  // --- For them ---

  ServerLoop& server_loop() const { return loop_; }
  Loop& loop() const;
  google::protobuf::MessageLite& request() const { return *request_; }
  google::protobuf::MessageLite& reply() const { return *reply_; }
  ServerStream* stream() const { return stream_; }
  bool observed() const { return observers_told_ > 0; }
  bool begun() const { return begun_; }
  void CountMessageIn(const IncomingMessage& message) {
    message_bytes_ += UnpackedBytes(message.packing, message.bytes);
    if (counters_ != nullptr)
      counters_->CountMessageIn(message.bytes.size() + message.attachment.size());
  }
  // The one request, plain and whole.
  void CountRequest(size_t bytes) {
    has_request_ = request_ended_ = true;
    message_bytes_ += bytes;
    if (counters_ != nullptr) counters_->CountMessageIn(bytes);
  }
  void CountMessageOut(const OutgoingMessage& message) {
    const uint64_t bytes = message.size() + message.attachment().size();
    message_bytes_ += message.packing().packed() ? message.declared_bytes() : bytes;
    if (counters_ != nullptr) counters_->CountMessageOut(bytes);
  }
  // What every call begins with.
  void Open(ServerStream& stream, Instant deadline, Instant arrived, bool wants_times);
  // To observers. False: one rejected the call, which is finished.
  bool TellStart();
  // For methods with one request: it has come. False: there was one before; the call is finished.
  bool BeginRequest(const IncomingMessage& message) {
    CountMessageIn(message);
    if (has_request_) return RefuseRequest(), false;
    has_request_ = true;
    if (!message.attachment.empty()) add_extras().request_attachment = message.attachment;
    return true;
  }
  void RefuseRequest();
  // The same, and parses it; a large one on a worker.
  void TakeRequest(IncomingMessage& message);
  // No more comes: the handler begins, once the request is parsed.
  void EndRequest();
  absl::Status ParseRequest(const Packing& packing, std::string_view bytes, bool has_room = false) {
    absl::Status parsed = ParseMessage(packing, bytes, *request_, has_room);
    return parsed.ok() ? parsed : JudgeRequest(std::move(parsed));
  }
  // A stream's message of so many bytes is about to be parsed into request().
  void PassRequest(size_t bytes) {
    if (reuse_.Pass(bytes)) reuse_.Bound(method_.handler->request, *request_);
  }
  // The stream is over; the next one of this object may last.
  void BoundRequestForLong() { reuse_.BoundForLong(method_.handler->request, *request_); }
  // A stream's one reply, of so many bytes, is done with.
  void PassReply(size_t bytes) {
    if (reply_reuse_.Pass(bytes)) reply_reuse_.Bound(method_.handler->reply, *reply_);
  }
  // A unary call's messages are.
  void PassMessages() {
    if (reuse_.Pass(message_bytes_)) BoundMessages();
  }
  void BoundMessages();
  // How replies are packed: as was chosen, if the client unpacks that.
  PackingPlan packing() const;
  bool may_pack() const {
    return method_.packing.algorithm != Compression::kNone ||
           (has_extras() && extras().compression.has_value());
  }
  // What the client unpacks.
  const CompressionSet& unpacks() const { return connection_->compressions; }
  void TellMessageIn(const google::protobuf::MessageLite& message);
  void TellMessageOut(const google::protobuf::MessageLite& message);
  // Its request, which has come, is parsed when the handler begins: see Prepare().
  void ParseLater() { parses_later_ = true; }
  // Once, when the handler has what it needs: runs it, or sees to it that it will. False: the call is finished.
  bool BeginHandler();
  void ArmDeadline();
  // The call ends with this, whatever its handler says, which is told to stop.
  void Fail(absl::Status status);
  // Whether the client may not take what is to be sent next: initial metadata, where they are still to go, and `message`,
  // unless it is null. Then Judge() knows.
  bool IsToBeJudged(const OutgoingMessage* message) const {
    const bool fits =
        message == nullptr || (message->plain() && message->size() <= connection_->plain_bytes_max);
    return !fits || owes_headers();
  }
  absl::Status Judge(const OutgoingMessage* message);
  bool owes_headers() const {
    return has_extras() && !headers_sent_ && !extras().initial_metadata.empty();
  }
  // Sends initial metadata, if there are any, the first time that it is called.
  void SendHeaders() {
    const bool owed = owes_headers();
    headers_sent_ = true;
    if (owed) stream_->SendHeaders(extras().initial_metadata);
  }
  // Answers and gives this object back to the loop. While a worker is busy with the call's messages,
  // that waits.
  void FinishWith(absl::Status status, bool refused = false);

  Workers& workers() override;

 private:
  friend class HandlerQueue;
  friend class ServerLoop;

  void OnCancel(CancelReason reason) override;
  void OnFailed(const absl::Status& status) override { Fail(status); }

  bool WaitsForTurn() const;
  bool WaitForTurn();
  bool RunOnReactor() {
    return method_.handler->is_coroutine() ? RunCoroutine() : (RunInline(), false);
  }
  bool RunMeasured();
  void RunInline();
  // By the queue, which it has left.
  void BeginInTurn();
  absl::Status JudgeRequest(absl::Status parsed) const;
  // Whether a handler that has waited is still to run.
  absl::Status JudgeAfterWait();
  void RunOnWorker();
  inline absl::Status RunPlainHandler();
  bool RunCoroutine();
  void OnSuspended();
  void CountTimes(Instant answered);
  void OnDeadline();
  void FinishPosted();
  // Hands the call's messages to a worker. False: the workers are too busy.
  bool BeginWork(Work& work);
  void ParseLarge();
  void OnLargeParsed();
  void Serialise();
  void SerialiseOnWorker();
  void OnSerialised();
  // Of a call that will serve no other one; by a worker, if its messages are large: giving much memory back to the
  // kernel takes long.
  void DestroyForGood();
  void DestroyOnWorker() { Destroy(); }
  void Answer(absl::Status&& status, bool refused, OutgoingMessage* reply);
  // What the client has sent; a trace among it goes into the context.
  void TakeMetadata(Metadata&& metadata);
  void TellEnd(const absl::Status& status);

  void PostResume(Work& work) override;
  Loop& timer_loop() override;
  void OnTaskDone() override;
  void OnTaskLost() override;
  void OnTaskAbandoned() override;
  void RunPosted(PromiseBase& promise) override;

  ServerLoop& loop_;
  const ServerMethod& method_;
  const size_t block_bytes_;
  google::protobuf::MessageLite* request_ = nullptr;
  google::protobuf::MessageLite* reply_ = nullptr;
  MessageReuse reuse_;        // of the request; of a unary call's reply, too
  MessageReuse reply_reuse_;  // of a stream's one reply

  ServerStream* stream_ = nullptr;  // null: not in use
  Instant deadline_;
  Instant admitted_at_;  // set if a limit of calls at a time measures how long they take
  Instant arrived_;      // or Instant(), if the protocol does not say and nobody asks
  Instant begun_at_;     // arrived_, if it was not read
  ServerMethodCounters* const counters_;        // null: calls are not counted
  const ConnectionInfo* connection_ = nullptr;  // while stream_ is there
  bool has_request_ = false;
  bool request_ended_ = false;
  bool begun_ = false;  // the handler
  bool wants_times_ = false;
  uint32_t measured_for_ = 0;  // how many calls this one is measured for
  bool parses_later_ = false;
  bool in_turn_ = false;        // waits in the loop's queue of handlers
  bool headers_sent_ = false;   // or there were none when the first message went
  bool answering_ = false;      // its end is under way: whatever gives it up comes too late
  bool working_ = false;        // a worker has its messages
  bool finish_wanted_ = false;  // with status_ and refused_, when the worker is done
  bool refused_ = false;
  bool lost_ = false;           // its coroutine was miscompiled; never used again
  bool* finished_ = nullptr;    // told when the call is finished from within its first run
  size_t observers_told_ = 0;   // of the start
  uint64_t message_bytes_ = 0;  // what this call's messages amounted to
  uint64_t kept_bytes_ = 0;     // the most that those of a call of this object did
  absl::Status status_;         // from a worker
  absl::Status failure_;
  Task<absl::Status> task_;

  HandledCall* previous_ = nullptr;       // among the loop's calls under way
  HandledCall* next_ = nullptr;           // there, or among its free ones
  HandledCall* turn_previous_ = nullptr;  // in the queue of handlers
  HandledCall* turn_next_ = nullptr;
  MemberTimer<&HandledCall::OnDeadline> deadline_timer_{*this};
  MemberWork<&HandledCall::RunOnWorker> worker_work_{*this};
  MemberWork<&HandledCall::FinishPosted> finish_work_{*this};
  KeptBytes large_;  // a large request
  absl::Status parsed_;
  MemberWork<&HandledCall::ParseLarge> parse_work_{*this};
  MemberWork<&HandledCall::OnLargeParsed> parsed_work_{*this};
  std::unique_ptr<RequestBytes> serialised_;  // a large reply, or one that a worker has packed
  MemberWork<&HandledCall::SerialiseOnWorker> serialise_work_{*this};
  MemberWork<&HandledCall::OnSerialised> serialised_work_{*this};
  MemberWork<&HandledCall::DestroyOnWorker> destroy_work_{*this};
};

template <class Made>
Made* HandledCall::MakeInBlock(ServerLoop& loop, const ServerMethod& method) {
  const auto align_up = [](size_t offset, size_t alignment) {
    return (offset + alignment - 1) & ~(alignment - 1);
  };
  const MethodHandler& handler = *method.handler;
  const size_t request_offset = align_up(sizeof(Made), handler.request.alignment);
  const size_t reply_offset =
      align_up(request_offset + handler.request.size, handler.reply.alignment);
  const size_t block_bytes = reply_offset + handler.reply.size;
  char* block = static_cast<char*>(FramePool::Allocate(block_bytes));
  auto* call = ::new (block) Made(loop, method, block_bytes);
  call->request_ = handler.request.construct(block + request_offset);
  call->reply_ = handler.reply.construct(block + reply_offset);
  return call;
}

template <class Made>
void HandledCall::DestroyInBlock(Made& call) {
  const size_t block_bytes = call.block_bytes_;
  call.reply_->~MessageLite();
  call.request_->~MessageLite();
  call.~Made();
  FramePool::Free(&call, block_bytes);
}

}  // namespace dialtone::internal
