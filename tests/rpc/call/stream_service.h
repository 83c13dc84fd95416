// A service for tests with a method of each streaming kind, whose handlers are functions that each test
// writes: coroutines (StreamService), or plain ones that block on workers (PlainStreamService).
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "dialtone/rpc/reader_writer.h"
#include "dialtone/rpc/stream.h"
#include "test_service.h"

namespace dialtone {

inline constexpr Method kDownMethod{"/test.Streams/Down", MethodKind::kServerStreaming};
inline constexpr Method kUpMethod{"/test.Streams/Up", MethodKind::kClientStreaming};
inline constexpr Method kChatMethod{"/test.Streams/Chat", MethodKind::kBidirectionalStreaming};

template <class Result>
struct StreamHandlersOf {
  std::function<Result(ServerCall&, const Text&, Writer<Text>&)> down;
  std::function<Result(ServerCall&, Reader<Text>&, Text&)> up;
  std::function<Result(ServerCall&, Reader<Text>&, Writer<Text>&)> chat;
};
using StreamHandlers = StreamHandlersOf<Task<absl::Status>>;
using PlainStreamHandlers = StreamHandlersOf<absl::Status>;

template <class Result>
class StreamServiceOf final : public Service {
 public:
  explicit StreamServiceOf(StreamHandlersOf<Result> handlers)
      : Service("test.Streams"), handlers_(std::move(handlers)) {
    AddMethod<&StreamServiceOf::Down>(kDownMethod);
    AddMethod<&StreamServiceOf::Up>(kUpMethod);
    AddMethod<&StreamServiceOf::Chat>(kChatMethod);
  }

 private:
  Result Down(ServerCall& call, const Text& request, Writer<Text>& writer) {
    return handlers_.down(call, request, writer);
  }
  Result Up(ServerCall& call, Reader<Text>& reader, Text& reply) {
    return handlers_.up(call, reader, reply);
  }
  Result Chat(ServerCall& call, Reader<Text>& reader, Writer<Text>& writer) {
    return handlers_.chat(call, reader, writer);
  }
  StreamHandlersOf<Result> handlers_;
};
using StreamService = StreamServiceOf<Task<absl::Status>>;
using PlainStreamService = StreamServiceOf<absl::Status>;

using DownCall = ClientReader<Text>;
using UpCall = ClientWriter<Text, Text>;
using ChatCall = ClientReaderWriter<Text, Text>;

inline DownCall StartDown(Channel& channel, const std::string& text,
                          const CallOptions& options = CallOptions()) {
  return DownCall(channel, kDownMethod, MakeText(text), options);
}
inline UpCall StartUp(Channel& channel, const CallOptions& options = CallOptions()) {
  return UpCall(channel, kUpMethod, options);
}
inline ChatCall StartChat(Channel& channel, const CallOptions& options = CallOptions()) {
  return ChatCall(channel, kChatMethod, options);
}

// Counts down to zero from the number in the request.
inline Task<absl::Status> CountDown(ServerCall&, const Text& request, Writer<Text>& writer) {
  Text message;
  for (int i = std::stoi(request.value()); i >= 0; --i) {
    message.set_value(std::to_string(i));
    const bool open = co_await writer.Write(message);
    if (!open) co_return absl::CancelledError("nobody reads");
  }
  co_return absl::OkStatus();
}
// Answers with all that was sent, in a row.
inline Task<absl::Status> Concatenate(ServerCall&, Reader<Text>& reader, Text& reply) {
  std::string& all = *reply.mutable_value();
  while (auto message = co_await reader.Read()) all += message->value();
  co_return absl::OkStatus();
}
// Answers each message at once.
inline Task<absl::Status> EchoEach(ServerCall&, Reader<Text>& reader, Writer<Text>& writer) {
  bool open = true;
  while (auto message = co_await reader.Read()) {
    message->mutable_value()->append("!");
    open = co_await writer.Write(*message);
    if (!open) break;
  }
  co_return absl::OkStatus();
}
inline std::unique_ptr<StreamService> MakeStreamService() {
  return std::make_unique<StreamService>(StreamHandlers{CountDown, Concatenate, EchoEach});
}

}  // namespace dialtone
