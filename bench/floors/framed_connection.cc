#include "framed_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "raw_socket.h"

namespace bench {
namespace {

// As recv(2), but -1 only where nothing is there; an error is an end.
ssize_t Receive(int descriptor, char* into, size_t bytes) {
  const ssize_t got = recv(descriptor, into, bytes, 0);
  return got < 0 && errno != EAGAIN ? 0 : got;
}

}  // namespace

char FramedConnection::buffer_[kBufferBytes];

FramedConnection::FramedConnection(int descriptor, int poller, size_t frames_a_write, void* owner)
    : descriptor_(descriptor),
      poller_(poller),
      owner_(owner != nullptr ? owner : this),
      frames_a_write_(frames_a_write) {
  DoNotBlock(descriptor);
  Watch(EPOLL_CTL_ADD, false);
}

FramedConnection::~FramedConnection() { close(descriptor_); }

ssize_t FramedConnection::ReadSmall() {
  std::memcpy(buffer_, rest_.data(), rest_.size());
  const ssize_t got = Receive(descriptor_, buffer_ + rest_.size(), kBufferBytes - rest_.size());
  return got > 0 ? got + static_cast<ssize_t>(rest_.size()) : got;
}

ssize_t FramedConnection::ReadLarge() {
  const ssize_t got = Receive(descriptor_, large_in_->data.get() + large_in_held_,
                              large_in_->bytes - large_in_held_);
  if (got > 0) large_in_held_ += static_cast<size_t>(got);
  return got;
}

void FramedConnection::BeginLarge(const char* payload, size_t held, size_t bytes) {
  large_in_ = std::make_unique<LargeFrame>(bytes);
  std::memcpy(large_in_->payload(), payload, held);
  large_in_held_ = sizeof(uint32_t) + held;
  rest_.clear();
}

char* FramedConnection::AddFrame(size_t bytes) {
  const auto length = static_cast<uint32_t>(bytes);
  const size_t at = out_.size();
  out_.resize(at + sizeof length + bytes);
  std::memcpy(out_.data() + at, &length, sizeof length);
  return out_.data() + at + sizeof length;
}

void FramedConnection::Flush() {
  frames_waiting_ = 0;
  while (!out_.empty() || !large_out_.empty()) {
    const bool small = !out_.empty();
    const char* const data = small ? out_.data() : large_out_.front().data.get();
    const size_t bytes = small ? out_.size() : large_out_.front().bytes;
    const ssize_t sent = send(descriptor_, data + written_, bytes - written_, MSG_NOSIGNAL);
    // An end is the next read's to find.
    if (sent < 0) return WatchWritable(errno == EAGAIN);
    written_ += static_cast<size_t>(sent);
    if (written_ < bytes) continue;
    written_ = 0;
    if (small) {
      out_.clear();
    } else {
      large_out_.pop_front();
    }
  }
  WatchWritable(false);
}

void FramedConnection::WatchWritable(bool writable) {
  if (watches_writable_ == writable) return;
  watches_writable_ = writable;
  Watch(EPOLL_CTL_MOD, writable);
}

void FramedConnection::Watch(int operation, bool writable) {
  epoll_event event{};
  event.events = EPOLLIN;
  if (writable) event.events |= EPOLLOUT;
  event.data.ptr = owner_;
  Must(epoll_ctl(poller_, operation, descriptor_, &event) == 0, "epoll_ctl");
}

}  // namespace bench
