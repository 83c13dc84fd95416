// A serialised request, kept until its call's fate is known: what never ran is sent again. In pooled
// memory when it is small, in a block that it shares with the protocol when it is large. A large one
// that a reactor's call was given waits, as a message, for a worker that serialises it. Internal to rpc/.
#pragma once

#include <google/protobuf/message_lite.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>

#include "connection_info.h"
#include "dialtone/rpc/internal/first_message.h"
#include "dialtone/rpc/internal/frame_pool.h"
#include "dialtone/transport/block_pool.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/loop.h"
#include "large_message.h"
#include "message.h"
#include "packing.h"

namespace dialtone::internal {

class RequestBytes final : public OutgoingMessage {
 public:
  static void* operator new(size_t bytes) { return FramePool::Allocate(bytes); }
  static void operator delete(void* block, size_t bytes) { FramePool::Free(block, bytes); }

  // None: of a call that begins without a message.
  RequestBytes() = default;
  explicit RequestBytes(const google::protobuf::MessageLite& message,
                        const Attachment& attachment = Attachment(),
                        FirstMessage::Taker take = nullptr) {
    size_ = message.ByteSizeLong();
    if (!attachment.empty()) attachment_ = attachment;
    if (size_ <= sizeof inline_) {
      bytes_ = inline_;
    } else if (pooled()) {
      bytes_ = static_cast<char*>(FramePool::Allocate(size_));
    } else if (take != nullptr && size_ > kLargeMessageBytes && size_ <= kWaitingMax &&
               Loop::OnReactor()) {
      held().source = take(message);
      return;
    } else {
      MakeBlock();
    }
    message.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(bytes_));
  }
  ~RequestBytes() { Free(); }
  RequestBytes(const RequestBytes&) = delete;
  RequestBytes& operator=(const RequestBytes&) = delete;

  // Not serialised yet: nothing but size(), source() and Free() is to be called before Serialise().
  bool waits() const { return source() != nullptr; }
  // Null, if it does not wait.
  const google::protobuf::MessageLite* source() const {
    return held_ == nullptr ? nullptr : held_->source.get();
  }
  // Does nothing to what does not wait.
  void Serialise() {
    if (!waits()) return;
    MakeBlock();
    // A message that was moved has lost its cached sizes.
    const bool whole = held_->source->SerializePartialToArray(bytes_, static_cast<int>(size_));
    DIALTONE_CHECK(whole, "a message has grown since it was measured");
    held_->source.reset();
  }

  void WriteTo(char* into) const override { std::memcpy(into, bytes_, size_); }
  SharedBytes Share() override {
    if (held_ != nullptr && held_->block != nullptr) return held_->block;
    auto copy = BlockPool::Share(size_);
    WriteTo(copy.get());
    return copy;
  }

  // Has it packed, too, for connections that accept that. Tries it once.
  void Pack(const PackingPlan& plan) {
    if (!plan.Wants(size_) || std::exchange(held().packing_tried, true)) return;
    auto packed = std::make_unique<PackedMessage>();
    if (packed->Pack(plan, std::string_view(bytes_, size_), attachment()))
      held_->packed = std::move(packed);
  }
  // What goes to a peer that unpacks these algorithms.
  OutgoingMessage& For(const CompressionSet& unpacks) {
    const bool packed = held_ != nullptr && held_->packed != nullptr &&
                        unpacks.has(held_->packed->packing().algorithm);
    return packed ? static_cast<OutgoingMessage&>(*held_->packed) : *this;
  }

  // Once the request will not be sent any more. Does nothing the second time.
  void Free() {
    if (bytes_ == inline_) bytes_ = nullptr;
    if (bytes_ != nullptr || held_ != nullptr || !attachment_.empty()) [[unlikely]] {
      FreeWhatIsElsewhere();
    }
  }

  // Frees it, and lends its memory to other bytes, with room behind them as in IncomingMessage: no more than kKeptMax.
  static constexpr size_t kInlineBytes = 128;
  static constexpr size_t kKeptMax = kInlineBytes - IncomingMessage::kRoomBytes;
  std::string_view Keep(std::string_view bytes) {
    Free();
    std::memcpy(inline_, bytes.data(), bytes.size());
    return {inline_, bytes.size()};
  }

 private:
  static constexpr size_t kPooledMax = 1024;
  static constexpr size_t kWaitingMax = std::numeric_limits<int>::max();  // Protobuf's own limit

  // What small ones that go as they are have no need of.
  struct Held {
    static void* operator new(size_t bytes) { return FramePool::Allocate(bytes); }
    static void operator delete(void* block, size_t bytes) { FramePool::Free(block, bytes); }

    SharedBytes block;
    std::unique_ptr<google::protobuf::MessageLite> source;
    std::unique_ptr<PackedMessage> packed;
    bool packing_tried = false;
  };
  Held& held() {
    if (held_ == nullptr) held_ = std::make_unique<Held>();
    return *held_;
  }
  bool pooled() const { return size_ <= kPooledMax; }
  [[gnu::noinline]] void FreeWhatIsElsewhere() {
    if (bytes_ != nullptr && pooled()) FramePool::Free(bytes_, size_);
    bytes_ = nullptr;
    held_.reset();
    attachment_ = Attachment();
  }
  void MakeBlock() {
    auto block = BlockPool::Share(size_);
    bytes_ = block.get();
    held().block = std::move(block);
  }

  char* bytes_ = nullptr;  // null: none, or freed
  char inline_[kInlineBytes];
  std::unique_ptr<Held> held_;
};

}  // namespace dialtone::internal
