// What one waits for at an end of a stream: its next message, or that one more has left. Users see
// them as what Read() and Write() return (stream.h). Internal.
//
// An operation lives where it is awaited, and does nothing before that. It runs on the stream's loop:
// at once if this thread leads that or can, else posted there. It ends early, without a message, when
// the context ends that it is awaited in.
//
//   Suspend / Wait ─▶ Begin (loop) ─┬─▶ done at once
//                                   └─▶ pending ─▶ Complete, or Withdraw ─▶ resumed, or event set
#pragma once

#include <google/protobuf/message_lite.h>

#include <atomic>
#include <memory>
#include <utility>

#include "dialtone/rpc/attachment.h"
#include "dialtone/rpc/internal/coroutine.h"
#include "dialtone/transport/event.h"
#include "dialtone/transport/loop.h"
#include "dialtone/transport/work.h"

namespace dialtone::internal {

class MessagePort;
class RequestBytes;

// What came with the message that was read last.
const Attachment& AttachmentOf(const MessagePort& port);

// Awaited once, by a coroutine or a thread.
class StreamOp : public Awaitable, private CancelNode {
 public:
  StreamOp(const StreamOp&) = delete;
  StreamOp& operator=(const StreamOp&) = delete;

  // For co_await.
  bool await_ready() const { return false; }
  bool Suspend(PromiseBase& promise);

 protected:
  // Reads into `incoming`, or writes `outgoing`: one of the two. `last` half-closes behind it.
  StreamOp(MessagePort& port, google::protobuf::MessageLite* incoming,
           const google::protobuf::MessageLite* outgoing, bool last,
           Attachment attachment = Attachment());
  ~StreamOp();

  // Blocks. Not on a reactor: there nothing is done, and an error is logged.
  void WaitForEnd();
  bool succeeded() const { return succeeded_; }

 private:
  friend class MessagePort;

  void OnContextEnded(const absl::Status& reason) override;
  // Runs on the loop now, or is posted there. True: done.
  bool Start();
  void Serialise();
  void SerialiseOnWorker();
  // On the loop.
  void Begin();
  void Pend();
  void Complete(bool succeeded);
  void Withdraw();
  void Finish();

  MessagePort& port_;
  google::protobuf::MessageLite* const incoming_;
  const google::protobuf::MessageLite* const outgoing_;
  const bool last_;
  const Attachment attachment_;
  std::unique_ptr<RequestBytes> bytes_;  // `outgoing_`, once it is serialised
  Workers* workers_ = nullptr;           // set if a large message is to be serialised there

  // What waits: one of the two.
  PromiseBase* promise_ = nullptr;
  Event* event_ = nullptr;

  ContextState* context_ = nullptr;  // another one than the stream's: its end withdraws this
  bool beginning_ = false;           // Begin() is on the stack, of a thread that waits for it
  bool registered_ = false;          // with context_
  bool attended_ = false;            // counted among what nobody drives the loop for
  bool done_ = false;
  bool succeeded_ = false;
  std::atomic<bool> withdrawal_posted_{false};
  MemberWork<&StreamOp::Begin> begin_work_{*this};
  MemberWork<&StreamOp::Withdraw> withdraw_work_{*this};
  MemberWork<&StreamOp::SerialiseOnWorker> serialise_work_{*this};
};

}  // namespace dialtone::internal
