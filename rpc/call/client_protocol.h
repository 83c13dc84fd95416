// The seam between calls and the protocol of a connection, client side. A protocol (dialtone1/,
// in_process/) implements ClientConnection and ClientStream; the call part implements
// ClientStreamHandler and ClientConnection::Owner. Everything here runs under the lead of the
// connection's loop. Internal to rpc/.
//
//   channel ── Start(request) ──▶ ClientConnection ── bytes ──▶ …
//   call    ◀── OnHeaders? OnMessage? OnEnd (exactly once) ── ClientStream
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "connection_info.h"
#include "dialtone/rpc/metadata.h"
#include "dialtone/rpc/method.h"
#include "dialtone/rpc/metrics.h"
#include "dialtone/transport/instant.h"
#include "message.h"

namespace dialtone {

// Why a call is given up before its end.
enum class CancelReason : uint32_t {
  kCancelled = 0,
  kDeadlineExceeded = 1,
  kTooLarge = 2,
  kShutdown = 3
};

// How a call ended, as the protocol knows it. Valid during OnEnd().
struct StreamEnd {
  absl::Status status;  // with its details as payloads; a lost connection is UNAVAILABLE and names
                        // the peer and phase
  Metadata trailing;
  // True when the peer is known never to have run the call: it may safely be sent again.
  bool never_ran = false;
  // ... because it has refused it, as it may do again.
  bool refused = false;
  // This side has ended it, as the peer takes no such request: too large a message, say. The peer has
  // said nothing.
  bool local = false;
  // When the server wants to be asked again, if it says; infinite: not at all.
  std::optional<absl::Duration> pushback;
  // When the end was there, the same for all ends that one read has brought. Instant(): not known.
  Instant arrived;
  // The server's own account, when it gave one: time in its queue and in its handler, in µs.
  bool has_times = false;
  uint32_t queue_us = 0;
  uint32_t handler_us = 0;
};

// One call's receiving side, implemented by the call part.
class ClientStreamHandler {
 public:
  // What ClientStream::TellWritten() has asked for.
  virtual void OnWritten() {}
  virtual void OnHeaders(Metadata&& initial) = 0;
  virtual void OnMessage(IncomingMessage& message) = 0;
  // After a Send() that said false: more may be sent. Must not send from within.
  virtual void OnWritable() {}
  // Exactly once, last. The protocol has let go of the call when this is called, and its
  // ClientStream is gone. It is never called from within Start(), Send() or Cancel().
  virtual void OnEnd(StreamEnd&& end) = 0;
  // Whether OnWhole() may come next.
  virtual bool TakesWhole() const { return false; }
  // OnMessage() and OnEnd() in one: the one reply of a call, plain and whole, as most are, and its end, which is OK.
  // `arrived` as in StreamEnd.
  virtual void OnWhole(std::string_view bytes, Instant arrived) {}

 protected:
  ~ClientStreamHandler() = default;
};

// What a call begins with. Views are valid during Start() only.
struct RequestHead {
  const Method* method = nullptr;
  const Metadata* metadata = nullptr;      // may be null: none
  size_t own_pairs = 0;                    // of these: the caller's, which come first
  Instant deadline = Instant::Infinite();  // travels as the time left
  // The largest message the caller accepts in answer.
  uint64_t reply_bytes_max = 0;
};

// One call's sending side, implemented by the protocol. Valid from Start() until OnEnd() or
// Cancel().
class ClientStream {
 public:
  // A further message of a streaming call; `end` half-closes behind it. False: enough of this stream
  // waits now, or of its connection. OnWritable() will say when that has gone; what is sent before
  // grows memory.
  virtual bool Send(OutgoingMessage& message, bool end) = 0;
  // Half-closes without a message.
  virtual void SendEnd() = 0;
  // Right after Start(): the handler's OnWritten() follows once the request has left this process, with
  // its message if it has one. Never, where there are no bytes to write.
  virtual void TellWritten() {}
  // A message that was kept is done with: the server may send more.
  virtual void Taken(const MessageCost& cost) = 0;
  virtual const ConnectionInfo& connection() const = 0;
  // Gives the call up: tells the peer, and no event of this call reaches the handler any more
  // (OnEnd neither). The pointer is invalid afterwards.
  virtual void Cancel(CancelReason reason) = 0;

 protected:
  ~ClientStream() = default;
};

// One connection to a server, from connecting to closed.
class ClientConnection {
 public:
  class Owner {
   public:
    // Steps on the way, each once at most, where the protocol has them: the byte stream stands; this
    // side's SETTINGS have left; the peer's have come. For those who watch.
    virtual void OnConnected(ClientConnection&) {}
    virtual void OnSettingsWritten(ClientConnection&) {}
    virtual void OnSettingsRead(ClientConnection&) {}
    // The byte stream is about to be closed; traffic() still tells of it. From within whatever closes
    // it; OnClosed() follows.
    virtual void OnClosing(ClientConnection&) {}
    // The connection can take calls (once), or could not be made / was lost (OnClosed). Never from
    // within the connection's constructor.
    virtual void OnReady(ClientConnection& connection) = 0;
    // has_capacity() is true again after it was false.
    virtual void OnCapacity(ClientConnection& connection) = 0;
    // The server takes no new calls here (GOAWAY), or ids run out: calls under way go on, new ones
    // need a new connection. Once at most.
    virtual void OnDraining(ClientConnection& connection) = 0;
    // Once, last; all calls have ended by then. The owner may destroy the connection from here.
    // `status` says which peer and which phase: "connect 10.0.0.7:7000: connection refused".
    virtual void OnClosed(ClientConnection& connection, const absl::Status& status) = 0;

   protected:
    ~Owner() = default;
  };

  // Closes at once; calls still under way must have been ended (Close) before.
  virtual ~ClientConnection() = default;

  // True when Start() may be called: connected (or, on a first connection, still connecting where
  // the protocol allows to write ahead), not draining, and the peer's limit of calls at a time is
  // not reached.
  virtual bool has_capacity() const = 0;
  const ConnectionInfo& info() const { return *info_; }
  // This end's, also after it is closed; none before it is connected, and where it is no socket.
  virtual const Address& local() const {
    static const Address& none = *new Address();
    return none;
  }
  virtual uint32_t calls_in_flight() const = 0;
  // Costs a system call.
  virtual ConnectionTraffic traffic() const { return {}; }

  // Begins a call, with its first message if there is one yet; `end` says that no further one follows
  // (always, for unary calls). Requires has_capacity(). Never null.
  virtual ClientStream* Start(ClientStreamHandler& handler, const RequestHead& head,
                              OutgoingMessage* message, bool end) = 0;
  // No new calls; closes when those under way have ended: OnClosed(OK).
  virtual void Drain() = 0;
  // Ends all calls with `status`, tells the peer goodbye as far as that goes without waiting;
  // OnClosed follows, not from within.
  virtual void Close(const absl::Status& status) = 0;

  // Its owner's to keep.
  struct Note {
    uint64_t number = 0;  // of the channel's connections
    Instant since;        // when it was begun
    bool connected = false;
    ConnectionEnd end = ConnectionEnd::kLost;  // what its end is, if it comes now
  };
  Note note;

 protected:
  // `info` is a member of the connection's.
  void KeepInfo(const ConnectionInfo& info) { info_ = &info; }

 private:
  const ConnectionInfo* info_ = nullptr;
};

}  // namespace dialtone
