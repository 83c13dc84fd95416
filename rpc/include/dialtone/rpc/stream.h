// Streaming calls as generated methods return them: made at once, read and written message by message.
// Each step can be awaited by a coroutine or blocked on by a thread that is no reactor:
//
//   dialtone::ClientReader<Reply> replies = client.Follow(request);
//   while (auto reply = co_await replies.Read()) Use(*reply);          // or replies.Read().Wait()
//   absl::Status status = co_await replies.Finish();                   // or .Wait(), or .Then(…)
//
// One Read() and one Write() at a time; both may wait together, and Finish() beside them: a Write() that
// waits then goes before the end, or returns false. Streaming calls have no deadline unless they are given
// a timeout, or their context has one: it then bounds the whole stream. Destroying a stream before its end
// cancels it; none may be destroyed or moved while something waits at it.
#pragma once

#include <google/protobuf/message_lite.h>

#include <utility>

#include "absl/status/statusor.h"
#include "dialtone/rpc/call.h"
#include "dialtone/rpc/call_options.h"
#include "dialtone/rpc/internal/first_message.h"
#include "dialtone/rpc/internal/reply_type.h"
#include "dialtone/rpc/method.h"
#include "dialtone/rpc/reader_writer.h"

namespace dialtone {

class Channel;

namespace internal {

class StreamClientCall;

// What all streams on the client's side share. Owns one reference to the call.
class UntypedStream {
 public:
  UntypedStream(UntypedStream&& other) noexcept
      : call_(std::exchange(other.call_, nullptr)), info_(other.info_) {}
  UntypedStream& operator=(UntypedStream&& other) noexcept;
  ~UntypedStream();

  // Any thread. The call ends with CANCELLED unless it has ended already.
  void Cancel();

 protected:
  // There is no `request`, if the client streams.
  UntypedStream(Channel& channel, const Method& method, const FirstMessage& request,
                const CallOptions& options, const ReplyType& reply_type);

  void CaptureInto(CallInfo& info) { info_ = &info; }
  void SendHalfClose();
  MessagePort& port() const;
  google::protobuf::MessageLite& reply() const;

 private:
  friend class UntypedFinish;

  StreamClientCall* call_;
  CallInfo* info_ = nullptr;
};

// Waits for the end of a stream, which must outlive it.
class UntypedFinish : public Awaitable {
 public:
  UntypedFinish(const UntypedFinish&) = delete;
  UntypedFinish& operator=(const UntypedFinish&) = delete;

  // For co_await.
  bool await_ready() const { return false; }
  bool Suspend(PromiseBase& promise);

 protected:
  explicit UntypedFinish(UntypedStream& stream) : stream_(stream) {}
  ~UntypedFinish() {}

  // Blocks.
  absl::Status WaitForEnd();
  absl::Status TakeStatus();
  google::protobuf::MessageLite& reply() const { return stream_.reply(); }
  // As UntypedCall's.
  Delivery& delivery();
  CancelHandle Detach();

 private:
  UntypedStream& stream_;
};

}  // namespace internal

// What Finish() returns, of calls without a reply of their own: waits for the call's status.
class [[nodiscard]] FinishOp final : public internal::UntypedFinish {
 public:
  explicit FinishOp(internal::UntypedStream& stream) : UntypedFinish(stream) {}
  ~FinishOp() {}

  // Blocks; on a reactor it ends the call and returns FAILED_PRECONDITION at once.
  absl::Status Wait() { return WaitForEnd(); }
  // Leaves the call to itself; `callback(absl::Status)` runs exactly once, as with Call::Then(). The
  // stream is as if moved from.
  template <class Callback>
  CancelHandle Then(Callback callback) {
    delivery().Set([callback = std::move(callback)](internal::UntypedCall& ended) mutable {
      callback(ended.TakeStatus());
    });
    return Detach();
  }
  // For co_await.
  absl::Status await_resume() { return TakeStatus(); }
};

// The same for calls that end with a reply.
template <class Reply>
class [[nodiscard]] FinishWithReplyOp final : public internal::UntypedFinish {
 public:
  explicit FinishWithReplyOp(internal::UntypedStream& stream) : UntypedFinish(stream) {}
  ~FinishWithReplyOp() {}

  absl::StatusOr<Reply> Wait() { return Result(WaitForEnd(), reply()); }
  template <class Callback>
  CancelHandle Then(Callback callback) {
    delivery().Set([callback = std::move(callback)](internal::UntypedCall& ended) mutable {
      absl::Status status = ended.TakeStatus();
      callback(Result(std::move(status), ended.reply()));
    });
    return Detach();
  }
  absl::StatusOr<Reply> await_resume() { return Result(TakeStatus(), reply()); }

