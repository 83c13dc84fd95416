// The seam between calls and the protocol of a connection, server side. A protocol (dialtone1/,
// in_process/; http2 and http1 later) recognises its connections by their first bytes and
// implements ServerProtocol, ServerAcceptor, ServerConnection and ServerStream; the call part implements
// CallDispatcher and ServerStreamHandler. Everything here runs under the lead of the connection's
// loop. Internal to rpc/.
//
//   … stream ─▶ ServerAcceptor
//               ServerConnection ── Begin(head) ──▶ CallDispatcher
//               ServerStream ── OnMessage, OnHalfClose, OnCancel ──▶ call
//               ServerStream ◀── CheckHeaders, CheckMessage, SendHeaders? Finish (exactly once) ── call
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client_protocol.h"  // CancelReason
#include "connection_info.h"
#include "dialtone/rpc/byte_budget.h"
#include "dialtone/rpc/connection_limits.h"
#include "dialtone/rpc/metadata.h"
#include "dialtone/rpc/method.h"
#include "dialtone/rpc/metrics.h"
#include "dialtone/transport/byte_stream.h"
#include "dialtone/transport/instant.h"
#include "dialtone/transport/loop.h"
#include "message.h"

namespace dialtone {
namespace internal {
class ServedConnections;
}  // namespace internal

// How a server answers a call for the last time. Views are valid during Finish().
struct ServerEnd {
  absl::Status status;
  const Metadata* trailing = nullptr;  // may be null: none
  OutgoingMessage* reply = nullptr;    // the one reply, which the client takes; null with an error
  // The call never ran and may be sent elsewhere.
  bool refused = false;
  // With an error: when the client may send the call again, if it does so at all; infinite: it may not.
  std::optional<absl::Duration> pushback;
  uint32_t queue_us = 0;
  uint32_t handler_us = 0;
};

// One call's sending side, implemented by the protocol. Valid until Finish() returns; a connection
// that is lost keeps its streams until they are finished (their answers then go nowhere).
class ServerStream {
 public:
  // Whether the client takes initial metadata, and a message, as large as these are. An error is what the call is to end
  // with in their place; it is counted.
  virtual absl::Status CheckHeaders(const Metadata& initial) = 0;
  virtual absl::Status CheckMessage(const OutgoingMessage& message) = 0;
  // If the client does not take them, the call ends so, whatever its handler says.
  virtual void SendHeaders(const Metadata& initial) = 0;
  // A message of a streaming call, which the client takes. False: enough of this stream waits now, or of its connection.
  // OnWritable() will say when that has gone; what is sent before grows memory.
  virtual bool Send(OutgoingMessage& message) = 0;
  // A message that was kept is done with: the client may send more.
  virtual void Taken(const MessageCost& cost) = 0;
  // Exactly once a call, after which the stream and its handler know each other no more. May be
  // called from within Begin() and the handler's methods.
  virtual void Finish(const ServerEnd& end) = 0;
  virtual const ConnectionInfo& connection() const = 0;

 protected:
  ~ServerStream() = default;
};

// One call's receiving side, implemented by the call part.
class ServerStreamHandler {
 public:
  virtual void OnMessage(IncomingMessage& message) = 0;
  virtual void OnHalfClose() = 0;
  // After a Send() that said false: more may be sent. Must not send from within.
  virtual void OnWritable() {}
  // The client gave up or is gone. Finish() is still due, when the handler has ended. At most once.
  virtual void OnCancel(CancelReason reason) = 0;
  // In place of OnCancel(): the protocol has given the call up, which ends with this, whatever Finish() says.
  virtual void OnFailed(const absl::Status&) { OnCancel(CancelReason::kTooLarge); }

