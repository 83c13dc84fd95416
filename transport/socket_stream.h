// A byte stream on a socket, under an epoll loop. Internal; the contract is ByteStream's.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

#include "dialtone/transport/byte_stream.h"
#include "dialtone/transport/loop.h"
#include "dialtone/transport/network.h"
#include "dialtone/transport/slab.h"
#include "dialtone/transport/socket.h"
#include "epoll_loop.h"

namespace dialtone {

class SocketStream final : public ByteStream, private Poller::Watched {
 public:
  // Begins to connect; whatever goes wrong comes through OnConnected().
  static std::unique_ptr<ByteStream> Connect(EpollLoop& loop, const Address& peer,
                                             const ConnectOptions& options, Handler& handler);
  // Takes over an accepted socket, with the options that it has from its listener.
  static std::unique_ptr<ByteStream> Adopt(EpollLoop& loop, Socket socket, const Address& peer,
                                           Handler& handler);
  ~SocketStream() override;
  // Lies in its loop's slab.
  static void* operator new(size_t, Slab<SocketStream>& slab) { return slab.Allocate(); }
  static void operator delete(void* memory, Slab<SocketStream>& slab) { slab.Free(memory); }
  static void operator delete(SocketStream* stream, std::destroying_delete_t);

  IoResult Read(std::span<char> into) override;
  IoResult ReadScattered(std::span<const iovec> into) override;
  IoResult Write(std::span<const iovec> from) override;
  void ShutdownWrite() override;
  void SetReading(bool reading) override;
  bool PeerIsOnAnotherProcessor() const override;
  std::optional<TcpInfo> tcp_info() const override { return socket_.TcpInfo(); }
  absl::Status status() const override {
    return rare_ == nullptr ? absl::OkStatus() : rare_->status;
  }
  const Address& peer() const override { return peer_; }
  // --- For a thread that waits for its bytes alone: read_ahead.h ---

  // False: something else is waited for here, too, or the socket cannot be slept on. Otherwise nothing is read of it but
  // through the loop's ReadAhead, until that says EndReadAhead().
  bool BeginReadAhead();
  void EndReadAhead() { read_ahead_ = false; }
  // That there is something to read.
  void Tell(Poller& poller) { poller.Tell(*this, EPOLLIN); }
  bool wants_bytes() const { return state_ == State::kOpen && reading_ && !ended_; }

  Address local() const override {
    if (state_ != State::kOpen) return Address();
    return rare_ != nullptr ? rare_->local : socket_.LocalAddress().value_or(Address());
  }

 private:
  enum class State : uint8_t { kConnecting, kOpen, kFailed };

  SocketStream(EpollLoop& loop, Socket socket, const Address& peer, Handler& handler);

  void BeginConnect(const ConnectOptions& options);
  void OnEvents(uint32_t events) override;
  SocketStream* AsStream() override { return this; }
  void OnConnectEnd(bool may_have_failed);
  void OnTimer();
  void DisarmTimer();
  // Fails now, and tells so in the loop's next turn.
  void FailLater(absl::Status status);
  // The same, where whoever called is told.
  void Fail(absl::Status status);
  // Whether a read can bring anything; otherwise what it comes to.
  bool MayRead(IoResult& otherwise) const;
  IoResult AfterRead(const IoResult& result, size_t room, int error);
  IoResult TakeReadAhead(std::span<const iovec> into);

  // What epoll shall tell, from the state below; changes the epoll set only when that changes.
  void UpdateInterest();
  void StopWatching();

  // In an order that leaves no gaps: a server has thousands.
  EpollLoop& loop_;
  Socket socket_;
  uint32_t interest_ = 0;
  const Address peer_;

  // What an open stream has no need of.
  struct Rare {
    explicit Rare(SocketStream& stream) : timer(stream) {}

    absl::Status status;     // why it has failed
    absl::Duration timeout;  // of connecting
    Address local;  // while the handler is told that it is open, and will most likely ask for it
    bool connecting = false;  // OnConnected() is still to be told
    MemberTimer<&SocketStream::OnTimer> timer;
  };
  std::unique_ptr<Rare> rare_;  // null for one that was accepted, and when it is open

  State state_ = State::kOpen;
  bool reading_ = true;
  bool ended_ = false;  // the peer has shut down its writing side, and Read() has said so
  // A read found less than it had room for: nothing to read until epoll says so.
  bool drained_ = false;
  bool want_write_ = false;  // the handler waits for OnWritable()
  bool watched_ = false;
  bool read_ahead_ = false;  // what comes next, the loop's ReadAhead reads or has read
  bool may_sleep_ = false;   // a read of the socket may
};
static_assert(sizeof(SocketStream) <= 88, "a server has thousands");

}  // namespace dialtone
