#include "support/sim_stream.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "dialtone/transport/check.h"

namespace dialtone {

SimStream::SimStream(SimLoop& loop, SimEnd& end, Handler& handler)
    : ByteStream(handler),
      SimReady(loop),
      loop_(loop),
      end_(end),
      connecting_(false),
      connect_timeout_(absl::ZeroDuration()) {
  end_.stream = this;
  loop_.CountStream(+1);
  Ready();
}

SimStream::SimStream(SimLoop& loop, SimEnd& end, Handler& handler, absl::Duration connect_timeout)
    : ByteStream(handler),
      SimReady(loop),
      loop_(loop),
      end_(end),
      connecting_(true),
      connect_timeout_(connect_timeout) {
  end_.stream = this;
  loop_.CountStream(+1);
}

SimStream::~SimStream() {
  CheckLead();
  loop_.CountStream(-1);
  end_.Close();
}

void SimStream::CheckLead() const {
  DIALTONE_CHECK(loop_.IsLeading(), "a stream is used under its loop's lead");
}

IoResult SimStream::Read(std::span<char> into) {
  CheckLead();
  const IoResult result = end_.Read(into);
  if (result.state == IoResult::State::kFailed) failed_operation_ = "read";
  return result;
}

IoResult SimStream::ReadScattered(std::span<const iovec> into) {
  IoResult all{IoResult::State::kDone, 0};
  for (const iovec& block : into) {
    // An end is told once, and must not be lost behind bytes.
    if (all.bytes != 0 && end_.arrived() == 0) break;
    const IoResult one = Read(std::span<char>(static_cast<char*>(block.iov_base), block.iov_len));
    if (one.state != IoResult::State::kDone) return all.bytes != 0 ? all : one;
    all.bytes += one.bytes;
    if (one.bytes < block.iov_len) break;
  }
  return all;
}

IoResult SimStream::Write(std::span<const iovec> from) {
  CheckLead();
  const IoResult result = end_.Write(from);
  if (result.state == IoResult::State::kFailed) failed_operation_ = "write";
  return result;
}

void SimStream::ShutdownWrite() {
  CheckLead();
  end_.ShutdownWrite();
}

void SimStream::SetReading(bool reading) {
  CheckLead();
  reading_ = reading;
  Ready();
}

absl::Status SimStream::status() const {
  switch (end_.failure()) {
    case SimEnd::Failure::kNone:
      return absl::OkStatus();
    case SimEnd::Failure::kRefused:
      return ConnectStatus();
    case SimEnd::Failure::kReset:
      return absl::UnavailableError(
          absl::StrCat(failed_operation_, " ", peer().ToString(), ": connection reset by peer"));
    case SimEnd::Failure::kTimedOut:
      if (!end_.connected()) return ConnectStatus();
      return absl::UnavailableError(
          absl::StrCat(failed_operation_, " ", peer().ToString(), ": timed out"));
  }
  return absl::InternalError("unknown failure");
}

absl::Status SimStream::ConnectStatus() const {
  if (end_.connected()) return absl::OkStatus();
  if (end_.failure() == SimEnd::Failure::kTimedOut) {
    return absl::UnavailableError(absl::StrCat("connect ", peer().ToString(), ": timed out after ",
                                               absl::FormatDuration(connect_timeout_)));
  }
  return absl::UnavailableError(
      absl::StrCat("connect ", peer().ToString(), ": connection refused"));
}

void SimStream::Ready() {
  if (Pending()) loop_.MarkReady(*this);
}

bool SimStream::Pending() const {
  if (connecting_) return end_.connected() || end_.failure() != SimEnd::Failure::kNone;
  if (!end_.connected()) return false;
  return end_.writable() || (reading_ && end_.readable());
}

// One call of the handler, which may destroy this stream.
void SimStream::OnTurn() {
  if (connecting_) {
    connecting_ = false;
    return handler().OnConnected(ConnectStatus());
  }
  const bool readable = reading_ && end_.readable();
  if (end_.writable() && (!readable || loop_.random().Chance(0.5))) {
    end_.TakeWritable();
    return handler().OnWritable();
  }
  handler().OnReadable();
}

SimAcceptedStream::~SimAcceptedStream() {
  if (end_ != nullptr) end_->Close();
}

std::unique_ptr<ByteStream> SimAcceptedStream::Adopt(Loop& loop, ByteStream::Handler& handler) && {
  DIALTONE_CHECK(end_ != nullptr, "adopted already");
  DIALTONE_CHECK(loop.IsLeading(), "a stream is adopted under its loop's lead");
  return std::make_unique<SimStream>(static_cast<SimLoop&>(loop), *std::exchange(end_, nullptr),
                                     handler);
}

}  // namespace dialtone
