// One unary call on the server's side, from its request to its answer. Internal to rpc/.
//
//                                              ┌─▶ plain: inline, or on a worker ──┐
//   Start ─▶ OnMessage ─▶ OnHalfClose ─▶ handler                                     ├─▶ FinishWith
//            (parse)                           └─▶ coroutine: until it has ended ────┘   (recycled)
#pragma once

#include <google/protobuf/message_lite.h>

#include <memory>

#include "dialtone/rpc/internal/coroutine.h"
#include "dialtone/rpc/server_call.h"
#include "server_method.h"
#include "server_protocol.h"

namespace dialtone::internal {

class ServerLoop;

// Made and kept by a ServerLoop, with its request and reply objects behind it in one block; used
// again for later calls of the same method. Everything under the loop's lead, but for a plain
// handler that runs on a worker.
class UnaryCall final : public ServerCall, public ServerStreamHandler, private TaskScope {
 public:
  static UnaryCall* Make(ServerLoop& loop, const ServerMethod& method);
  void Destroy();

  // Begins a call; null when it was finished at once.
  ServerStreamHandler* Start(ServerStream& stream, ServerRequestHead&& head);
  // Back to how Make() left it, but for the memory that its messages keep.
  void Reset();
  // From the server's shutdown: ends the context.
  // At once while the request is not whole; otherwise the handler is told, and finishes.
  void GiveUp(const absl::Status& reason);
  // From a shutdown that is over: a coroutine handler is destroyed where it is suspended, as soon as
  // what it awaits has let go.
  void AbandonHandler(const absl::Status& reason);

  const ServerMethod& server_method() const { return method_; }

  std::string_view method() const override { return method_.handler->method->path; }
  const Address& peer() const override { return peer_; }
  std::string_view protocol() const override { return protocol_; }
  absl::Duration time_left() const override;
  const Context& context() const override { return TaskScope::context(); }

 private:
  friend class ServerLoop;

  UnaryCall(ServerLoop& loop, const ServerMethod& method, size_t block_bytes);
  ~UnaryCall() = default;

  void OnMessage(IncomingMessage& message) override;
  void OnHalfClose() override;
  void OnCancel(CancelReason reason) override;

  void RunInline();
  void KeepUnparsed(std::string_view bytes);
  void FreeUnparsed();
  absl::Status ParseRequest(std::string_view bytes);
  absl::Status ParseOnWorker();
  void RunOnWorker();
  void RunPlainHandler();
  void RunCoroutine();
  void BeginHandler();
  void ArmDeadline();
  void OnDeadline();
  // Answers and gives this object back to the loop.
  void FinishWith(absl::Status status, bool refused = false);
  void FinishPosted();
  // False: an observer rejected the call, which is finished.
  bool TellStart();
  void TellEnd(const absl::Status& status);

  void PostResume(Work& work) override;
  Loop& timer_loop() override;
  Workers& workers() override;
  void OnTaskDone() override;
  void OnTaskLost() override;
  void OnTaskAbandoned() override;
  void RunPosted(PromiseBase& promise) override;

  ServerLoop& loop_;
  const ServerMethod& method_;
  const size_t block_bytes_;
  google::protobuf::MessageLite* request_ = nullptr;
  google::protobuf::MessageLite* reply_ = nullptr;

  ServerStream* stream_ = nullptr;  // null: not in use
  Instant deadline_;
  Instant admitted_at_;  // set if a limit of calls at a time measures how long they take
  Instant arrived_;      // these two only if wants_times_
  Instant begun_at_;
  Address peer_;
  std::string_view protocol_;
  // A request that waits for a worker thread is parsed there, if it is still wanted then.
  char* unparsed_ = nullptr;
  size_t unparsed_bytes_ = 0;
  bool has_request_ = false;
  bool begun_ = false;  // the handler
  bool wants_times_ = false;
  bool lost_ = false;           // its coroutine was miscompiled; never used again
  bool* finished_ = nullptr;    // told when the call is finished from within its first run
  size_t observers_told_ = 0;   // of the start
  uint64_t message_bytes_ = 0;  // what this call's messages amounted to
  absl::Status status_;         // from a worker
  Task<absl::Status> task_;

  UnaryCall* previous_ = nullptr;  // among the loop's calls under way
  UnaryCall* next_ = nullptr;      // there, or among its free ones
  MemberTimer<&UnaryCall::OnDeadline> deadline_timer_{*this};
  MemberWork<&UnaryCall::RunOnWorker> worker_work_{*this};
  MemberWork<&UnaryCall::FinishPosted> finish_work_{*this};
};

}  // namespace dialtone::internal
