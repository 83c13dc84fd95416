// Whose piece is next, among the streams of a connection whose messages wait. One piece at a time goes of a message
// that is short, or nearly over, and one of a long message, in turn; so a short one waits for one piece of a long one,
// however many of those there are. Short ones take turns. Of the long ones, one goes on for a while before the next
// does: if all went on together, all would arrive together, after their receiver has had nothing to do and before
// their sender has. Internal to dialtone1/.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dialtone::dialtone1 {

// What a stream has of this; base of it.
class TurnEntry {
 public:
  TurnEntry() = default;
  TurnEntry(const TurnEntry&) = delete;
  TurnEntry& operator=(const TurnEntry&) = delete;

  bool in_turn() const { return ring_ != nullptr; }

 protected:
  ~TurnEntry() = default;

 private:
  friend class Turns;
  TurnEntry** ring_ = nullptr;  // the one that it is in; null: none
  TurnEntry* previous_ = nullptr;
  TurnEntry* next_ = nullptr;
};

// Not thread-safe.
class Turns {
 public:
  // What is left of a message that is short.
  static constexpr size_t kShortBytes = 64 * 1024;
  // Of a long one in one go.
  static constexpr size_t kGoBytes = 1024 * 1024;

  Turns() = default;
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  // Null: nobody waits.
  TurnEntry* next() const {
    TurnEntry* const first = long_is_next_ ? long_ : short_;
    return first != nullptr ? first : long_is_next_ ? short_ : long_;
  }
  // Behind the others. `left`: of its message. Does nothing to one that is there.
  void Enter(TurnEntry& entry, size_t left);
  void Leave(TurnEntry& entry);
  // So much was sent of that which was next.
  void Sent(size_t bytes);

 private:
  TurnEntry* short_ = nullptr;  // rings: whose turn it is
  TurnEntry* long_ = nullptr;
  bool long_is_next_ = false;
  size_t gone_bytes_ = 0;  // by the long one whose turn it is
};

inline void Turns::Enter(TurnEntry& entry, size_t left) {
  if (entry.in_turn()) return;
  TurnEntry*& ring = left <= kShortBytes ? short_ : long_;
  entry.ring_ = &ring;
  if (ring == nullptr) {
    ring = entry.previous_ = entry.next_ = &entry;
    return;
  }
  entry.next_ = ring;
  entry.previous_ = ring->previous_;
  entry.previous_->next_ = entry.next_->previous_ = &entry;
}

inline void Turns::Leave(TurnEntry& entry) {
  if (!entry.in_turn()) return;
  TurnEntry*& ring = *entry.ring_;
  if (ring == &entry) {
    ring = entry.next_ == &entry ? nullptr : entry.next_;
    if (&ring == &long_) gone_bytes_ = 0;
  }
  entry.previous_->next_ = entry.next_;
  entry.next_->previous_ = entry.previous_;
  entry.previous_ = entry.next_ = nullptr;
  entry.ring_ = nullptr;
}

inline void Turns::Sent(size_t bytes) {
  TurnEntry& entry = *next();
  const bool was_long = entry.ring_ == &long_;
  long_is_next_ = !was_long;
  if (was_long) {
    gone_bytes_ += bytes;
    if (gone_bytes_ < kGoBytes) return;
    gone_bytes_ = 0;
  }
  *entry.ring_ = entry.next_;
}

}  // namespace dialtone::dialtone1
