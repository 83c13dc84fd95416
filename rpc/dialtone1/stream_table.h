// The streams of one connection by their id. Ids rise, and most calls end in about the order in
// which they began, so the id itself is a good place in a ring: a lookup is two comparisons, and
// nothing is allocated unless more calls are open than ever before. The newest stands outside of the
// ring until another one comes: most calls of a server end before that. Internal to dialtone1/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "dialtone/transport/check.h"

namespace dialtone::dialtone1 {

// Does not own the streams. Not thread-safe.
template <class Stream>
class StreamTable {
 public:
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Null when there is none. `id` is not 0.
  Stream* Find(uint32_t id) const {
    if (newest_.id == id) return newest_.stream;
    if (in_ring() == 0) return nullptr;
    for (size_t i = Home(id);; i = Next(i)) {
      if (entries_[i].id == id) return entries_[i].stream;
      if (entries_[i].id == 0) return nullptr;
    }
  }

  // Requires that `id` be odd and not in the table.
  void Insert(uint32_t id, Stream* stream) {
    if (newest_.id != 0) PutNewest();
    newest_ = Entry{id, stream};
    ++size_;
  }

  // Requires that `id` be in the table.
  void Erase(uint32_t id) {
    DIALTONE_CHECK(size_ != 0, "a stream was erased twice");
    if (newest_.id == id) {
      newest_ = Entry();
      --size_;
      return;
    }
    DIALTONE_CHECK(in_ring() != 0, "a stream was erased twice");
    size_t hole = Home(id);
    while (entries_[hole].id != id) {
      DIALTONE_CHECK(entries_[hole].id != 0, "a stream was erased twice");
      hole = Next(hole);
    }
    // What stands behind and not in its own place moves up, so that no lookup stops too early.
    // Behind one that is in its own place there is none that would want to.
    size_t next = Next(hole);
    while (entries_[next].id != 0 && Home(entries_[next].id) != next) {
      entries_[hole] = entries_[next];
      hole = next;
      next = Next(next);
    }
    entries_[hole] = Entry();
    --size_;
  }

  // Frees its memory. Requires empty().
  void Shrink() {
    DIALTONE_CHECK(empty());
    entries_ = std::vector<Entry>();
  }

  // Copies of all pointers, in no order: for walks during which the table may change.
  std::vector<Stream*> All() const {
    std::vector<Stream*> all;
    all.reserve(size_);
    for (const Entry& entry : entries_) {
      if (entry.id != 0) all.push_back(entry.stream);
    }
    if (newest_.id != 0) all.push_back(newest_.stream);
    return all;
  }

 private:
  struct Entry {
    uint32_t id = 0;  // 0: free
    Stream* stream = nullptr;
  };
  static constexpr size_t kFirstEntries = 4;

  size_t in_ring() const { return size_ - (newest_.id != 0 ? 1 : 0); }
  size_t mask() const { return entries_.size() - 1; }
  size_t Home(uint32_t id) const { return (id >> 1) & mask(); }
  size_t Next(size_t i) const { return (i + 1) & mask(); }

  // How far from its own place the entry at `i` stands.
  size_t Distance(size_t i) const { return (i - Home(entries_[i].id)) & mask(); }

  void PutNewest() {
    if (size_ * 2 > entries_.size()) Grow();
    Put(newest_);
  }

  // Of two that want the same place the one farther from home gets it: entries stand in the order
  // of their homes.
  void Put(Entry entry) {
    size_t distance = 0;
    for (size_t i = Home(entry.id);; i = Next(i), ++distance) {
      if (entries_[i].id == 0) {
        entries_[i] = entry;
        return;
      }
      const size_t other = Distance(i);
      if (other >= distance) continue;
      std::swap(entries_[i], entry);
      distance = other;
    }
  }

  void Grow() {
    std::vector<Entry> old(entries_.empty() ? kFirstEntries : entries_.size() * 2);
    old.swap(entries_);
    for (const Entry& entry : old) {
      if (entry.id != 0) Put(entry);
    }
  }

  Entry newest_;
  std::vector<Entry> entries_;  // the ring: a power of two, at most half full
  size_t size_ = 0;             // with the newest
};

}  // namespace dialtone::dialtone1
