#include "dynamic_call.h"

#include <climits>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/call.h"
#include "dialtone/rpc/stream.h"
#include "exit_code.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "interrupt.h"

namespace dial {
namespace {

using google::protobuf::Empty;
using google::protobuf::Message;

// What a reply may nest; Protobuf's own bound of 100 is one that a server of another language need not share.
constexpr int kWireDepthMax = 2000;

dialtone::MethodKind KindFrom(bool client_streams, bool server_streams) {
  if (client_streams) {
    return server_streams ? dialtone::MethodKind::kBidirectionalStreaming
                          : dialtone::MethodKind::kClientStreaming;
  }
  return server_streams ? dialtone::MethodKind::kServerStreaming : dialtone::MethodKind::kUnary;
}

dialtone::Idempotency IdempotencyOf(const google::protobuf::MethodOptions& options) {
  switch (options.idempotency_level()) {
    case google::protobuf::MethodOptions::NO_SIDE_EFFECTS:
      return dialtone::Idempotency::kNoSideEffects;
    case google::protobuf::MethodOptions::IDEMPOTENT:
      return dialtone::Idempotency::kIdempotent;
    default:
      return dialtone::Idempotency::kUnknown;
  }
}

}  // namespace

DynamicMethod::DynamicMethod(const google::protobuf::MethodDescriptor& descriptor,
                             google::protobuf::MessageFactory& messages)
    : descriptor_(descriptor),
      messages_(messages),
      path_(absl::StrCat("/", descriptor.service()->full_name(), "/", descriptor.name())),
      method_{path_, KindFrom(descriptor.client_streaming(), descriptor.server_streaming()),
              IdempotencyOf(descriptor.options())} {}

std::unique_ptr<Message> DynamicMethod::NewRequest() const {
  return std::unique_ptr<Message>(messages_.GetPrototype(descriptor_.input_type())->New());
}

absl::StatusOr<std::unique_ptr<Message>> DynamicMethod::ReplyOf(const Empty& received) const {
  std::unique_ptr<Message> reply(messages_.GetPrototype(descriptor_.output_type())->New());
  const std::string bytes = received.SerializeAsString();
  google::protobuf::io::ArrayInputStream array(bytes.data(), static_cast<int>(bytes.size()));
  google::protobuf::io::CodedInputStream input(&array);
  input.SetRecursionLimit(kWireDepthMax);
  input.SetTotalBytesLimit(INT_MAX);
  if (reply->ParsePartialFromCodedStream(&input) && input.ConsumedEntireMessage()) return reply;
  return absl::DataLossError(absl::StrCat(method_.path.data(), ": the reply is no valid ",
                                          descriptor_.output_type()->full_name()));
}

absl::Status DynamicCall::Run(const dialtone::CallOptions& options, const OnReply& on_reply,
                              const OnMistake& on_mistake, dialtone::CallInfo& info) {
  switch (method_.method().kind) {
    case dialtone::MethodKind::kUnary:
      return RunUnary(options, on_reply, info);
    case dialtone::MethodKind::kServerStreaming:
      return RunServerStreaming(options, on_reply, info);
    case dialtone::MethodKind::kClientStreaming:
      return RunClientStreaming(options, on_reply, on_mistake, info);
    case dialtone::MethodKind::kBidirectionalStreaming:
      return RunBidirectional(options, on_reply, on_mistake, info);
  }
  return absl::InternalError("a method of no kind");
}

absl::StatusOr<std::unique_ptr<Message>> DynamicCall::OnlyRequest() {
  std::unique_ptr<Message> request = method_.NewRequest();
  absl::StatusOr<bool> given = requests_.Next(*request);
  if (!given.ok()) return given.status();
  // Who types is not asked for a second one.
  if (!*given || requests_.interactive()) return request;
  const std::unique_ptr<Message> second = method_.NewRequest();
  absl::StatusOr<bool> another = requests_.Next(*second);
  if (!another.ok()) return another.status();
  if (*another) {
    return UsageError(
        absl::StrCat(method_.descriptor().full_name(), " takes one message, and more were given"));
  }
  return request;
}

absl::Status DynamicCall::Deliver(const Empty& received, const OnReply& on_reply) const {
  const absl::StatusOr<std::unique_ptr<Message>> reply = method_.ReplyOf(received);
  if (!reply.ok()) return reply.status();
  on_reply(**reply);
  return absl::OkStatus();
}

absl::Status DynamicCall::RunUnary(const dialtone::CallOptions& options, const OnReply& on_reply,
                                   dialtone::CallInfo& info) {
  const absl::StatusOr<std::unique_ptr<Message>> request = OnlyRequest();
  if (!request.ok()) return request.status();
  auto call = dialtone::Call<Empty>(channel_, method_.method(), **request, options).Capture(info);
  const WhenInterrupted cancel([&call] { call.Cancel(); });
  const absl::StatusOr<Empty> reply = call.Wait();
  return reply.ok() ? Deliver(*reply, on_reply) : reply.status();
}

absl::Status DynamicCall::RunServerStreaming(const dialtone::CallOptions& options,
                                             const OnReply& on_reply, dialtone::CallInfo& info) {
  const absl::StatusOr<std::unique_ptr<Message>> request = OnlyRequest();
  if (!request.ok()) return request.status();
  auto replies =
      dialtone::ClientReader<Empty>(channel_, method_.method(), **request, options).Capture(info);
  const WhenInterrupted cancel([&replies] { replies.Cancel(); });
  absl::Status delivered;
  while (const Empty* reply = replies.Read().Wait()) {
    delivered = Deliver(*reply, on_reply);
    if (delivered.ok()) continue;
    replies.Cancel();
    break;
  }
  absl::Status ended = replies.Finish().Wait();
  return delivered.ok() ? ended : delivered;
}

absl::Status DynamicCall::WriteAll(const std::function<bool(const Message&)>& write,
                                   const OnMistake& on_mistake) {
  const std::unique_ptr<Message> request = method_.NewRequest();
  for (;;) {
    const absl::StatusOr<bool> given = requests_.Next(*request);
    if (!given.ok()) {
      if (!requests_.interactive() || !IsUsageError(given.status())) return given.status();
      on_mistake(given.status());
      continue;
    }
    if (!*given && !over_ && !Interrupted()) on_all_sent_();
    if (!*given || !write(*request)) return absl::OkStatus();
  }
}

absl::Status DynamicCall::RunClientStreaming(const dialtone::CallOptions& options,
                                             const OnReply& on_reply, const OnMistake& on_mistake,
                                             dialtone::CallInfo& info) {
  auto call =
      dialtone::ClientWriter<Message, Empty>(channel_, method_.method(), options).Capture(info);
  const WhenInterrupted cancel([&call] { call.Cancel(); });
  absl::Status written =
      WriteAll([&call](const Message& request) { return call.Write(request).Wait(); }, on_mistake);
  if (!written.ok()) call.Cancel();
  const absl::StatusOr<Empty> reply = call.Finish().Wait();
  if (!written.ok()) return written;
  return reply.ok() ? Deliver(*reply, on_reply) : reply.status();
}

absl::Status DynamicCall::RunBidirectional(const dialtone::CallOptions& options,
                                           const OnReply& on_reply, const OnMistake& on_mistake,
                                           dialtone::CallInfo& info) {
  auto call = dialtone::ClientReaderWriter<Message, Empty>(channel_, method_.method(), options)
                  .Capture(info);
  const WhenInterrupted cancel([&call] { call.Cancel(); });
  absl::Status written;
  // Beside the replies, which come when they like.
  std::thread writer([&] {
    written = WriteAll([&call](const Message& request) { return call.Write(request).Wait(); },
                       on_mistake);
    if (written.ok()) {
      call.HalfClose();
    } else {
      call.Cancel();
    }
  });
  absl::Status delivered;
  while (const Empty* reply = call.Read().Wait()) {
    delivered = Deliver(*reply, on_reply);
    if (!delivered.ok()) call.Cancel();
    if (!delivered.ok()) break;
  }
  // The call is over: who still waits for something to send need not.
  over_ = true;
  requests_.Stop();
  writer.join();
  absl::Status ended = call.Finish().Wait();
  if (!written.ok()) return written;
  return delivered.ok() ? ended : delivered;
}

}  // namespace dial
