// A message of generated code on its way out, serialised where the protocol wants it. Internal to
// rpc/.
#pragma once

#include <google/protobuf/message_lite.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "dialtone/transport/block_pool.h"
#include "message.h"

namespace dialtone::internal {

// Borrows the message, which must not change.
class SerialisedMessage final : public OutgoingMessage {
 public:
  explicit SerialisedMessage(const google::protobuf::MessageLite& message) : message_(message) {
    size_ = message.ByteSizeLong();
  }
  void Attach(const Attachment& attachment) { attachment_ = attachment; }

  void WriteTo(char* into) const override {
    message_.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(into));
  }
  SharedBytes Share() override {
    auto bytes = BlockPool::Share(size_);
    WriteTo(bytes.get());
    return bytes;
  }

 private:
  const google::protobuf::MessageLite& message_;
};

}  // namespace dialtone::internal
