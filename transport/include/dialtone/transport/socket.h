// A socket, from creation to close: the file descriptor and the system calls on it, with errors
// that name the operation and the address. Internal to transport's shell, public because a program
// may want one of its own.
//
//   server: Create → Bind → Listen → Accept …      client: Create → Connect (non-blocking) →
//   ConnectResult both:   Read / Write … → ShutdownWrite → Read to the end → destroyed (close)
//
// Every socket is close-on-exec, no call of these blocks, and no write raises SIGPIPE.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dialtone/transport/address.h"
#include "dialtone/transport/byte_stream.h"

namespace dialtone {

// Moves; owns its descriptor. Not thread-safe.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  // A stream socket of the address' family (AF_INET, AF_INET6 or AF_UNIX; TCP for the first two).
  static absl::StatusOr<Socket> CreateStream(const Address& address);
  // A socket by the numbers of socket(2): family (AF_INET, …), type (SOCK_STREAM, SOCK_DGRAM, …) and
  // protocol (0: the type's usual one; IPPROTO_TCP, …).
  static absl::StatusOr<Socket> Create(int family, int type, int protocol);

  bool valid() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

  // SO_REUSEADDR is set for IP addresses; IPV6_V6ONLY for IPv6 ones.
  absl::Status Bind(const Address& address);
  absl::Status Listen(int backlog);
  // Takes one completed connection. An invalid Socket (not an error): none is waiting. Errors:
  // RESOURCE_EXHAUSTED when descriptors or memory ran out; anything else concerns that one
  // connection and is passed over, unless it comes again and again: INTERNAL then.
  absl::StatusOr<Socket> Accept(Address& peer);
  // Begins the handshake; OK also when it is still under way: writability, then ConnectResult(),
  // tells how it ended.
  absl::Status Connect(const Address& peer);
  // `may_have_failed`: epoll has told of an error or a hang-up; otherwise the socket is not asked. `local` becomes this end's
  // address.
  absl::Status ConnectResult(const Address& peer, bool may_have_failed, Address& local);

  absl::Status SetStreamOptions(const StreamOptions& options, Address::Family family);
  absl::StatusOr<Address> LocalAddress() const;

  // errno of a failure goes to `error`.
  IoResult Read(std::span<char> into, int& error);
  IoResult ReadScattered(std::span<const iovec> into, int& error);
  IoResult Write(std::span<const iovec> from, int& error);
  void ShutdownWrite();
  // From now on a recv() of the descriptor sleeps until something has come, or for as long as this (SO_RCVTIMEO, which the
  // kernel rounds up to ticks of its clock). What is called here does not, as ever. False: the kernel says no.
  bool LetReadsSleep(absl::Duration longest);
  // What has come last was taken in on another processor than this thread runs on now: of a connection within the
  // machine, that is where the peer runs (SO_INCOMING_CPU). False where that is not known.
  bool LastReceivedElsewhere() const;
  // TCP_INFO; nothing where this is no TCP connection.
  std::optional<dialtone::TcpInfo> TcpInfo() const;
  void Close();

 private:
  int descriptor_ = -1;
};

}  // namespace dialtone
