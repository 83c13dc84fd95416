#include "dialtone/transport/socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "errno_status.h"
#include "sockaddr.h"

namespace dialtone {
namespace {

using internal::ErrnoStatus;
using internal::SockAddr;

absl::Status SetOption(int descriptor, int level, int option, int value, const char* name) {
  if (setsockopt(descriptor, level, option, &value, sizeof value) == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("set ", name, ": ", internal::ErrnoText(errno)));
}

// Whole seconds, for options that know no other unit: at least one.
int Seconds(absl::Duration duration) {
  return static_cast<int>(std::clamp<int64_t>(absl::ToInt64Seconds(duration), 1, 32767));
}

// These errors of accept() say that its own arguments are wrong: trying again would never end.
bool IsMisuse(int error) {
  return error == EBADF || error == EINVAL || error == ENOTSOCK || error == EOPNOTSUPP ||
         error == EFAULT;
}

// Other errors of accept() in a row, after which it may be that they take nothing out of the backlog:
// a security module's EACCES, a filter's EPERM.
constexpr int kAcceptErrorsMax = 16;

absl::StatusCode ListenCode(int error) {
  if (error == EACCES || error == EPERM) return absl::StatusCode::kPermissionDenied;
  if (error == EADDRINUSE) return absl::StatusCode::kAlreadyExists;
  if (error == ENOENT || error == EADDRNOTAVAIL) return absl::StatusCode::kNotFound;
  return absl::StatusCode::kInternal;
}

std::string_view TcpStateName(uint8_t state) {
  switch (state) {
    case TCP_ESTABLISHED:
      return "established";
    case TCP_SYN_SENT:
      return "syn-sent";
    case TCP_SYN_RECV:
      return "syn-received";
    case TCP_FIN_WAIT1:
      return "fin-wait-1";
    case TCP_FIN_WAIT2:
      return "fin-wait-2";
    case TCP_CLOSE_WAIT:
      return "close-wait";
    case TCP_LAST_ACK:
      return "last-ack";
    case TCP_CLOSING:
      return "closing";
    default:
      return "closed";
  }
}

IoResult Failure(int error_number, int& error) {
  error = error_number;
  if (error == EAGAIN || error == EWOULDBLOCK) return {IoResult::State::kWouldBlock, 0};
  return {IoResult::State::kFailed, 0};
}

}  // namespace

Socket::Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    Close();
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

Socket::~Socket() { Close(); }

void Socket::Close() {
  if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
}

absl::StatusOr<Socket> Socket::CreateStream(const Address& address) {
  const int protocol = address.is_ip() ? IPPROTO_TCP : 0;
  absl::StatusOr<Socket> created =
      Create(internal::SocketDomain(address.family()), SOCK_STREAM, protocol);
  if (created.ok()) return created;
  return absl::Status(
      created.status().code(),
      absl::StrCat("create a socket for ", address.ToString(), ": ", created.status().message()));
}

absl::StatusOr<Socket> Socket::Create(int family, int type, int protocol) {
  const int descriptor = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (descriptor >= 0) return Socket(descriptor);
  const int error = errno;
  return absl::Status(internal::IsExhaustion(error) ? absl::StatusCode::kResourceExhausted
                                                    : absl::StatusCode::kInvalidArgument,
                      absl::StrCat("socket(family ", family, ", type ", type, ", protocol ",
                                   protocol, "): ", internal::ErrnoText(error)));
}

absl::Status Socket::Bind(const Address& address) {
  if (address.is_ip()) {
    // A restarted server shall get its port back while old connections still linger in TIME_WAIT.
    absl::Status status = SetOption(descriptor_, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
    if (!status.ok()) return status;
  }
  if (address.family() == Address::Family::kIpv6) {
    // "[::]:80" and "0.0.0.0:80" stay two addresses, whatever the system's default is.
    absl::Status status = SetOption(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY");
    if (!status.ok()) return status;
  }
  const SockAddr to = internal::ToSockAddr(address);
  if (bind(descriptor_, to.get(), to.length) == 0) return absl::OkStatus();
  const int error = errno;
  return ErrnoStatus(ListenCode(error), "listen", address, error);
}

absl::Status Socket::Listen(int backlog) {
  if (listen(descriptor_, backlog) == 0) return absl::OkStatus();
  const int error = errno;
  const absl::StatusOr<Address> local = LocalAddress();
  return ErrnoStatus(ListenCode(error), "listen", local.ok() ? *local : Address(), error);
}

absl::StatusOr<Socket> Socket::Accept(Address& peer) {
  for (int errors = 1;; ++errors) {
    SockAddr from;
    const int descriptor =
        accept4(descriptor_, from.get(), &from.length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
      peer = internal::FromSockAddr(from);
      return Socket(descriptor);
    }
    const int error = errno;
    if (error == EAGAIN || error == EWOULDBLOCK) return Socket();
    if (internal::IsExhaustion(error) || IsMisuse(error) || errors >= kAcceptErrorsMax) {
      const absl::StatusOr<Address> local = LocalAddress();
      return ErrnoStatus(absl::StatusCode::kInternal, "accept", local.ok() ? *local : Address(),
                         error);
    }
    // Anything else took one connection, which failed on its way, out of the backlog; as a rule.
  }
}

absl::Status Socket::Connect(const Address& peer) {
  const SockAddr to = internal::ToSockAddr(peer);
  if (connect(descriptor_, to.get(), to.length) == 0 || errno == EINPROGRESS || errno == EINTR) {
    return absl::OkStatus();
  }
  const int error = errno;
  // A unix socket's way of saying that the listener's backlog is full.
  if (error == EAGAIN) {
    return absl::UnavailableError(
        absl::StrCat("connect ", peer.ToString(), ": the listener's backlog is full"));
  }
  return ErrnoStatus(absl::StatusCode::kUnavailable, "connect", peer, error);
}

absl::Status Socket::ConnectResult(const Address& peer, bool may_have_failed, Address& local) {
  int error = 0;
  socklen_t length = sizeof error;
  if (may_have_failed && getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
    error = errno;
  if (error != 0) return ErrnoStatus(absl::StatusCode::kUnavailable, "connect", peer, error);
  // The kernel may pick as our own port the one we connect to; with nobody listening there, TCP
  // then connects the socket to itself.
  local = LocalAddress().value_or(Address());
  if (peer.is_ip() && local == peer) {
    return ErrnoStatus(absl::StatusCode::kUnavailable, "connect", peer, ECONNREFUSED);
  }
  return absl::OkStatus();
}

absl::Status Socket::SetStreamOptions(const StreamOptions& options, Address::Family family) {
  if (family != Address::Family::kIpv4 && family != Address::Family::kIpv6) {
    return absl::OkStatus();
  }
  const auto set_tcp = [this](int option, int value, const char* name) {
    return SetOption(descriptor_, IPPROTO_TCP, option, value, name);
  };
  absl::Status status = set_tcp(TCP_NODELAY, options.no_delay ? 1 : 0, "TCP_NODELAY");
  const bool keepalive = options.keepalive_idle > absl::ZeroDuration();
  status.Update(
      SetOption(descriptor_, SOL_SOCKET, SO_KEEPALIVE, keepalive ? 1 : 0, "SO_KEEPALIVE"));
  if (keepalive) {
    status.Update(set_tcp(TCP_KEEPIDLE, Seconds(options.keepalive_idle), "TCP_KEEPIDLE"));
    status.Update(set_tcp(TCP_KEEPINTVL, Seconds(options.keepalive_interval), "TCP_KEEPINTVL"));
    status.Update(
        set_tcp(TCP_KEEPCNT, std::clamp(options.keepalive_probes, 1, 127), "TCP_KEEPCNT"));
  }
  const int64_t unacknowledged =
      std::clamp<int64_t>(absl::ToInt64Milliseconds(options.unacknowledged_timeout), 0, INT_MAX);
  status.Update(set_tcp(TCP_USER_TIMEOUT, static_cast<int>(unacknowledged), "TCP_USER_TIMEOUT"));
  if (options.unsent_bytes_max > 0) {
    const auto unsent = std::min<uint32_t>(options.unsent_bytes_max, INT_MAX);
    status.Update(set_tcp(TCP_NOTSENT_LOWAT, static_cast<int>(unsent), "TCP_NOTSENT_LOWAT"));
  }
  return status;
}

absl::StatusOr<Address> Socket::LocalAddress() const {
  SockAddr local;
  if (getsockname(descriptor_, local.get(), &local.length) != 0) {
    return absl::InternalError(absl::StrCat("getsockname: ", internal::ErrnoText(errno)));
  }
  return internal::FromSockAddr(local);
}

IoResult Socket::Read(std::span<char> into, int& error) {
  while (true) {
    const ssize_t n = recv(descriptor_, into.data(), into.size(), MSG_DONTWAIT);
    if (n > 0) return {IoResult::State::kDone, static_cast<size_t>(n)};
    if (n == 0) return {IoResult::State::kEnd, 0};
    if (errno != EINTR) return Failure(errno, error);
  }
}

IoResult Socket::ReadScattered(std::span<const iovec> into, int& error) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(into.data());
  message.msg_iovlen = std::min<size_t>(into.size(), IOV_MAX);
  while (true) {
    const ssize_t n = recvmsg(descriptor_, &message, MSG_DONTWAIT);
    if (n > 0) return {IoResult::State::kDone, static_cast<size_t>(n)};
    if (n == 0) return {IoResult::State::kEnd, 0};
    if (errno != EINTR) return Failure(errno, error);
  }
}

IoResult Socket::Write(std::span<const iovec> from, int& error) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(from.data());
  message.msg_iovlen = std::min<size_t>(from.size(), IOV_MAX);
  while (true) {
    const ssize_t n = sendmsg(descriptor_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) return {IoResult::State::kDone, static_cast<size_t>(n)};
    if (errno != EINTR) return Failure(errno, error);
  }
}

bool Socket::LetReadsSleep(absl::Duration longest) {
  const timeval time = absl::ToTimeval(longest);
  if (setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time) != 0) return false;
  const int flags = fcntl(descriptor_, F_GETFL);
  return flags >= 0 && fcntl(descriptor_, F_SETFL, flags & ~O_NONBLOCK) == 0;
}

void Socket::ShutdownWrite() { shutdown(descriptor_, SHUT_WR); }

bool Socket::LastReceivedElsewhere() const {
  int processor = -1;
  socklen_t bytes = sizeof processor;
  if (getsockopt(descriptor_, SOL_SOCKET, SO_INCOMING_CPU, &processor, &bytes) != 0) return false;
  return processor >= 0 && processor != sched_getcpu();
}

std::optional<dialtone::TcpInfo> Socket::TcpInfo() const {
  tcp_info kernels{};
  socklen_t bytes = sizeof kernels;
  if (getsockopt(descriptor_, IPPROTO_TCP, TCP_INFO, &kernels, &bytes) != 0) return std::nullopt;
  dialtone::TcpInfo info;
  info.state = TcpStateName(kernels.tcpi_state);
  info.round_trip = absl::Microseconds(kernels.tcpi_rtt);
  info.round_trip_variation = absl::Microseconds(kernels.tcpi_rttvar);
  info.congestion_window = kernels.tcpi_snd_cwnd;
  info.unacknowledged = kernels.tcpi_unacked;
  info.segments_retransmitted = kernels.tcpi_total_retrans;
  return info;
}

}  // namespace dialtone
