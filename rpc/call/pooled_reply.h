// A reply that outlives its call, to be parsed into again: what it has allocated for its fields serves the
// next one. Internal to rpc/.
#pragma once

#include <google/protobuf/message_lite.h>

#include <cstddef>

#include "dialtone/rpc/internal/reply_type.h"
#include "message_reuse.h"

namespace dialtone::internal {

// Belongs to whoever has taken it, until that gives it back. Each thread keeps a few of each type. With the
// address sanitizer none is kept, so that it finds who looks at a reply that has gone.
class PooledReply {
 public:
  static PooledReply* Take(const ReplyType& type);
  // Of any thread. A reply of so many bytes was parsed into it, which decides whether it is kept.
  static void Give(PooledReply* reply, size_t bytes);

  PooledReply(const PooledReply&) = delete;
  PooledReply& operator=(const PooledReply&) = delete;

  // For one that is parsed into more than once: so many bytes are about to be.
  void Pass(size_t bytes) {
    if (reuse_.Pass(bytes)) reuse_.Bound(type_.message, *message_);
  }

  // There may be a reply from before in it.
  google::protobuf::MessageLite& message() const { return *message_; }
  // The absl::StatusOr<Reply>, which is OK, that holds it.
  void* result() { return reinterpret_cast<char*>(this) + OffsetFor(type_); }

 private:
  friend class PooledReplies;
  explicit PooledReply(const ReplyType& type) : type_(type), message_(type.construct(result())) {}
  ~PooledReply() { type_.destroy(result()); }

  static PooledReply* Make(const ReplyType& type);
  static void Destroy(PooledReply* reply);
  // Of the result, in the block that begins with this object.
  static constexpr size_t OffsetFor(const ReplyType& type) {
    return (sizeof(PooledReply) + type.alignment - 1) & ~(type.alignment - 1);
  }

  const ReplyType& type_;
  google::protobuf::MessageLite* const message_;
  MessageReuse reuse_;
  PooledReply* next_ = nullptr;
};

}  // namespace dialtone::internal
