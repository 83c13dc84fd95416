// Bytes on their way to one stream. Frames are appended while a batch of events is handled and
// leave together, in one gathered write, at the batch's end: never after a timed delay.
//
//   ┌ chunk ──────────────┬────────┐   ┌ borrowed block ┐   ┌ chunk ────┬─────────────────┐
//   │ frames, end to end  │ unused │ → │ one large body │ → │ frames    │ room for more   │
//   └─────────────────────┴────────┘   └────────────────┘   └───────────┴─────────────────┘
//     ▲ first unwritten byte                                             ▲ Reserve() hands this out
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "dialtone/transport/byte_stream.h"

namespace dialtone {

// Not thread-safe; belongs to a stream's owner. Keeps no memory while it is empty: chunks are the
// thread's then, which keeps some of them for its queues.
class WriteQueue {
 public:
  // Above `limit_bytes`, full() is true: the owner stops producing (it is a mark, not a wall, so
  // that what must be said, such as the end of a call, always can be).
  explicit WriteQueue(size_t limit_bytes = 1024 * 1024) : limit_bytes_(limit_bytes) {}

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  bool full() const { return size_ > limit_bytes_; }

  // Room for `bytes` contiguous bytes at the end of the queue, to be filled in before anything else
  // is done with the queue.
  std::span<char> Reserve(size_t bytes);
  void Append(std::string_view bytes);
  // A large block, written from where it is, then freed.
  void AppendOwned(std::unique_ptr<char[]> block, size_t bytes);
  // The same with bytes that others see, too: `owner` keeps them, unchanged, until it is let go.
  void AppendShared(std::shared_ptr<const void> owner, std::string_view bytes);

  // Writes what the stream takes, in gathered writes: kDone when the queue is empty now;
  // kWouldBlock when the rest waits for OnWritable(); kFailed as the stream says.
  IoResult Flush(ByteStream& stream);
  void Clear();

 private:
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::shared_ptr<const void> owner;  // of shared ones, which `shared` points to
    const char* shared = nullptr;
    size_t begin = 0;     // first unwritten
    size_t end = 0;       // behind the last
    size_t capacity = 0;  // 0 room in a borrowed block: capacity == end

    const char* at() const { return shared == nullptr ? bytes.get() : shared; }
  };

  void AddRoom(size_t bytes);
  void Consume(size_t bytes);
  void ConsumeChunks(size_t bytes);
  static void GiveBack(Chunk& chunk);

  // A chunk without memory stays in its place while the queue is empty.
  absl::InlinedVector<Chunk, 1> chunks_;
  size_t size_ = 0;
  size_t limit_bytes_;
  bool starts_large_ = false;  // what was gathered last filled more than a small chunk
};

}  // namespace dialtone
