// A two-way stream of bytes to one peer: a connected TCP or unix socket, or its simulation. Reading
// and writing never block; readiness is told to a handler. What the bytes mean is another layer's
// business, and so is buffering: see WriteQueue for gathering writes.
//
// The states of a stream:
//
//   connecting ── OnConnected(OK) ──▶ open ── ShutdownWrite ──▶ half-closed ──▶ closed (destroyed)
//        └─────── OnConnected(error) ─▶ failed        any state ──▶ failed (reset, lost)
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "dialtone/transport/address.h"

namespace dialtone {

// What the kernel knows of a TCP connection.
struct TcpInfo {
  std::string_view state;     // "established", "close-wait"; static
  absl::Duration round_trip;  // smoothed
  absl::Duration round_trip_variation;
  uint32_t congestion_window = 0;       // segments
  uint32_t unacknowledged = 0;          // segments
  uint64_t segments_retransmitted = 0;  // since the beginning
};

// What a read or a write came to.
struct IoResult {
  enum class State {
    kDone,        // `bytes` bytes moved, at least one
    kWouldBlock,  // none now; the handler will be told when it can go on
    kEnd,         // read only: the peer has shut down its writing side
    kFailed,      // the stream is broken; status() says why
  };
  State state;
  size_t bytes = 0;
};

// Options of one connection, whichever side opened it.
struct StreamOptions {
  StreamOptions() = default;

  // Small writes leave at once instead of waiting for an acknowledgement (TCP_NODELAY).
  bool no_delay = true;
  // Kernel keepalive: idle time before the first probe, time between probes, probes without an
  // answer until the connection counts as lost. An idle time of zero turns probing off.
  absl::Duration keepalive_idle = absl::Seconds(30);
  absl::Duration keepalive_interval = absl::Seconds(10);
  int keepalive_probes = 3;
  // How long written bytes may stay unacknowledged until the connection counts as lost
  // (TCP_USER_TIMEOUT); zero leaves it to the kernel (about 15 minutes).
  absl::Duration unacknowledged_timeout = absl::Seconds(30);
  // Written bytes that the kernel takes before they can be sent (TCP_NOTSENT_LOWAT). What is above
  // waits in the process, where a small message overtakes a large one. Zero leaves it to the kernel
  // (megabytes).
  uint32_t unsent_bytes_max = 128 * 1024;
};

// Belongs to one loop for life: every method, the destructor included, requires that loop's lead.
// Destroying it closes the connection, at any time, from within its handler's methods too; no call
// to the handler follows.
class ByteStream {
 public:
  // Told of readiness by the loop, under its lead. Must outlive the stream.
  class Handler {
   public:
    // Once, only for a stream that Loop::Connect made, never from within Connect: the connection
    // stands, or could not be made ("connect 10.0.0.7:7000: connection refused"); then the stream
    // is only good to be destroyed.
    virtual void OnConnected(const absl::Status& status) = 0;
    // Bytes, the end or a failure can be read. Level-triggered: called again, after other streams
    // have had their turn, until Read() has said kWouldBlock, kEnd or kFailed, or reading is
    // paused.
    virtual void OnReadable() = 0;
    // After a Write() that moved fewer bytes than it was given: there is room again.
    virtual void OnWritable() = 0;

   protected:
    ~Handler() = default;
  };

  virtual ~ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  // Takes bytes that have arrived, as many as there are and fit. `into` is not empty.
  virtual IoResult Read(std::span<char> into) = 0;
  // The same, scattered: fills the blocks, of which none is empty, one after the other, or only the
  // first where a stream knows no better.
  virtual IoResult ReadScattered(std::span<const iovec> into) {
    return Read(std::span<char>(static_cast<char*>(into.front().iov_base), into.front().iov_len));
  }
  // Hands over bytes, gathered, as many as there is room for; `bytes` of the result says how many.
  virtual IoResult Write(std::span<const iovec> from) = 0;
  // Half-closes: the peer reads the end after what was written. Reading goes on.
  virtual void ShutdownWrite() = 0;
  // While paused, OnReadable() is not called; what has arrived stays in the kernel, whose window
  // then stops the peer. Reading is on at first.
  virtual void SetReading(bool reading) = 0;

  // The peer runs on this machine, and on another processor than this thread does just now, as far as that is known:
  // both can work at the same time. Costs a system call.
  virtual bool PeerIsOnAnotherProcessor() const { return false; }

  // Nothing where it is no TCP connection. Costs a system call.
  virtual std::optional<TcpInfo> tcp_info() const { return std::nullopt; }

  // Why Read() or Write() said kFailed: names the operation and the peer. OK before.
  virtual absl::Status status() const = 0;
  virtual const Address& peer() const = 0;
  // None when it is closed, or not connected yet. Costs a system call.
  virtual Address local() const = 0;

  // From now on readiness is told to `handler`: when the first bytes have shown which protocol a
  // connection speaks, its owner changes.
  void SetHandler(Handler& handler) { handler_ = &handler; }

 protected:
  explicit ByteStream(Handler& handler) : handler_(&handler) {}
  Handler& handler() const { return *handler_; }

 private:
  Handler* handler_;
};

}  // namespace dialtone
