// Flow control's two accounts: what this side may still send, and what it has let the peer send.
// A frame's message part is charged to its stream's window and to the connection's (frame.h says how
// much); nothing else is.
#pragma once

#include <cstdint>
#include <utility>

#include "dialtone/transport/check.h"
#include "settings.h"

namespace dialtone::dialtone1 {

// Credit to send, given by the peer. A value.
class SendWindow {
 public:
  explicit SendWindow(uint32_t credit) : credit_(credit) {}

  uint32_t credit() const { return credit_; }
  // Requires that there be that much.
  void Take(uint32_t bytes) {
    DIALTONE_CHECK(bytes <= credit_, "a frame was sent without credit");
    credit_ -= bytes;
  }
  // A WINDOW arrived, or SETTINGS raised the window by `bytes`. False: more than 2^31-1 would
  // stand; the connection ends with FLOW_CONTROL.
  [[nodiscard]] bool Add(uint32_t bytes) {
    if (bytes > kMaxWindow || credit_ > kMaxWindow - bytes) return false;
    credit_ += bytes;
    return true;
  }

 private:
  uint32_t credit_;
};

// What the peer may send here. Bytes arrive, later they are done with, and their credit goes back
// in WINDOW frames of at least half a window each. A value.
class ReceiveWindow {
 public:
  explicit ReceiveWindow(uint32_t size) : size_(size), credit_(size) {}
  // As one was of which all that had arrived was released.
  ReceiveWindow(uint32_t size, uint32_t credit)
      : size_(size), credit_(credit), owed_(size - credit) {}

  // Bytes of a message part have arrived. False: the peer sent more than it had credit for; the
  // connection ends with FLOW_CONTROL.
  [[nodiscard]] bool Arrive(uint32_t bytes) {
    if (bytes > credit_) return false;
    credit_ -= bytes;
    held_ += bytes;
    return true;
  }
  // So many of the bytes that arrived are done with. Returns the credit to send now in a WINDOW
  // frame; 0: none yet.
  [[nodiscard]] uint32_t Release(uint32_t bytes) {
    DIALTONE_CHECK(bytes <= held_ - pieces_, "credit would be returned twice");
    held_ -= bytes;
    owed_ += bytes;
    if (pieces_ != 0 && pieces_ == held_) {
      owed_ += std::exchange(held_, 0);
      pieces_ = 0;
    }
    return TakeGrant();
  }
  // Arrive() for bytes that are done with at once.
  [[nodiscard]] bool Pass(uint32_t bytes) {
    if (bytes > credit_) return false;
    credit_ -= bytes;
    owed_ += bytes;
    return true;
  }
  // The credit to send now, as Release() says it.
  [[nodiscard]] uint32_t TakeGrant() {
    if (owed_ < size_ / 2) [[likely]]
      return 0;
    credit_ += owed_;
    return std::exchange(owed_, 0);
  }
  // So many of them were a piece of a message that is not whole. Its credit goes back as soon as
  // nothing else is held, for otherwise a message larger than the window would never be whole; not
  // before, for otherwise whoever takes no messages would be sent them without end.
  [[nodiscard]] uint32_t ReleasePiece(uint32_t bytes) {
    DIALTONE_CHECK(bytes <= held_ - pieces_, "credit would be returned twice");
    pieces_ += bytes;
    return Release(0);
  }
  // The message is whole, or given up: what is still held for its pieces is to be released like
  // other bytes from now on. Returns how much.
  [[nodiscard]] uint32_t TakePieces() { return std::exchange(pieces_, 0); }
  // Nothing that has arrived is of interest any more.
  [[nodiscard]] uint32_t ReleaseAll() {
    pieces_ = 0;
    return Release(held_);
  }

  // Lets the peer send so much ahead from now on; returns the credit that this adds. Requires a size
  // above the present one.
  [[nodiscard]] uint32_t GrowTo(uint32_t size) {
    DIALTONE_CHECK(size > size_ && size <= kMaxWindow);
    const uint32_t grant = size - std::exchange(size_, size);
    credit_ += grant;
    return grant;
  }

  uint32_t size() const { return size_; }
  // What the peer may still send.
  uint32_t credit() const { return credit_; }
  // Arrived and not released.
  uint32_t held() const { return held_; }

 private:
  uint32_t size_;
  uint32_t credit_;
  uint32_t held_ = 0;
  uint32_t pieces_ = 0;  // of held_
  uint32_t owed_ = 0;    // released, to be granted
};

}  // namespace dialtone::dialtone1
