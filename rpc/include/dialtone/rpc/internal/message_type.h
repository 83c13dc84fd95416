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
};

template <class Message>
inline constexpr MessageType kMessageType{
    sizeof(Message), alignof(Message),
    [](void* where) -> google::protobuf::MessageLite* { return ::new (where) Message; }};

}  // namespace dialtone::internal
