#include "socket_stream.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "errno_status.h"

namespace dialtone {
namespace {

constexpr IoResult kWouldBlock = {IoResult::State::kWouldBlock, 0};
constexpr IoResult kFailed = {IoResult::State::kFailed, 0};

size_t BytesOf(std::span<const iovec> blocks) {
  size_t bytes = 0;
  for (const iovec& block : blocks) bytes += block.iov_len;
  return bytes;
}

}  // namespace

std::unique_ptr<ByteStream> SocketStream::Connect(EpollLoop& loop, const Address& peer,
                                                  const ConnectOptions& options, Handler& handler) {
  absl::StatusOr<Socket> socket = Socket::CreateStream(peer);
  const bool created = socket.ok();
  auto stream = std::unique_ptr<SocketStream>(new (loop.streams()) SocketStream(
      loop, created ? std::move(*socket) : Socket(), peer, handler));
  stream->state_ = State::kConnecting;
  stream->rare_ = std::make_unique<Rare>(*stream);
  stream->rare_->connecting = true;
  if (created) {
    stream->BeginConnect(options);
  } else {
    // A host without IPv6 has no socket for half of a name's addresses: they are away, like a server.
    absl::Status status = socket.status();
    if (!absl::IsResourceExhausted(status)) status = absl::UnavailableError(status.message());
    stream->FailLater(std::move(status));
  }
  return stream;
}

std::unique_ptr<ByteStream> SocketStream::Adopt(EpollLoop& loop, Socket socket, const Address& peer,
                                                Handler& handler) {
  auto stream = std::unique_ptr<SocketStream>(
      new (loop.streams()) SocketStream(loop, std::move(socket), peer, handler));
  stream->UpdateInterest();
  if (stream->state_ == State::kFailed) [[unlikely]] {
    // Its owner takes it for a client that has left.
    static constinit LogKind kind(LogLevel::kWarning, "connections that cannot be watched");
    if (kind.Admits()) {
      const std::string shown = peer.ToString();
      Log(kind.level(), ToStd(stream->rare_->status.message()), {{"peer", shown}});
    }
  }
  return stream;
}

SocketStream::SocketStream(EpollLoop& loop, Socket socket, const Address& peer, Handler& handler)

