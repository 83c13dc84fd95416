// One end of a stream of messages: what has arrived and was not read yet, and who waits to read or to
// write. Both sides of streaming calls have one (stream_client_call.h, stream_call.h). Internal to
// rpc/.
//
//   protocol ── Deliver ──▶ kept messages ──▶ Read    (parsed as they are read; credit goes back then)
//   protocol ◀── SendOut ── Write                     (pauses when the protocol says so)
//
// A large message (large_message.h) is parsed on a worker thread, so that it holds up nobody.
#pragma once

#include <google/protobuf/message_lite.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "connection_info.h"
#include "dialtone/rpc/context.h"
#include "dialtone/rpc/internal/stream_op.h"
#include "dialtone/transport/loop.h"
#include "dialtone/transport/network.h"
#include "large_message.h"
#include "message.h"

namespace dialtone::internal {

class RequestBytes;

// Belongs to a call; everything under its loop's lead, but for what is said to be constant.
class MessagePort {
 public:
  // The call, as its port sees it.
  class Owner {
   public:
    // A stream is there to send on.
    virtual bool CanSend() const = 0;
    // False: OnWritable() will follow, and nothing should be sent before. A message that cannot go ends the call: Fail().
    virtual bool SendOut(OutgoingMessage& message, bool last) = 0;
    virtual void SendHalfClose() = 0;
    // A kept message is done with.
    virtual void GiveBack(const MessageCost& cost) = 0;
    // A message of so many bytes is about to be parsed into the reader's. On a worker, if it is large.
    virtual void BeforeParsing(size_t bytes) = 0;
    // What has arrived is no valid message, as ParseMessage() says: ends the call.
    virtual void OnInvalidMessage(const absl::Status& parsed) = 0;
    // For observers.
    virtual void OnMessageRead(const google::protobuf::MessageLite& message) = 0;
    virtual void OnMessageWritten(const google::protobuf::MessageLite& message) = 0;
    virtual Workers& port_workers() = 0;
    virtual std::string_view port_method() const = 0;
    // How messages are packed, and whether it is likely that the peer unpacks this. Any thread.
    virtual PackingPlan port_packing() const = 0;
    virtual bool MayUnpack(Compression algorithm) const = 0;
    // What the peer unpacks. Requires CanSend().
    virtual CompressionSet port_unpacks() const = 0;

   protected:
    ~Owner() = default;
  };

  explicit MessagePort(Owner& owner);
  ~MessagePort();
  MessagePort(const MessagePort&) = delete;
  MessagePort& operator=(const MessagePort&) = delete;

  // Before anything is awaited here; constant from then on. The end of the context `ends_the_call`, so that whoever awaits
  // in that need not watch it; null: there is none.
  void Open(Loop& loop, ContextState* ends_the_call) {
    loop_ = &loop;
    context_ = ends_the_call;
  }
  Loop& loop() const { return *loop_; }
  ContextState* context() const { return context_; }
  std::string_view method() const { return owner_.port_method(); }

  // --- From the protocol, by way of the call ---

  void Deliver(IncomingMessage& message);
  // The peer sends nothing more; what has arrived can still be read.
  void EndInbound();
  void OnWritable();
  // A stream is there now (CanSend).
  void OnSendable();

  // --- From the call ---

  // No more reads nor writes: those that wait end, what has arrived is dropped.
  void Fail();
  // No more writes; what has arrived can still be read.
  void EndBoth();
  // What arrives from now on is not wanted.
  void Discard();
  // Behind what was written, and a write that waits. Once is enough.
  void HalfClose();
  // Back to how it was made; nothing may wait.
  void Reset();
  // Nothing has arrived and nothing was sent.
  bool untouched() const { return !received_ && !sent_; }

  // --- From operations ---

  void Begin(StreamOp& op);
  // Takes an operation back. False: it is about to end by itself.
  bool Withdraw(StreamOp& op);
  Workers& workers() { return owner_.port_workers(); }
  bool packs() const { return owner_.port_packing().algorithm != Compression::kNone; }
  // Packs, if that is worth it, a message that will be sent. Any thread.
  void PackAhead(RequestBytes& message) const;

  // --- From the reader ---

  // What came with the message that was read last.
  const Attachment& attachment() const { return attachment_; }

 private:
  struct Kept;

  void Read(StreamOp& op);
  void Write(StreamOp& op);
  void SendOut(StreamOp& op);
  void Keep(IncomingMessage& message);
  std::unique_ptr<Kept> TakeFirst();
  void DropKept();
  // Takes the first kept message, a large one, to a worker, for `op`. False: the workers are too busy;
  // the message is in parsing_.
  bool ParseLater(StreamOp& op);
  // Parses into the reader's message and completes it.
  void Parse(StreamOp& op, const Packing& packing, std::string_view bytes, Attachment&& attachment);
  void Parse(StreamOp& op, Kept& kept);
  absl::Status ParseInto(StreamOp& op, const Packing& packing, std::string_view bytes);
  void ParseOnWorker();
  void OnParsed();
  void FinishRead(StreamOp& op, const absl::Status& parsed, Attachment&& attachment);

  Owner& owner_;
  Loop* loop_ = nullptr;
  ContextState* context_ = nullptr;

  std::unique_ptr<Kept> first_;
  Kept* last_ = nullptr;
  StreamOp* reader_ = nullptr;  // waits
  StreamOp* writer_ = nullptr;  // waits
  bool writer_sent_ = false;    // its message has left; it waits for the next one's turn
  bool inbound_ended_ = false;
  bool outbound_ended_ = false;
  bool half_close_wanted_ = false;  // no further message: HalfClose() says so, or the last one
  bool half_close_called_ = false;
  bool paused_ = false;  // OnWritable() will come
  bool discards_ = false;
  bool received_ = false;
  bool sent_ = false;
  Attachment attachment_;

  // A large message that is being parsed, for `reader_`.
  std::unique_ptr<Kept> parsing_;
  absl::Status parsed_;
  MemberWork<&MessagePort::ParseOnWorker> parse_work_{*this};
  MemberWork<&MessagePort::OnParsed> parsed_work_{*this};
};

}  // namespace dialtone::internal
