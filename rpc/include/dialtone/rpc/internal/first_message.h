// The message that a call begins with, on its way from the generated method to the call: lent until the
// method returns, or given away. Internal.
#pragma once

#include <google/protobuf/message_lite.h>

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace dialtone::internal {

// What a generated method was given for good: a message that is no constant, moved or a temporary.
template <class Message>
concept GivenMessage =
    std::derived_from<Message, google::protobuf::MessageLite> && !std::is_const_v<Message>;

// A value; refers to the message.
struct FirstMessage {
  using Taker = std::unique_ptr<google::protobuf::MessageLite> (*)(
      const google::protobuf::MessageLite& given);

  // None: of a call whose client streams.
  FirstMessage() = default;
  explicit FirstMessage(const google::protobuf::MessageLite& lent) : message(&lent) {}
  template <GivenMessage Message>
  static FirstMessage Given(Message& given) {
    FirstMessage first(given);
    first.take = [](const google::protobuf::MessageLite& from)
        -> std::unique_ptr<google::protobuf::MessageLite> {
      // It was no constant when it was given.
      auto& source = const_cast<Message&>(static_cast<const Message&>(from));
      return std::make_unique<Message>(std::move(source));
    };
    return first;
  }

  const google::protobuf::MessageLite* message = nullptr;
  // Moves what was given into a message of the call's own. Null: it was lent, and is to be serialised
  // before the method returns.
  Taker take = nullptr;
};

}  // namespace dialtone::internal