 private:
  static absl::StatusOr<Reply> Result(absl::Status status, google::protobuf::MessageLite& reply) {
    if (!status.ok()) return status;
    return std::move(static_cast<Reply&>(reply));
  }
};

// A server-streaming call: one request, any number of replies.
template <class Reply>
class [[nodiscard]] ClientReader final : public internal::UntypedStream {
 public:
  // For generated code.
  ClientReader(Channel& channel, const Method& method, const google::protobuf::MessageLite& request,
               const CallOptions& options)
      : UntypedStream(channel, method, internal::FirstMessage(request), options,
                      internal::kReplyType<Reply>) {}
  template <internal::GivenMessage Request>
  ClientReader(Channel& channel, const Method& method, Request&& request,
               const CallOptions& options)
      : UntypedStream(channel, method, internal::FirstMessage::Given(request), options,
                      internal::kReplyType<Reply>) {}

  // Has what comes beside the messages (metadata, peer, times) written to `info` when Finish() hands
  // the status over: `info` must live until then.
  ClientReader&& Capture(CallInfo& info) && {
    CaptureInto(info);
    return std::move(*this);
  }
  // Null when no more replies come: Finish() then says why. The message is the caller's until the next
  // Read().
  ReadOp<Reply> Read() { return ReadOp<Reply>(port(), reply()); }
  // What came with the message that was read last: until the next Read(), if it is not copied.
  const Attachment& attachment() const { return internal::AttachmentOf(port()); }
  // The call's status. What was not read by then is dropped. Once.
  FinishOp Finish() { return FinishOp(*this); }
};

// A client-streaming call: any number of requests, one reply.
template <class Request, class Reply>
class [[nodiscard]] ClientWriter final : public internal::UntypedStream {
 public:
  // For generated code.
  ClientWriter(Channel& channel, const Method& method, const CallOptions& options)
      : UntypedStream(channel, method, internal::FirstMessage(), options,
                      internal::kReplyType<Reply>) {}

  // As for ClientReader.
  ClientWriter&& Capture(CallInfo& info) && {
    CaptureInto(info);
    return std::move(*this);
  }
  // False: the server has ended the call; Finish() says why.
  WriteOp Write(const Request& message) { return WriteOp(port(), message, false); }
  WriteOp Write(const Request& message, Attachment attachment) {
    return WriteOp(port(), message, false, std::move(attachment));
  }
  // The same, and half-closes behind it.
  WriteOp WriteLast(const Request& message) { return WriteOp(port(), message, true); }
  WriteOp WriteLast(const Request& message, Attachment attachment) {
    return WriteOp(port(), message, true, std::move(attachment));
  }
  // Half-closes, if that was not done, and waits for the reply. Once.
  FinishWithReplyOp<Reply> Finish() { return FinishWithReplyOp<Reply>(*this); }
};

// A bidirectional call: both sides send as they like.
template <class Request, class Reply>
class [[nodiscard]] ClientReaderWriter final : public internal::UntypedStream {
 public:
  // For generated code.
  ClientReaderWriter(Channel& channel, const Method& method, const CallOptions& options)
      : UntypedStream(channel, method, internal::FirstMessage(), options,
                      internal::kReplyType<Reply>) {}

  // As for ClientReader.
  ClientReaderWriter&& Capture(CallInfo& info) && {
    CaptureInto(info);
    return std::move(*this);
  }
  // As for ClientReader and ClientWriter.
  ReadOp<Reply> Read() { return ReadOp<Reply>(port(), reply()); }
  const Attachment& attachment() const { return internal::AttachmentOf(port()); }
  WriteOp Write(const Request& message) { return WriteOp(port(), message, false); }
  WriteOp Write(const Request& message, Attachment attachment) {
    return WriteOp(port(), message, false, std::move(attachment));
  }
  WriteOp WriteLast(const Request& message) { return WriteOp(port(), message, true); }
  WriteOp WriteLast(const Request& message, Attachment attachment) {
    return WriteOp(port(), message, true, std::move(attachment));
  }
  // Says that no more is written: the server reads the end behind what was. Not while a Write() waits.
  void HalfClose() { SendHalfClose(); }
  // Half-closes, if that was not done, drops what was not read, and waits for the call's status. Once.
  FinishOp Finish() { return FinishOp(*this); }
};

}  // namespace dialtone
