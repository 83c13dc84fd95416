#include "socket_listener.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "errno_status.h"
#include "sockaddr.h"
#include "socket_stream.h"

namespace dialtone {
namespace {

class AcceptedSocket final : public AcceptedStream {
 public:
  AcceptedSocket(Socket socket, const Address& peer) : socket_(std::move(socket)), peer_(peer) {}

  const Address& peer() const override { return peer_; }
  std::unique_ptr<ByteStream> Adopt(Loop& loop, ByteStream::Handler& handler) && override {
    DIALTONE_CHECK(loop.IsLeading(), "Adopt() needs the loop's lead");
    return SocketStream::Adopt(static_cast<EpollLoop&>(loop), std::move(socket_), peer_, handler);
  }

 private:
  Socket socket_;
  const Address peer_;
};

// True if the file at the path is a socket that nobody listens on: a server that died left it.
bool IsStale(const Address& address) {
  struct stat file{};
  if (stat(address.unix_path().c_str(), &file) != 0 || !S_ISSOCK(file.st_mode)) return false;
  absl::StatusOr<Socket> probe = Socket::CreateStream(address);
  if (!probe.ok()) return false;
  // A full backlog belongs to a living server, so the reason counts.
  const internal::SockAddr to = internal::ToSockAddr(address);
  return connect(probe->descriptor(), to.get(), to.length) != 0 && errno == ECONNREFUSED;
}

absl::Status Bind(Socket& socket, const Address& address) {
  absl::Status status = socket.Bind(address);
  if (address.family() != Address::Family::kUnix || !absl::IsAlreadyExists(status)) return status;
  if (!IsStale(address) || unlink(address.unix_path().c_str()) != 0) return status;
  return socket.Bind(address);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> SocketListener::Listen(EpollLoop& loop,
                                                                 const Address& address,
                                                                 const ListenOptions& options,
                                                                 Handler& handler) {
  DIALTONE_CHECK(loop.IsLeading(), "Listen() needs the loop's lead");
  if (address.family() == Address::Family::kNone) {
    return absl::InvalidArgumentError("listen (none): there is no address to listen on");
  }
  absl::StatusOr<Socket> socket = Socket::CreateStream(address);
  if (!socket.ok()) return socket.status();
  absl::Status status = Bind(*socket, address);
  if (!status.ok()) return status;
  // Linux gives each accepted connection what its listener has: once for all of them.
  status = socket->SetStreamOptions(options.stream, address.family());
  if (!status.ok()) return status;
  status = socket->Listen(options.backlog);
  if (!status.ok()) return status;
  const absl::StatusOr<Address> local = socket->LocalAddress();
  if (!local.ok()) return local.status();
  auto listener = std::unique_ptr<SocketListener>(
      new SocketListener(loop, *std::move(socket), *local, options, handler));
  status = listener->Watch();
  if (!status.ok()) return status;
  return listener;
}

SocketListener::SocketListener(EpollLoop& loop, Socket socket, const Address& address,
                               const ListenOptions& options, Handler& handler)
    : loop_(loop),
      handler_(handler),
      socket_(std::move(socket)),
      address_(address),
      options_(options) {
  struct stat file{};
  if (stat(address_.unix_path().c_str(), &file) == 0) {
    path_device_ = file.st_dev;
    path_inode_ = file.st_ino;
  }
}

SocketListener::~SocketListener() {
  DIALTONE_CHECK(loop_.IsLeading(), "a listener was destroyed without its loop's lead");
  if (destroyed_ != nullptr) *destroyed_ = true;
  loop_.Disarm(rest_timer_);
  StopWatching();
  loop_.poller().Forget(*this);
  if (address_.family() != Address::Family::kUnix) return;
  const char* const path = address_.unix_path().c_str();
  struct stat file{};
  if (stat(path, &file) == 0 && file.st_dev == path_device_ && file.st_ino == path_inode_) {
    unlink(path);
  }
}

absl::Status SocketListener::Watch() {
  if (const int error = loop_.poller().Add(socket_.descriptor(), EPOLLIN, *this); error != 0) {
    return internal::ErrnoStatus(absl::StatusCode::kResourceExhausted, "listen", address_, error);
  }
  watched_ = true;
  return absl::OkStatus();
}

void SocketListener::StopWatching() {
  if (!watched_) return;
  watched_ = false;
  loop_.poller().Remove(socket_.descriptor(), *this);
}

void SocketListener::OnEvents(uint32_t events) { Accept(kAcceptsPerTurn); }

void SocketListener::AcceptPending() {
  DIALTONE_CHECK(loop_.IsLeading());
  // The kernel holds one more than the backlog; what comes after this call began is not asked for.
  Accept(options_.backlog + 1);
}

void SocketListener::Accept(int most) {
  bool destroyed = false;
  bool* const outer = std::exchange(destroyed_, &destroyed);
  for (int i = 0; i < most && !destroyed; ++i) {
    Address peer;
    absl::StatusOr<Socket> socket = socket_.Accept(peer);
    if (!socket.ok()) {
      Rest(socket.status());
      break;
    }
    if (!socket->valid()) {
      exhaustion_logged_ = false;
      break;
    }
    // The client's end of a unix socket has no name: the path tells more.
    if (!peer.is_ip() && peer.unix_path().empty()) peer = address_;
    handler_.OnAccept(std::make_unique<AcceptedSocket>(*std::move(socket), peer));
  }
  if (!destroyed) {
    destroyed_ = outer;
  } else if (outer != nullptr) {
    *outer = true;
  }
}

void SocketListener::Rest(const absl::Status& why) {
  if (!exhaustion_logged_) {
    exhaustion_logged_ = true;
    static constinit LogKind kind(LogLevel::kWarning, "listeners that cannot accept");
    if (kind.Admits()) {
      const std::string address = address_.ToString();
      Log(kind.level(),
          absl::StrCat(why.message(), "; accepting again every ",
                       absl::FormatDuration(options_.accept_rest), " until it works"),
          {{"address", address}});
    }
  }
  StopWatching();
  loop_.Arm(rest_timer_, loop_.Now() + options_.accept_rest);
}

void SocketListener::OnRested() {
  // The set has no room for it either: what ran out is still missing.
  if (const absl::Status status = Watch(); !status.ok()) Rest(status);
}

}  // namespace dialtone
