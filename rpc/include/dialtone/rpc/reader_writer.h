// A streaming handler's ends of its stream. Coroutine handlers await them, plain handlers, which run on
// worker threads, block:
//
//   Task<absl::Status> Chat(ServerCall& call, Reader<Note>& reader, Writer<Note>& writer) override {
//     bool open = true;
//     while (auto note = co_await reader.Read()) {
//       open = co_await writer.Write(*note);
//       if (!open) break;
//     }
//     co_return absl::OkStatus();
//   }
//
//   absl::Status Chat(ServerCall& call, Reader<Note>& reader, Writer<Note>& writer) override {
//     while (auto note = reader.Read().Wait()) {
//       if (!writer.Write(*note).Wait()) break;
//     }
//     return absl::OkStatus();
//   }
//
// One Read() and one Write() at a time; both may wait together. What they return does nothing before
// it is awaited, and is awaited in the expression that makes it.
#pragma once

#include <google/protobuf/message_lite.h>

#include <utility>

#include "dialtone/rpc/attachment.h"
#include "dialtone/rpc/internal/stream_op.h"

namespace dialtone {

// Waits for the next message. Null: there is none any more, or the context ended that this is awaited
// in. The message is the reader's own, to be changed or moved from; it lives until the next Read().
template <class Message>
class [[nodiscard]] ReadOp final : public internal::StreamOp {
 public:
  ReadOp(internal::MessagePort& port, google::protobuf::MessageLite& into)
      : StreamOp(port, &into, nullptr, false), into_(&into) {}
  ~ReadOp() {}

  // Blocks; not on a reactor.
  Message* Wait() {
    WaitForEnd();
    return await_resume();
  }
  // For co_await.
  Message* await_resume() { return succeeded() ? static_cast<Message*>(into_) : nullptr; }

 private:
  google::protobuf::MessageLite* const into_;
};

// Sends a message, and waits while too much is under way already: so a slow reader slows its writer.
// False: nobody will read it, for the call is over, or half-closed from this side, or the context ended
// that this is awaited in. True says that it has left or is about to, not that it was read.
class [[nodiscard]] WriteOp final : public internal::StreamOp {
 public:
  WriteOp(internal::MessagePort& port, const google::protobuf::MessageLite& message, bool last,
          Attachment attachment = Attachment())
      : StreamOp(port, nullptr, &message, last, std::move(attachment)) {}
  ~WriteOp() {}

  // Blocks; not on a reactor.
  bool Wait() {
    WaitForEnd();
    return succeeded();
  }
  // For co_await.
  bool await_resume() { return succeeded(); }
};

// What the client sends. Lives as long as its handler.
template <class Request>
class Reader final {
 public:
  Reader(internal::MessagePort& port, google::protobuf::MessageLite& into)
      : port_(&port), into_(&into) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Null at the client's half-close; before that, when the client has given up or is gone:
  // ServerCall::cancelled() tells them apart.
  ReadOp<Request> Read() { return ReadOp<Request>(*port_, *into_); }
  // What came with the message that was read last: until the next Read(), if it is not copied.
  const Attachment& attachment() const { return internal::AttachmentOf(*port_); }

 private:
  internal::MessagePort* port_;
  google::protobuf::MessageLite* into_;
};

// What the client reads. Lives as long as its handler. The first message takes the call's initial
// metadata with it.
template <class Reply>
class Writer final {
 public:
  explicit Writer(internal::MessagePort& port) : port_(&port) {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // False: the client has given up or is gone.
  WriteOp Write(const Reply& message) { return WriteOp(*port_, message, false); }
  WriteOp Write(const Reply& message, Attachment attachment) {
    return WriteOp(*port_, message, false, std::move(attachment));
  }

 private:
  internal::MessagePort* port_;
};

}  // namespace dialtone
