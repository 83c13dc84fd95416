#include "dialtone/transport/write_queue.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "chunk_pool.h"
#include "dialtone/transport/check.h"

namespace dialtone {
namespace {
// Blocks a system call: more than a batch ever gathers in practice.
constexpr size_t kGatherMax = 64;
constexpr size_t kChunkBytes = 64 * 1024;
constexpr size_t kSmallChunkBytes = 1024;
// A queue that had more chunks than this at a time forgets that when it is empty.
constexpr size_t kPlacesKeptMax = 8;

// A reactor has as many small ones in use at a time as connections that one look at the kernel finds ready.
using SmallChunks = internal::ChunkPool<kSmallChunkBytes, 64>;
using LargeChunks = internal::ChunkPool<kChunkBytes, 4>;

}  // namespace

std::span<char> WriteQueue::Reserve(size_t bytes) {
  if (chunks_.empty() || chunks_.back().capacity - chunks_.back().end < bytes) AddRoom(bytes);
  Chunk& chunk = chunks_.back();
  const std::span<char> room(chunk.bytes.get() + chunk.end, bytes);
  chunk.end += bytes;
  size_ += bytes;
  return room;
}

// Most connections have little to say at a time, and between borrowed blocks there are headers, as a rule.
void WriteQueue::AddRoom(size_t bytes) {
  const bool little = size_ == 0 ? !starts_large_ : chunks_.back().shared != nullptr;
  if (chunks_.empty() || chunks_.back().end != 0) chunks_.emplace_back();
  Chunk& chunk = chunks_.back();
  chunk.capacity = std::max(bytes, little ? kSmallChunkBytes : kChunkBytes);
  if (chunk.capacity == kSmallChunkBytes) {
    chunk.bytes = SmallChunks::Take();
  } else if (chunk.capacity == kChunkBytes) {
    chunk.bytes = LargeChunks::Take();
    starts_large_ = true;
  } else {
    chunk.bytes = std::make_unique_for_overwrite<char[]>(chunk.capacity);
  }
}

void WriteQueue::Append(std::string_view bytes) {
  if (bytes.empty()) return;
  std::memcpy(Reserve(bytes.size()).data(), bytes.data(), bytes.size());
}

void WriteQueue::AppendOwned(std::unique_ptr<char[]> block, size_t bytes) {
  if (bytes == 0) return;
  Chunk chunk;
  chunk.bytes = std::move(block);
  chunk.end = bytes;
  chunk.capacity = bytes;
  chunks_.push_back(std::move(chunk));
  size_ += bytes;
}

void WriteQueue::AppendShared(std::shared_ptr<const void> owner, std::string_view bytes) {
  if (bytes.empty()) return;
  Chunk chunk;
  chunk.owner = std::move(owner);
  chunk.shared = bytes.data();
  chunk.end = bytes.size();
  chunk.capacity = bytes.size();
  chunks_.push_back(std::move(chunk));
  size_ += bytes.size();
}

IoResult WriteQueue::Flush(ByteStream& stream) {
  size_t written = 0;
  while (size_ != 0) {
    std::array<iovec, kGatherMax> blocks;
    size_t count = 0;
    size_t offered = 0;
    for (const Chunk& chunk : chunks_) {
      if (count == blocks.size()) break;
      if (chunk.begin == chunk.end) continue;
      // Written only, although iovec has no const.
      blocks[count++] = {const_cast<char*>(chunk.at()) + chunk.begin, chunk.end - chunk.begin};
      offered += chunk.end - chunk.begin;
    }
    const IoResult result = stream.Write(std::span<const iovec>(blocks.data(), count));
    if (result.state != IoResult::State::kDone) return {result.state, written};
    Consume(result.bytes);
    written += result.bytes;
    // The stream tells when there is room again: asking it once more would only cost a system call.
    if (result.bytes < offered) return {IoResult::State::kWouldBlock, written};
  }
  return {IoResult::State::kDone, written};
}

void WriteQueue::Consume(size_t bytes) {
  DIALTONE_CHECK(bytes <= size_);
  size_ -= bytes;
  Chunk& first = chunks_.front();
  if (size_ != 0 || chunks_.size() != 1 || first.shared != nullptr) return ConsumeChunks(bytes);
  starts_large_ = first.end > kSmallChunkBytes;
  GiveBack(first);
}

void WriteQueue::ConsumeChunks(size_t bytes) {
  size_t done = 0;
  // Owners are let go last: what their bytes are freed with may be anybody's code.
  absl::InlinedVector<std::shared_ptr<const void>, 4> written;
  for (; done < chunks_.size(); ++done) {
    Chunk& chunk = chunks_[done];
    const size_t taken = std::min(bytes, chunk.end - chunk.begin);
    chunk.begin += taken;
    bytes -= taken;
    if (chunk.begin != chunk.end) break;
    if (chunk.shared == nullptr) {
      GiveBack(chunk);
    } else {
      written.push_back(std::move(chunk.owner));
    }
  }
  chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<ptrdiff_t>(done));
  if (chunks_.empty() && chunks_.capacity() > kPlacesKeptMax) chunks_.shrink_to_fit();
}

void WriteQueue::GiveBack(Chunk& chunk) {
  if (chunk.capacity == kSmallChunkBytes) {
    SmallChunks::Give(std::move(chunk.bytes));
  } else if (chunk.capacity == kChunkBytes) {
    LargeChunks::Give(std::move(chunk.bytes));
  } else {
    chunk.bytes = nullptr;
  }
  chunk.begin = chunk.end = chunk.capacity = 0;
}

void WriteQueue::Clear() {
  chunks_.clear();
  chunks_.shrink_to_fit();
  size_ = 0;
}

}  // namespace dialtone
