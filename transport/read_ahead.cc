#include "read_ahead.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "dialtone/transport/check.h"
#include "socket_stream.h"

namespace dialtone {

void ReadAhead::Begin(SocketStream& stream, int descriptor) {
  DIALTONE_CHECK(stream_ == nullptr);
  if (bytes_ == nullptr) bytes_ = std::make_unique_for_overwrite<char[]>(kBytesMax);
  stream_ = &stream;
  descriptor_ = descriptor;
  out_.store(true, std::memory_order_seq_cst);
}

void ReadAhead::Read() {
  const ssize_t n = recv(descriptor_, bytes_.get(), kBytesMax, 0);
  error_ = n < 0 ? errno : 0;
  begin_ = 0;
  end_ = n < 0 ? 0 : static_cast<size_t>(n);
  const bool in_vain = error_ == EAGAIN || error_ == EWOULDBLOCK || error_ == EINTR;
  state_ = n > 0     ? IoResult::State::kDone
           : n == 0  ? IoResult::State::kEnd
           : in_vain ? IoResult::State::kWouldBlock
                     : IoResult::State::kFailed;
}

bool ReadAhead::End() {
  out_.store(false, std::memory_order_seq_cst);
  orphan_.Close();
  if (stream_ != nullptr && state_ == IoResult::State::kWouldBlock) TakeBack();
  return pending();
}

void ReadAhead::TakeBack() {
  out_.store(false, std::memory_order_seq_cst);
  std::exchange(stream_, nullptr)->EndReadAhead();
}

bool ReadAhead::IsWanted() const {
  return !out_.load(std::memory_order_relaxed) && stream_->wants_bytes();
}

IoResult ReadAhead::Take(std::span<const iovec> into, int& error) {
  if (out_.load(std::memory_order_relaxed)) return {IoResult::State::kWouldBlock, 0};
  size_t taken = 0;
  for (const iovec& block : into) {
    const size_t bytes = std::min(block.iov_len, end_ - begin_);
    if (bytes == 0) continue;
    std::memcpy(block.iov_base, bytes_.get() + begin_, bytes);
    begin_ += bytes;
    taken += bytes;
  }
  if (begin_ == end_) std::exchange(stream_, nullptr)->EndReadAhead();
  error = error_;
  return {state_, taken};
}

void ReadAhead::Drop(Socket socket) {
  stream_ = nullptr;
  if (!out_.load(std::memory_order_relaxed)) return;
  // Ends the read, too.
  shutdown(socket.descriptor(), SHUT_RDWR);
  orphan_ = std::move(socket);
}

}  // namespace dialtone
