// How the framework makes the messages of generated code, whose types it does not know. Internal.
#pragma once

#include <google/protobuf/message_lite.h>

#include <cstddef>
#include <new>

namespace dialtone::internal {

struct MessageType {
  size_t size;
  size_t alignment;
  google::protobuf::MessageLite* (*construct)(void* where);
  // What such a message occupies, with all that it keeps for later. Null: it cannot tell (lite).
  size_t (*bytes_held)(const google::protobuf::MessageLite& message);
};

template <class Message>
constexpr auto BytesHeldBy() -> size_t (*)(const google::protobuf::MessageLite&) {
  if constexpr (requires(const Message& message) { message.SpaceUsedLong(); }) {
    return [](const google::protobuf::MessageLite& message) -> size_t {
      return static_cast<const Message&>(message).SpaceUsedLong();
    };
  } else {
    return nullptr;
  }
}

template <class Message>
inline constexpr MessageType kMessageType{
    sizeof(Message), alignof(Message),
    [](void* where) -> google::protobuf::MessageLite* { return ::new (where) Message; },
    BytesHeldBy<Message>()};

}  // namespace dialtone::internal
