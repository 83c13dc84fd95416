// How the framework makes what a call of generated code ends with, whose type it does not know. Internal.
#pragma once

#include <google/protobuf/message_lite.h>

#include <cstddef>
#include <new>

#include "absl/status/statusor.h"
#include "dialtone/rpc/internal/message_type.h"

namespace dialtone::internal {

// An absl::StatusOr<Reply> that is OK. So what a reply is parsed into can be handed over as it is.
struct ReplyType {
  const MessageType& message;
  size_t size;
  size_t alignment;
  // Returns the reply in it.
  google::protobuf::MessageLite* (*construct)(void* where);
  void (*destroy)(void* where);
};

template <class Reply>
inline constexpr ReplyType kReplyType{
    kMessageType<Reply>, sizeof(absl::StatusOr<Reply>), alignof(absl::StatusOr<Reply>),
    [](void* where) -> google::protobuf::MessageLite* {
      return &**(::new (where) absl::StatusOr<Reply>(absl::in_place));
    },
    [](void* where) {
      using Result = absl::StatusOr<Reply>;
      static_cast<Result*>(where)->~Result();
    }};

}  // namespace dialtone::internal