    : ByteStream(handler), loop_(loop), socket_(std::move(socket)), peer_(peer) {}

SocketStream::~SocketStream() {
  DIALTONE_CHECK(loop_.IsLeading(), "a stream was destroyed without its loop's lead");
  DisarmTimer();
  StopWatching();
  loop_.poller().Forget(*this);
  if (read_ahead_) loop_.read_ahead().Drop(std::move(socket_));
}

void SocketStream::operator delete(SocketStream* stream, std::destroying_delete_t) {
  Slab<SocketStream>& slab = stream->loop_.streams();
  stream->~SocketStream();
  slab.Free(stream);
}

void SocketStream::BeginConnect(const ConnectOptions& options) {
  absl::Status status = socket_.SetStreamOptions(options.stream, peer_.family());
  if (status.ok()) status = socket_.Connect(peer_);
  if (!status.ok()) return FailLater(std::move(status));
  UpdateInterest();
  if (state_ != State::kConnecting) return;
  rare_->timeout = options.timeout;
  loop_.Arm(rare_->timer, loop_.Now() + options.timeout);
}

void SocketStream::FailLater(absl::Status status) {
  Fail(std::move(status));
  loop_.Arm(rare_->timer, loop_.Now());
}

void SocketStream::OnTimer() {
  if (!rare_->connecting) {  // whoever tries to go on finds why it cannot
    if (reading_ && !ended_) return handler().OnReadable();
    if (want_write_) handler().OnWritable();
    return;
  }
  if (state_ == State::kConnecting) {
    Fail(absl::UnavailableError(absl::StrCat("connect ", peer_.ToString(), ": timed out after ",
                                             absl::FormatDuration(rare_->timeout))));
  }
  handler().OnConnected(status());
}

void SocketStream::DisarmTimer() {
  if (rare_ != nullptr) loop_.Disarm(rare_->timer);
}

void SocketStream::OnConnectEnd(bool may_have_failed) {
  DisarmTimer();
  rare_->connecting = false;
  if (absl::Status status = socket_.ConnectResult(peer_, may_have_failed, rare_->local);
      !status.ok()) {
    Fail(std::move(status));
    return handler().OnConnected(absl::Status(rare_->status));
  }
  state_ = State::kOpen;
  UpdateInterest();
  Poller& poller = loop_.poller();
  handler().OnConnected(absl::OkStatus());
  if (poller.IsTelling(this) && state_ == State::kOpen) rare_ = nullptr;
}

void SocketStream::OnEvents(uint32_t events) {
  const bool broken = (events & (EPOLLHUP | EPOLLERR)) != 0;
  if (state_ == State::kConnecting) return OnConnectEnd(broken);
  const bool readable = (broken || (events & EPOLLIN) != 0) && reading_ && !ended_;
  const bool writable = (broken || (events & EPOLLOUT) != 0) && want_write_;
  if (!readable && !writable) {
    // Epoll tells of a hang-up whether one wants to hear of it or not: for ever, so out of the set.
    // But one that waits for room was told something that has been given up since.
    if (!want_write_) StopWatching();
    return;
  }
  Poller& poller = loop_.poller();
  if (readable) {
    drained_ = false;
    handler().OnReadable();
    if (!poller.IsTelling(this)) return;
  }
  if (writable && want_write_) {
    want_write_ = false;
    handler().OnWritable();
    if (!poller.IsTelling(this)) return;
    UpdateInterest();
  }
}

IoResult SocketStream::Read(std::span<char> into) {
  DIALTONE_CHECK(!into.empty());
  if (read_ahead_) {
    const iovec block = {into.data(), into.size()};
    return TakeReadAhead(std::span<const iovec>(&block, 1));
  }
  IoResult otherwise{};
  if (!MayRead(otherwise)) return otherwise;
  int error = 0;
  const IoResult result = socket_.Read(into, error);
  return AfterRead(result, into.size(), error);
}

IoResult SocketStream::ReadScattered(std::span<const iovec> into) {
  if (read_ahead_) return TakeReadAhead(into);
  IoResult otherwise{};
  if (!MayRead(otherwise)) return otherwise;
  int error = 0;
  const IoResult result = socket_.ReadScattered(into, error);
  return AfterRead(result, BytesOf(into), error);
}

bool SocketStream::BeginReadAhead() {
  if (!wants_bytes() || want_write_ || !watched_) return false;
  if (!may_sleep_) may_sleep_ = socket_.LetReadsSleep(ReadAhead::kLongest);
  if (!may_sleep_) return false;
  read_ahead_ = true;
  loop_.read_ahead().Begin(*this, socket_.descriptor());
  return true;
}

IoResult SocketStream::TakeReadAhead(std::span<const iovec> into) {
  DIALTONE_CHECK(loop_.IsLeading());
  if (state_ == State::kFailed) return kFailed;
  int error = 0;
  const IoResult result = loop_.read_ahead().Take(into, error);
  return AfterRead(result, BytesOf(into), error);
}

bool SocketStream::MayRead(IoResult& otherwise) const {
  DIALTONE_CHECK(loop_.IsLeading());
  otherwise = state_ == State::kFailed ? kFailed
              : ended_                 ? IoResult{IoResult::State::kEnd, 0}
                                       : kWouldBlock;
  return state_ == State::kOpen && !ended_ && !drained_;
}

IoResult SocketStream::AfterRead(const IoResult& result, size_t room, int error) {
  if (result.state == IoResult::State::kDone) {
    drained_ = result.bytes < room;
  } else if (result.state == IoResult::State::kEnd) {
    ended_ = true;
    UpdateInterest();
  } else if (result.state == IoResult::State::kFailed) {
    Fail(internal::ErrnoStatus(absl::StatusCode::kUnavailable, "read", peer_, error));
  }
  return result;
}

IoResult SocketStream::Write(std::span<const iovec> from) {
  DIALTONE_CHECK(loop_.IsLeading());
  if (state_ == State::kFailed) return kFailed;
  const size_t offered = BytesOf(from);
  if (offered == 0) return {IoResult::State::kDone, 0};
  if (state_ == State::kConnecting) {
    want_write_ = true;
    return kWouldBlock;
  }
  int error = 0;
  const IoResult result = socket_.Write(from, error);
  if (result.state == IoResult::State::kFailed) {
    Fail(internal::ErrnoStatus(absl::StatusCode::kUnavailable, "write", peer_, error));
  } else if (result.bytes < offered) {
    want_write_ = true;
    UpdateInterest();
  }
  return result;
}

void SocketStream::ShutdownWrite() {
  DIALTONE_CHECK(loop_.IsLeading());
  if (state_ == State::kOpen) socket_.ShutdownWrite();
}

bool SocketStream::PeerIsOnAnotherProcessor() const {
  return state_ == State::kOpen && peer_.is_loopback() && socket_.LastReceivedElsewhere();
}

void SocketStream::SetReading(bool reading) {
  DIALTONE_CHECK(loop_.IsLeading());
  if (reading_ == reading) return;
  reading_ = reading;
  drained_ = false;
  if (state_ == State::kOpen) UpdateInterest();
}

void SocketStream::Fail(absl::Status status) {
  if (rare_ == nullptr) rare_ = std::make_unique<Rare>(*this);
  rare_->status = std::move(status);
  state_ = State::kFailed;
  DisarmTimer();
  StopWatching();
}

void SocketStream::UpdateInterest() {
  if (state_ == State::kFailed) return;
  uint32_t interest = 0;
  if (state_ == State::kConnecting) {
    interest = EPOLLOUT;
  } else {
    if (reading_ && !ended_) interest |= EPOLLIN;
    if (want_write_) interest |= EPOLLOUT;
  }
  if (watched_ && interest == interest_) return;
  if (!watched_ && interest == 0) return;
  interest_ = interest;
  if (watched_) return loop_.poller().Modify(socket_.descriptor(), interest, *this);
  if (const int error = loop_.poller().Add(socket_.descriptor(), interest, *this); error != 0) {
    return FailLater(
        internal::ErrnoStatus(absl::StatusCode::kResourceExhausted, "watch", peer_, error));
  }
  watched_ = true;
}

void SocketStream::StopWatching() {
  if (!watched_) return;
  watched_ = false;
  loop_.poller().Remove(socket_.descriptor(), *this);
}

}  // namespace dialtone
