// A call of a method that is known by its descriptor alone, of any of the four kinds.
//
// Requests are what the descriptor makes of them. Replies arrive as google.protobuf.Empty, the one message that takes any
// bytes for its own: what it does not know it keeps. They become messages of the method's type here.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "dialtone/rpc/call_info.h"
#include "dialtone/rpc/call_options.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/method.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/message.h"
#include "requests.h"

namespace dial {

// Outlives the channels that it was called on: they keep pointers to it.
class DynamicMethod {
 public:
  // All three outlive it.
  DynamicMethod(const google::protobuf::MethodDescriptor& descriptor,
                google::protobuf::MessageFactory& messages);
  DynamicMethod(const DynamicMethod&) = delete;
  DynamicMethod& operator=(const DynamicMethod&) = delete;

  const google::protobuf::MethodDescriptor& descriptor() const { return descriptor_; }
  const dialtone::Method& method() const { return method_; }
  std::unique_ptr<google::protobuf::Message> NewRequest() const;
  // DATA_LOSS: the bytes are no such message, so the server has another schema.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> ReplyOf(
      const google::protobuf::Empty& received) const;

 private:
  const google::protobuf::MethodDescriptor& descriptor_;
  google::protobuf::MessageFactory& messages_;
  const std::string path_;
  const dialtone::Method method_;
};

// Used by one thread, which Run() blocks.
class DynamicCall {
 public:
  using OnReply = std::function<void(const google::protobuf::Message&)>;
  using OnMistake = std::function<void(const absl::Status&)>;

  // All outlive it.
  DynamicCall(dialtone::Channel& channel, const DynamicMethod& method, Requests& requests)
      : channel_(channel), method_(method), requests_(requests) {}

  // Called when a client that streams has no more to send, before it half-closes; on any thread.
  void set_on_all_sent(std::function<void()> on_all_sent) { on_all_sent_ = std::move(on_all_sent); }

  // Makes the call to its end; gives each reply to `on_reply` as it comes. A wrong request ends it with USAGE, unless it was
  // typed at a terminal: then `on_mistake` is told and the next one counts. Ctrl-C ends it with CANCELLED. What came beside
  // the replies is in `info`.
  absl::Status Run(const dialtone::CallOptions& options, const OnReply& on_reply,
                   const OnMistake& on_mistake, dialtone::CallInfo& info);

 private:
  absl::Status RunUnary(const dialtone::CallOptions& options, const OnReply& on_reply,
                        dialtone::CallInfo& info);
  absl::Status RunServerStreaming(const dialtone::CallOptions& options, const OnReply& on_reply,
                                  dialtone::CallInfo& info);
  absl::Status RunClientStreaming(const dialtone::CallOptions& options, const OnReply& on_reply,
                                  const OnMistake& on_mistake, dialtone::CallInfo& info);
  absl::Status RunBidirectional(const dialtone::CallOptions& options, const OnReply& on_reply,
                                const OnMistake& on_mistake, dialtone::CallInfo& info);
  absl::Status Deliver(const google::protobuf::Empty& received, const OnReply& on_reply) const;
  // The one request of methods that take one; none given: an empty one.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> OnlyRequest();
  // Sends all requests by `write`, until it returns false.
  absl::Status WriteAll(const std::function<bool(const google::protobuf::Message&)>& write,
                        const OnMistake& on_mistake);

  dialtone::Channel& channel_;
  const DynamicMethod& method_;
  Requests& requests_;
  std::function<void()> on_all_sent_ = [] {};
  std::atomic<bool> over_{false};  // requests that come to their end now have been stopped
};

}  // namespace dial