 protected:
  ~ServerStreamHandler() = default;
};

// A method as the call part has it registered; opaque to protocols, which keep pointers to it in
// their tables. Lives as long as the dispatcher.
class ServerMethod;

struct ServerRequestHead {
  // Null: no such method; `path` names it, or is empty if that name is not known any more.
  const ServerMethod* method = nullptr;
  std::string_view path;
  Metadata metadata;
  Instant deadline = Instant::Infinite();
  // The request is whole: OnHalfClose() follows at once. Otherwise it may follow late, or never.
  bool whole = true;
  // The client asks how long its call took here, counted from `arrived`, which is set then.
  bool wants_times = false;
  // The same for all calls that one read has brought. Instant(): not known.
  Instant arrived;
};

// A unary call and its one request, plain and whole, which came at once, as most do. Views are valid during BeginWhole().
struct WholeRequest {
  const ServerMethod& method;
  std::string_view bytes;
  bool has_room;  // as in IncomingMessage
  // As in ServerRequestHead.
  Instant deadline;
  Instant arrived;
  bool wants_times;
};

// The call part of a server, as its connections see it. Thread-safe: each of a server's loops calls
// it.
class CallDispatcher {
 public:
  // Null: UNIMPLEMENTED will be the answer to its calls.
  virtual const ServerMethod* FindMethod(std::string_view path) const = 0;
  // What the connections of this process hold together is counted here; null: nowhere.
  virtual ByteBudget* process_bytes() const { return nullptr; }
  // Something was refused, given up or closed. For counting.
  virtual void OnLimit(ServerLimit limit) {}
  // A call has arrived. Null: it was finished from within Begin(), and its messages are to be
  // dropped.
  virtual ServerStreamHandler* Begin(Loop& loop, ServerStream& stream,
                                     ServerRequestHead&& head) = 0;
  // Whether calls of the method may come by BeginWhole().
  virtual bool IsUnary(const ServerMethod& method) const = 0;
  // Begin(), OnMessage() and OnHalfClose() in one. Anything, when it was finished from within.
  virtual ServerStreamHandler* BeginWhole(Loop& loop, ServerStream& stream,
                                          const WholeRequest& request) = 0;

 protected:
  ~CallDispatcher() = default;
};

// One accepted connection after its protocol is known.
class ServerConnection {
 public:
  class Owner {
   public:
    // Once, last: closed, and no call is left. The owner may destroy the connection from here.
    virtual void OnClosed(ServerConnection& connection) = 0;
    // It was at rest (TryRest), and is no more.
    virtual void OnAwake(ServerConnection& connection) = 0;

   protected:
    ~Owner() = default;
  };

  virtual ~ServerConnection() = default;
  virtual ConnectionInfo info() const = 0;
  virtual uint32_t calls_in_flight() const = 0;
  // This end's; none where it is no socket, or is closed while calls still run. Costs a system call.
  virtual Address local() const { return Address(); }
  // Costs a system call.
  virtual ConnectionTraffic traffic() const { return {}; }
  // Says goodbye: no new calls; those under way finish and are answered; then closes.
  virtual void Drain() = 0;
  // Closes the byte stream now, having said which calls were taken, if that can leave at once; calls under way are told
  // OnCancel(kShutdown) and are waited for.
  virtual void Abort() = 0;

  enum class Rest : uint8_t {
    kResting,
    kUsed,  // something has come since it was asked last
    kBusy,  // something is under way; or it never rests
  };
  // Asks it to give back, until more bytes come, the memory that only traffic needs. At a time when
  // no method of it runs.
  virtual Rest TryRest() { return Rest::kBusy; }
  // While it is at rest: when OnRestDue() is to be called, at the latest a little after.
  virtual Instant rest_due() const { return Instant::Infinite(); }
  virtual void OnRestDue() {}

 private:
  friend class internal::ServedConnections;

  // Its place among its owner's.
  ServerConnection* previous_ = nullptr;
  ServerConnection* next_ = nullptr;
  uint64_t number_ : 62 = 0;
  uint64_t resting_ : 1 = 0;
  uint64_t has_place_ : 1 = 0;  // at the server's gate
  Instant since_;
};

// One protocol at one of a server's loops: serves connections, and has what they have in common.
class ServerAcceptor {
 public:
  virtual ~ServerAcceptor() = default;
  // Takes a connection over, with the bytes read so far. Calls into the dispatcher may begin at once,
  // from within.
  virtual std::unique_ptr<ServerConnection> Serve(std::unique_ptr<ByteStream> stream,
                                                  std::string_view first_bytes) = 0;
};

// One protocol a server speaks. Constant; shared by all loops.
class ServerProtocol {
 public:
  enum class Match { kYes, kNo, kNeedMore };

  virtual ~ServerProtocol() = default;
  virtual std::string_view name() const = 0;
  // What the first bytes of a connection (at least one) say.
  virtual Match Recognize(std::string_view first_bytes) const = 0;
  // What a connection of this protocol is sent in place of being served, so that its client knows
  // why it is closed; empty: it is just closed.
  virtual std::string Refusal(std::string_view why) const { return {}; }
  // `limits`, `dispatcher` and `owner` outlive the acceptor, and it its connections.
  virtual std::unique_ptr<ServerAcceptor> NewAcceptor(Loop& loop, const ConnectionLimits& limits,
                                                      CallDispatcher& dispatcher,
                                                      ServerConnection::Owner& owner) const = 0;
};

}  // namespace dialtone
