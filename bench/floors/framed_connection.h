// One end of a connection that carries frames, u32 length and payload, over a socket that does not block:
// what an RPC does at the least. One read takes what is there, up to 256 KiB; all that it answers leaves
// with one write. A large frame is read straight into memory of its own, in which it can be sent on.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <list>
#include <memory>
#include <string>
#include <utility>

namespace bench {

// From here on a frame has memory of its own.
inline constexpr size_t kLargePayload = 64 * 1024;

// A whole frame in its own memory.
struct LargeFrame {
  explicit LargeFrame(size_t payload_bytes)
      : bytes(sizeof(uint32_t) + payload_bytes),
        data(std::make_unique_for_overwrite<char[]>(bytes)) {
    const auto length = static_cast<uint32_t>(payload_bytes);
    std::memcpy(data.get(), &length, sizeof length);
  }
  char* payload() const { return data.get() + sizeof(uint32_t); }
  size_t payload_bytes() const { return bytes - sizeof(uint32_t); }

  size_t bytes;
  std::unique_ptr<char[]> data;
};

// Used by one thread. Carries small frames or large ones, not both.
class FramedConnection {
 public:
  // Owns the descriptor, and has it watched by `poller`, which tells `owner` of it, or this object if
  // that is null. Writes at Flush(), and also whenever so many frames wait; 0: however many do.
  FramedConnection(int descriptor, int poller, size_t frames_a_write, void* owner = nullptr);
  ~FramedConnection();
  FramedConnection(const FramedConnection&) = delete;
  FramedConnection& operator=(const FramedConnection&) = delete;

  // Reads once what is there, and calls `on_frame(const char* payload, size_t bytes)` for each whole
  // small frame, or `on_large(LargeFrame)`. False at the connection's end.
  template <class OnFrame, class OnLarge>
  bool ReadFrames(OnFrame on_frame, OnLarge on_large);

  // Where to put the payload of a small frame that is to be sent, until FrameAdded().
  char* AddFrame(size_t bytes);
  void FrameAdded() {
    if (++frames_waiting_ == frames_a_write_) Flush();
  }
  void AddLarge(LargeFrame frame) { large_out_.push_back(std::move(frame)); }
  // Writes what waits, as much as the kernel takes; the rest leaves when epoll says that it may.
  void Flush();

 private:
  // Both read once; -1: nothing is there, 0: the end.
  ssize_t ReadSmall();
  ssize_t ReadLarge();
  // Takes what has been read of a large frame out of the buffer.
  void BeginLarge(const char* payload, size_t held, size_t bytes);
  // Keeps what has been read of a frame that is not whole yet.
  void Keep(const char* data, size_t bytes) { rest_.assign(data, bytes); }
  void WatchWritable(bool writable);
  void Watch(int operation, bool writable);

  static constexpr size_t kBufferBytes = 256 * 1024;
  // One for all connections: what one keeps between two reads is its rest, so an idle one has no buffer.
  static char buffer_[kBufferBytes];

  const int descriptor_;
  const int poller_;
  void* const owner_;
  const size_t frames_a_write_;
  size_t frames_waiting_ = 0;
  bool watches_writable_ = false;
  std::string rest_;
  std::unique_ptr<LargeFrame> large_in_;
  size_t large_in_held_ = 0;
  std::string out_;
  // A list, which takes no memory while it is empty.
  std::list<LargeFrame> large_out_;
  // How much of the first of what waits has been written.
  size_t written_ = 0;
};

template <class OnFrame, class OnLarge>
bool FramedConnection::ReadFrames(OnFrame on_frame, OnLarge on_large) {
  if (large_in_ != nullptr) {
    if (ReadLarge() == 0) return false;
    if (large_in_held_ < large_in_->bytes) return true;
    LargeFrame frame = std::move(*large_in_);
    large_in_ = nullptr;
    on_large(std::move(frame));
    return true;
  }
  const ssize_t held = ReadSmall();
  if (held <= 0) return held < 0;
  const char* at = buffer_;
  const char* const end = buffer_ + held;
  uint32_t bytes = 0;
  while (static_cast<size_t>(end - at) >= sizeof bytes) {
    std::memcpy(&bytes, at, sizeof bytes);
    const char* const payload = at + sizeof bytes;
    const auto there = static_cast<size_t>(end - payload);
    if (bytes >= kLargePayload && there < bytes) {
      BeginLarge(payload, there, bytes);
      return true;
    }
    if (there < bytes) break;
    at = payload + bytes;
    if (bytes < kLargePayload) {
      on_frame(payload, size_t{bytes});
    } else {
      LargeFrame frame(bytes);
      std::memcpy(frame.payload(), payload, bytes);
      on_large(std::move(frame));
    }
  }
  Keep(at, static_cast<size_t>(end - at));
  return true;
}

}  // namespace bench
