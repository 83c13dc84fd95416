// Which messages are serialised and parsed on worker threads, because they would hold up everything
// else that runs on the loop's thread, and the bytes of one that waits for that. Internal to rpc/.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>

#include "message.h"

namespace dialtone::internal {

// Above 1 MiB of payload and what is around it.
inline constexpr size_t kLargeMessageBytes = 1024 * 1024 + 64 * 1024;

// The bytes of a message that has arrived and must wait: in the block that they came in, or copied.
class KeptBytes {
 public:
  KeptBytes() = default;
  explicit KeptBytes(IncomingMessage& message) : block_(std::move(message.block)) {
    if (block_ == nullptr) {
      block_ = std::make_unique_for_overwrite<char[]>(message.bytes.size());
      std::copy(message.bytes.begin(), message.bytes.end(), block_.get());
      view_ = std::string_view(block_.get(), message.bytes.size());
    } else {
      view_ = message.bytes;
    }
  }
  std::string_view view() const { return view_; }

 private:
  std::unique_ptr<char[]> block_;
  std::string_view view_;
};

}  // namespace dialtone::internal
