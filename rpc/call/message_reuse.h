// Bounds what a message object holds that serves many messages, one after the other, so that its memory
// is used again. Protobuf keeps what a message has had (strings, elements of repeated fields, with all that
// those have had), so an object through which many different messages have gone may hold far more than any
// of them: a peer that sends such could make it grow without end. Internal to rpc/.
#pragma once

#include <google/protobuf/message_lite.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "dialtone/rpc/internal/message_type.h"

namespace dialtone::internal {

//   if (reuse.Pass(bytes)) reuse.Bound(type, message);
//
// Of one object, or of some that serve the same calls. Not thread-safe.
class MessageReuse {
 public:
  // Messages of so many bytes have gone through. True: it is time for Bound().
  bool Pass(size_t bytes) {
    passed_ += bytes;
    largest_ = std::max(largest_, bytes);
    if (passed_ <= kBetweenLooks + kTimes * largest_) [[likely]] {
      return false;
    }
    passed_ = 0;
    return true;
  }
  // Makes `message`, which nobody uses now, anew in its place if it holds too much, or cannot tell.
  void Bound(const MessageType& type, google::protobuf::MessageLite& message) const;
  // The same, before `message` serves one who may keep it for long: makes it anew if any message has gone through that was
  // not small.
  void BoundForLong(const MessageType& type, google::protobuf::MessageLite& message) {
    if (largest_ <= kSmall) return;
    MakeAnew(type, message);
    *this = MessageReuse();
  }

 private:
  static void MakeAnew(const MessageType& type, google::protobuf::MessageLite& message);

  // What an object may hold of these is no more than a call costs otherwise.
  static constexpr size_t kSmall = 4096;
  // Measuring walks through all that is held, so it is done seldom.
  static constexpr size_t kBetweenLooks = 64 * 1024;
  // So many times what its largest message had, and a little, is borne.
  static constexpr size_t kTimes = 4;

  size_t passed_ = 0;
  size_t largest_ = 0;
};

}  // namespace dialtone::internal
