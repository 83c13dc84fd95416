#include "message_reuse.h"

namespace dialtone::internal {

void MessageReuse::Bound(const MessageType& type, google::protobuf::MessageLite& message) const {
  if (type.bytes_held != nullptr && type.bytes_held(message) <= kBetweenLooks + kTimes * largest_)
    return;
  MakeAnew(type, message);
}

void MessageReuse::MakeAnew(const MessageType& type, google::protobuf::MessageLite& message) {
  void* const where = dynamic_cast<void*>(&message);
  message.~MessageLite();
  type.construct(where);
}

}  // namespace dialtone::internal
