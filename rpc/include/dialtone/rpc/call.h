// Call<Reply>: a call under way, as a generated method returns it. One of three ways to wait for
// it, whichever suits:
//
//   absl::StatusOr<GreetReply> reply = greeter.Greet(request).Wait();          // blocks
//   absl::StatusOr<GreetReply> reply = co_await greeter.Greet(request);        // suspends
//   greeter.Greet(request).Then([](const auto& reply) { … });                  // calls back
//
// Every call ends exactly once: with a reply, an error, its deadline, a cancellation or a lost
// connection.
//
// A request that is lent (`const Request&`) is serialised before the method returns. That takes a reactor's
// time: above 1 MiB, a handler gives its request away (`greeter.Greet(std::move(request))`), which is then
// serialised on a worker thread; what it was given is moved from. Smaller requests, and those of other
// threads, are treated alike whether lent or given. (A message of an arena is copied when it is moved.)
#pragma once

#include <google/protobuf/message_lite.h>

#include <utility>

#include "absl/status/statusor.h"
#include "dialtone/rpc/call_info.h"
#include "dialtone/rpc/call_options.h"
#include "dialtone/rpc/internal/coroutine.h"
#include "dialtone/rpc/internal/delivery.h"
#include "dialtone/rpc/internal/first_message.h"
#include "dialtone/rpc/internal/reply_type.h"
#include "dialtone/rpc/method.h"

namespace dialtone {

class Channel;

namespace internal {

class ClientCall;

// What all Call<Reply> share, whatever the reply. Owns a handle's references to the call.
class UntypedCall : public Awaitable {
 public:
  UntypedCall(UntypedCall&& other) noexcept
      : call_(std::exchange(other.call_, nullptr)), info_(other.info_) {}
  UntypedCall& operator=(UntypedCall&& other) noexcept;
  ~UntypedCall();

  // Any thread. The call ends with CANCELLED unless it has ended already; its result is still to be
  // waited for. A thread that waits already, and alone, may hear of it some milliseconds late.
  void Cancel();

  // For co_await.
  bool await_ready() const { return false; }
  bool Suspend(PromiseBase& promise);

  // For the framework, after the end: the status, and what came beside it to the captured info. OK:
  // reply() is there, in result(), which is an absl::StatusOr<Reply>.
  absl::Status TakeStatus();
  google::protobuf::MessageLite& reply();
  void* result();

 protected:
  // Serialises `request`, or takes it, and starts the call.
  UntypedCall(Channel& channel, const Method& method, const FirstMessage& request,
              const CallOptions& options, const ReplyType& reply_type);

  void CaptureInto(CallInfo& info) { info_ = &info; }
  // Blocks. OK: reply() is there.
  absl::Status WaitForEnd();
  // A handle to a call that is under way; takes a handle's references over.
  static UntypedCall Adopt(ClientCall& call, CallInfo* info) {
    UntypedCall adopted(&call);
    adopted.info_ = info;
    return adopted;
  }
  // What Detach() leaves the call to; to be set before.
  Delivery& delivery();
  // Gives the references away: the delivery runs once, after the end, off the loop; the UntypedCall
  // that it is given has ended.
  class CancelHandle Detach();

 private:
  friend class ClientCall;
  friend class UntypedFinish;
  explicit UntypedCall(ClientCall* ended) : call_(ended) {}

  ClientCall* call_;
  CallInfo* info_ = nullptr;
};

// Cancels a call that was left to a callback. Copying is not needed: moves. Dropping it does
// nothing.
class CancelHandle {
 public:
  CancelHandle(CancelHandle&& other) noexcept : call_(std::exchange(other.call_, nullptr)) {}
  CancelHandle& operator=(CancelHandle&& other) noexcept;
  ~CancelHandle();

  // Any thread, at any time, also after the call has ended. The callback then comes with CANCELLED,
  // unless the call ended otherwise first.
  void Cancel();

 private:
  friend class UntypedCall;
  explicit CancelHandle(ClientCall* call) : call_(call) {}

  ClientCall* call_;
};

}  // namespace internal

using CancelHandle = internal::CancelHandle;

// Move-only; used by one thread at a time. Waiting consumes it. Destroying it before that cancels
// the call.
template <class Reply>
class [[nodiscard]] Call final : public internal::UntypedCall {
 public:
  // For generated code.
  Call(Channel& channel, const Method& method, const google::protobuf::MessageLite& request,
       const CallOptions& options)
      : UntypedCall(channel, method, internal::FirstMessage(request), options,
                    internal::kReplyType<Reply>) {}
  template <internal::GivenMessage Request>
  Call(Channel& channel, const Method& method, Request&& request, const CallOptions& options)
      : UntypedCall(channel, method, internal::FirstMessage::Given(request), options,
                    internal::kReplyType<Reply>) {}

  // Has what comes beside the reply (metadata, peer, times) written to `info`, at the moment the
  // result is handed over: `info` must live until then.
  Call&& Capture(CallInfo& info) && {
    CaptureInto(info);
    return std::move(*this);
  }

  // Blocks until the call has ended; this thread does the call's input and output itself where it
  // can. Not on a reactor: there it ends the call and returns FAILED_PRECONDITION at once.
  absl::StatusOr<Reply> Wait() { return Result(*this, WaitForEnd()); }

  // Leaves the call to itself; `callback(absl::StatusOr<Reply>)` runs exactly once: on the reactor
  // that the call was made on, else on the channel's background thread; never within Then(), never
  // on a thread that is in Wait(). Callbacks of a channel run one after the other: one that blocks
  // holds up the others. Calls that they make leave together when they have run, or when one waits
  // for something in Dialtone. One that takes its result as a `const absl::StatusOr<Reply>&`, and
  // copies no more than it needs, costs least: a small reply's strings are used again then. A
  // callback no larger than five pointers is kept in the call's own memory; larger ones allocate.
  template <class Callback>
  CancelHandle Then(Callback callback) {
    delivery().Set([callback = std::move(callback)](UntypedCall& ended) mutable {
      absl::Status status = ended.TakeStatus();
      if (!status.ok()) {
        callback(absl::StatusOr<Reply>(std::move(status)));
        return;
      }
      absl::StatusOr<Reply>& result = ResultOf(ended);
      const Restoration restoration{result};
      callback(std::move(result));
    });
    return Detach();
  }

  // For co_await.
  absl::StatusOr<Reply> await_resume() { return Result(*this, TakeStatus()); }

 private:
  static absl::StatusOr<Reply> Result(UntypedCall& ended, absl::Status status) {
    if (!status.ok()) return status;
    return std::move(ResultOf(ended));
  }
  static absl::StatusOr<Reply>& ResultOf(UntypedCall& ended) {
    return *static_cast<absl::StatusOr<Reply>*>(ended.result());
  }
  // Whatever a callback does to a result, other replies will be parsed into it.
  struct Restoration {
    ~Restoration() {
      if (!result.ok()) result.emplace();
    }
    absl::StatusOr<Reply>& result;
  };
};

}  // namespace dialtone
