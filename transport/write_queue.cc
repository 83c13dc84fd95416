#include "dialtone/transport/write_queue.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "dialtone/transport/check.h"

namespace dialtone {
namespace {
// Blocks a system call: more than a batch ever gathers in practice.
constexpr size_t kGatherMax = 64;
}  // namespace

std::span<char> WriteQueue::Reserve(size_t bytes) {
  if (chunks_.empty() || chunks_.back().capacity - chunks_.back().end < bytes) {
    Chunk chunk;
    if (spare_.capacity >= bytes && spare_.capacity != 0) {
      chunk = std::exchange(spare_, Chunk());
    } else {
      // Most connections have little to say at a time, and between borrowed blocks there are headers, as a rule.
      const bool little = chunks_.empty() || chunks_.back().shared != nullptr;
      chunk.capacity = std::max(bytes, little ? kSmallChunkBytes : kChunkBytes);
      chunk.bytes = std::make_unique_for_overwrite<char[]>(chunk.capacity);
    }
    chunks_.push_back(std::move(chunk));
  }
  Chunk& chunk = chunks_.back();
  const std::span<char> room(chunk.bytes.get() + chunk.end, bytes);
  chunk.end += bytes;
  size_ += bytes;
  return room;
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
  size_t done = 0;
  // Owners are let go last: what their bytes are freed with may be anybody's code.
  absl::InlinedVector<std::shared_ptr<const void>, 4> written;
  for (; done < chunks_.size(); ++done) {
    Chunk& chunk = chunks_[done];
    const size_t taken = std::min(bytes, chunk.end - chunk.begin);
    chunk.begin += taken;
    bytes -= taken;
    if (chunk.begin != chunk.end) break;
    if (chunk.owner != nullptr) written.push_back(std::move(chunk.owner));
    const bool large = chunk.capacity == kChunkBytes;
    if (chunk.shared != nullptr || (!large && chunk.capacity != kSmallChunkBytes)) continue;
    chunk.begin = chunk.end = 0;
    // The last chunk stays in its place for the next batch.
    if (done + 1 == chunks_.size()) {
      if (large) spare_ = Chunk();
      break;
    }
    if (large && spare_.capacity == 0) spare_ = std::move(chunk);
  }
  chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<ptrdiff_t>(done));
}

void WriteQueue::Shrink() {
  DIALTONE_CHECK(empty());
  Clear();
}

void WriteQueue::Clear() {
  chunks_.clear();
  chunks_.shrink_to_fit();
  spare_ = Chunk();
  size_ = 0;
}

}  // namespace dialtone
