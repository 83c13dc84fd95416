// Which messages are serialised and parsed on worker threads, because they would hold up everything
// else that runs on the loop's thread, and the bytes of one that waits for that. Internal to rpc/.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>

#include "message.h"
#include "packing.h"

namespace dialtone::internal {

// Above 1 MiB of payload and what is around it.
inline constexpr size_t kLargeMessageBytes = 1024 * 1024 + 64 * 1024;

// A message that is packed says little of what it will cost: 70 bytes can become a mebibyte of unknown fields, 20 ms of
// parsing. What grows so much that a read's worth of it would take long counts as large from fewer bytes on.
inline constexpr size_t kGrownMessageBytes = 32 * 1024;
inline constexpr size_t kGrowth = 8;
inline constexpr size_t kMuchGrownMessageBytes = 4 * 1024;
inline constexpr size_t kMuchGrowth = 32;

inline bool GrowsLarge(size_t packed, size_t unpacked) {
  return (unpacked > kGrownMessageBytes && unpacked / kGrowth > packed) ||
         (unpacked > kMuchGrownMessageBytes && unpacked / kMuchGrowth > packed);
}

inline bool IsLarge(const Packing& packing, std::string_view bytes) {
  if (!packing.packed()) [[likely]]
    return bytes.size() > kLargeMessageBytes;
  return packing.original_bytes > kLargeMessageBytes ||
         GrowsLarge(bytes.size(), packing.original_bytes);
}
inline bool IsLarge(const IncomingMessage& message) {
  return IsLarge(message.packing, message.bytes);
}

// The bytes of a message that has arrived and must wait: in the block that they came in, or copied.
// Still packed, if they were.
class KeptBytes {
 public:
  KeptBytes() = default;
  explicit KeptBytes(IncomingMessage& message)
      : block_(std::move(message.block)), view_(message.bytes), packing_(message.packing) {
    if (block_ != nullptr) return;
    auto copy = std::make_shared_for_overwrite<char[]>(view_.size());
    std::copy(view_.begin(), view_.end(), copy.get());
    view_ = std::string_view(copy.get(), view_.size());
    block_ = std::move(copy);
  }
  std::string_view view() const { return view_; }
  size_t size() const { return view_.size(); }
  // The bytes go, where that takes its time; size() stays.
  void Free() { block_.reset(); }
  absl::Status Parse(google::protobuf::MessageLite& into) const {
    return ParseMessage(packing_, view_, into);
  }

 private:
  SharedBytes block_;
  std::string_view view_;
  Packing packing_;
};

}  // namespace dialtone::internal
