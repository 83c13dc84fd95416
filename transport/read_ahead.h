// A read of a loop's only stream by a thread that waits for nothing else: it sleeps in recv() and has let go of the lead
// meanwhile. Internal.
//
// A thread that leads and sleeps in epoll asks the kernel twice for each reply of a call that is alone: whether anything
// has come, and for what has. A recv() that blocks is both, and saves a twelfth of such a call's time. But nobody can wake a
// thread from it. So it keeps nothing that others may want, and does not stay for long:
//
//   leads ── Begin ──▶ Read: the lead is free ── bytes, end, error, or kLongest ──▶ leads ── End ──▶ the stream is told
//
// Whoever takes the lead meanwhile acts in its place (begins calls and ends them, runs what was posted and timers that are
// due), but may not sleep with it, nor read this stream: the next bytes are the reader's.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>

#include "absl/time/time.h"
#include "dialtone/transport/byte_stream.h"
#include "dialtone/transport/socket.h"

namespace dialtone {

class SocketStream;

// A loop's. Everything under the lead, but for out() and Read().
class ReadAhead {
 public:
  // The longest that a read sleeps, as the kernel is told. It counts ticks of its clock, of 1 to 10 ms, and may take up to
  // two more.
  static constexpr absl::Duration kLongest = absl::Milliseconds(4);
  // So long at most until the reader is back, unless the machine is overloaded.
  static constexpr absl::Duration kBackWithin = absl::Milliseconds(20);

  ReadAhead() = default;
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // Any thread; true between Begin() and End(). Sequentially consistent, as the inbox's word.
  bool out() const { return out_.load(std::memory_order_seq_cst); }

  // Nothing of a read before is left.
  bool idle() const { return stream_ == nullptr; }
  // From now on the stream brings nothing but through this. Requires that it is idle.
  void Begin(SocketStream& stream, int descriptor);
  // By the thread that has begun, without the lead.
  void Read();
  // By the same, with the lead again. False: nothing has come, or not for anybody.
  bool End();
  // Ends what has begun, before a Read().
  void TakeBack();

  // A stream has something to take, and wants it.
  bool pending() const { return stream_ != nullptr && IsWanted(); }
  SocketStream& stream() const { return *stream_; }

  // --- For the stream ---

  // What comes next of it: kWouldBlock while the reader is out.
  IoResult Take(std::span<const iovec> into, int& error);
  // It goes. Its socket stays open for as long as it is read: its descriptor must not become another's.
  void Drop(Socket socket);

 private:
  static constexpr size_t kBytesMax = 4096;

  bool IsWanted() const;

  std::atomic<bool> out_{false};
  SocketStream* stream_ = nullptr;  // null: nothing is read or left to take; or it has gone
  Socket orphan_;                   // of a stream that has gone while it was read
  int descriptor_ = -1;
  std::unique_ptr<char[]> bytes_;
  size_t begin_ = 0;  // first that was not taken
  size_t end_ = 0;
  IoResult::State state_ = IoResult::State::kDone;
  int error_ = 0;
};

}  // namespace dialtone
