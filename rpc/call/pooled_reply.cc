#include "pooled_reply.h"

#include <array>
#include <new>
#include <utility>

#include "dialtone/rpc/internal/frame_pool.h"
#include "dialtone/transport/address_sanitizer.h"

namespace dialtone::internal {
namespace {

// Of each type: as many as one read may bring before any is handed over.
constexpr size_t kRepliesMax = 64;
// Larger ones are not kept,
constexpr size_t kReplyBytesMax = 1024;
// nor those of more types.
constexpr size_t kTypes = 16;

}  // namespace

// A thread's.
class PooledReplies {
 public:
  // Null: the thread has ended, but for what its other objects still do.
  static PooledReplies* OfThisThread();

  ~PooledReplies();

  // Null: there is none.
  PooledReply* Take(const ReplyType& type) {
    List* const list = Find(type);
    if (list == nullptr || list->head == nullptr) return nullptr;
    --list->size;
    return std::exchange(list->head, list->head->next_);
  }
  // False: there are enough.
  bool Keep(PooledReply* reply) {
    List* const list = Find(reply->type_);
    if (list == nullptr || list->size == kRepliesMax) return false;
    ++list->size;
    reply->next_ = std::exchange(list->head, reply);
    return true;
  }

 private:
  struct List {
    const ReplyType* type = nullptr;
    PooledReply* head = nullptr;
    size_t size = 0;
  };

  // Null: there are other types already.
  List* Find(const ReplyType& type) {
    for (List& list : lists_) {
      if (list.type == &type) return &list;
      if (list.type != nullptr) continue;
      list.type = &type;
      return &list;
    }
    return nullptr;
  }

  std::array<List, kTypes> lists_;
};

namespace {

constinit thread_local bool thread_has_ended = false;
thread_local PooledReplies thread_replies;

}  // namespace

PooledReplies* PooledReplies::OfThisThread() {
  return thread_has_ended ? nullptr : &thread_replies;
}

PooledReplies::~PooledReplies() {
  thread_has_ended = true;
  for (List& list : lists_) {
    while (list.head != nullptr) PooledReply::Destroy(std::exchange(list.head, list.head->next_));
  }
}

PooledReply* PooledReply::Make(const ReplyType& type) {
  return ::new (FramePool::Allocate(OffsetFor(type) + type.size)) PooledReply(type);
}

void PooledReply::Destroy(PooledReply* reply) {
  const ReplyType& type = reply->type_;
  reply->~PooledReply();
  FramePool::Free(reply, OffsetFor(type) + type.size);
}

PooledReply* PooledReply::Take(const ReplyType& type) {
  PooledReplies* const kept = PooledReplies::OfThisThread();
  PooledReply* const reply = kept == nullptr ? nullptr : kept->Take(type);
  return reply != nullptr ? reply : Make(type);
}

void PooledReply::Give(PooledReply* reply, size_t bytes) {
  PooledReplies* const kept = !DIALTONE_ADDRESS_SANITIZED && bytes <= kReplyBytesMax
                                  ? PooledReplies::OfThisThread()
                                  : nullptr;
  if (kept == nullptr || !kept->Keep(reply)) return Destroy(reply);
  reply->Pass(bytes);
}

}  // namespace dialtone::internal
