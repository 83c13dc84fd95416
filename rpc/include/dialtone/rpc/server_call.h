// What a handler may know of the call it handles, and say beside its reply.
//
//   dialtone::Task<absl::Status> Greet(dialtone::ServerCall& call, …) override {
//     if (call.metadata().Get("authorization") != token_) co_return
//     absl::UnauthenticatedError("…");
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "dialtone/rpc/attachment.h"
#include "dialtone/rpc/call_notes.h"
#include "dialtone/rpc/compression.h"
#include "dialtone/rpc/context.h"
#include "dialtone/rpc/internal/frame_pool.h"
#include "dialtone/rpc/metadata.h"
#include "dialtone/transport/address.h"

namespace dialtone {

// Lives until its handler has ended. Used by the handler, one thread at a time; context() may be
// used by any.
class ServerCall {
 public:
  ServerCall(const ServerCall&) = delete;
  ServerCall& operator=(const ServerCall&) = delete;

  // "/package.Service/Method"
  virtual std::string_view method() const = 0;
  virtual const Address& peer() const = 0;
  // "dialtone/1", "in-process", …
  virtual std::string_view protocol() const = 0;
  // Until the client's deadline; infinite if it has none; never negative.
  virtual absl::Duration time_left() const = 0;
  // The client has given up, is gone, or its deadline has passed: nobody will read the reply. To be
  // told of it, make a CancelCallback on context(); what the handler awaits then ends with
  // CANCELLED or DEADLINE_EXCEEDED by itself. A handler that holds its reactor, as a plain one does
  // that does not run on workers, sees the deadline alone here, and nothing in context(): the rest
  // would be told by that very reactor. Reads a clock where there is a deadline.
  bool cancelled() const {
    return context().cancelled() ||
           (!context().deadline().infinite() && time_left() == absl::ZeroDuration());
  }
  virtual const Context& context() const = 0;

  // Sent by the client.
  const Metadata& metadata() const { return extras().request_metadata; }
  // Sent back with the reply: before the message, and after it. Initial ones that a stream's handler adds when it has
  // written a message already are dropped, with a warning.
  Metadata& initial_metadata() { return add_extras().initial_metadata; }
  Metadata& trailing_metadata() { return add_extras().trailing_metadata; }

  // If the call ends with an error, and its client would send it again: not before so long, instead of
  // when the client would by itself. absl::InfiniteDuration(): not at all. It makes no client send
  // again what it would not send again anyway.
  void set_retry_pushback(absl::Duration after) { add_extras().retry_pushback = after; }
  // What came with the one request; it may be kept, as a copy shares the bytes. Of methods whose
  // client streams, the Reader has each message's own.
  const Attachment& attachment() const { return extras().request_attachment; }
  // Travels with the one reply. Of methods that stream replies, each Write() takes its own.
  void set_reply_attachment(Attachment attachment) {
    add_extras().reply_attachment = std::move(attachment);
  }
  // How this call's replies are compressed, from the next one on; kNone: not at all. Otherwise the
  // server's options choose.
  void set_compression(Compression compression) { add_extras().compression = compression; }

  // --- For observers ---

  // Puts the call under a span of an observer's own, before its handler begins: in OnStart. Without this the trace is what
  // the client sent, if it sent one.
  void set_trace(std::shared_ptr<const TraceContext> trace) {
    context().state()->set_trace(std::move(trace));
  }
  CallNotes& notes() { return notes_; }

 protected:
  ServerCall() = default;
  ~ServerCall() = default;

  // What there is beside the messages, and how they travel: most calls have nothing of it.
  struct Extras {
    static void* operator new(size_t bytes) { return internal::FramePool::Allocate(bytes); }
    static void operator delete(void* block, size_t bytes) {
      internal::FramePool::Free(block, bytes);
    }

    Metadata request_metadata;
    Metadata initial_metadata;
    Metadata trailing_metadata;
    std::optional<absl::Duration> retry_pushback;
    Attachment request_attachment;
    Attachment reply_attachment;
    std::optional<Compression> compression;
  };
  bool has_extras() const { return extras_ != nullptr; }
  const Extras& extras() const { return extras_ != nullptr ? *extras_ : NoExtras(); }
  Extras& add_extras() {
    if (extras_ == nullptr) extras_ = std::make_unique<Extras>();
    return *extras_;
  }

  std::unique_ptr<Extras> extras_;  // null: nothing
  CallNotes notes_;

 private:
  static const Extras& NoExtras();
};

}  // namespace dialtone
