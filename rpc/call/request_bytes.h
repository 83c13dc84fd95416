// A serialised request: in pooled memory when it is small, in a block of its own, which a protocol
// may take, when it is large. Internal to rpc/.
#pragma once

#include <google/protobuf/message_lite.h>

#include <cstring>
#include <memory>
#include <utility>

#include "dialtone/rpc/internal/frame_pool.h"
#include "message.h"

namespace dialtone::internal {

class RequestBytes final : public OutgoingMessage {
 public:
  explicit RequestBytes(const google::protobuf::MessageLite& message)
      : size_(message.ByteSizeLong()) {
    if (size_ <= kPooledMax) {
      bytes_ = static_cast<char*>(FramePool::Allocate(kPooledMax));
    } else {
      block_ = std::make_unique_for_overwrite<char[]>(size_);
      bytes_ = block_.get();
    }
    message.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(bytes_));
  }
  ~RequestBytes() { Free(); }
  RequestBytes(const RequestBytes&) = delete;
  RequestBytes& operator=(const RequestBytes&) = delete;

  size_t size() const override { return size_; }
  void WriteTo(char* into) const override { std::memcpy(into, bytes_, size_); }
  std::unique_ptr<char[]> Take() override {
    if (block_ != nullptr) return std::move(block_);
    auto copy = std::make_unique_for_overwrite<char[]>(size_);
    WriteTo(copy.get());
    return copy;
  }

  // Once the request is on its way it is not needed any more.
  void Free() {
    if (size_ <= kPooledMax && bytes_ != nullptr) FramePool::Free(bytes_, kPooledMax);
    bytes_ = nullptr;
    block_.reset();
  }

 private:
  static constexpr size_t kPooledMax = 1024;

  const size_t size_;
  char* bytes_ = nullptr;
  std::unique_ptr<char[]> block_;
};

}  // namespace dialtone::internal
