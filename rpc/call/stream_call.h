// A streaming call on the server's side. Internal to rpc/.
//
//   server streaming   Start ─▶ OnMessage, OnHalfClose ─▶ handler
//   the other two      Start ─▶ handler; OnMessage, OnHalfClose ─▶ port ─▶ Read()
#pragma once

#include "dialtone/rpc/service.h"
#include "handled_call.h"
#include "message_port.h"

namespace dialtone::internal {

class StreamCall final : public HandledCall, private MessagePort::Owner {
 public:
  void Destroy() override { DestroyInBlock(*this); }
  void Reset() override;

 private:
  friend class HandledCall;  // makes it
  StreamCall(ServerLoop& loop, const ServerMethod& method, size_t block_bytes)
      : HandledCall(loop, method, block_bytes) {}
  ~StreamCall() = default;

  bool client_streams() const {
    return server_method().handler->method->kind != MethodKind::kServerStreaming;
  }

  // --- ServerStreamHandler ---
  void OnMessage(IncomingMessage& message) override;
  void OnHalfClose() override;
  void OnWritable() override { port_.OnWritable(); }

  // --- HandledCall ---
  bool OnStarted() override;
  void OnGivenUp() override { port_.Fail(); }
  bool IsCutShortByItsContext() const override { return true; }
  Task<absl::Status> MakeTask() override;
  absl::Status CallPlain() override;
  const google::protobuf::MessageLite* ReplyToSend() override;
  void OnFinished() override;

  // --- MessagePort::Owner ---
  bool CanSend() const override { return stream() != nullptr; }
  bool SendOut(OutgoingMessage& message, bool last) override;
  void SendHalfClose() override {}
  void GiveBack(const MessageCost& cost) override {
    if (stream() != nullptr) stream()->Taken(cost);
  }
  void BeforeParsing(size_t bytes) override { PassRequest(bytes); }
  void OnInvalidMessage(const absl::Status& parsed) override;
  void OnMessageRead(const google::protobuf::MessageLite& message) override {
    TellMessageIn(message);
  }
  void OnMessageWritten(const google::protobuf::MessageLite& message) override {
    TellMessageOut(message);
  }
  Workers& port_workers() override;
  PackingPlan port_packing() const override { return packing(); }
  bool MayUnpack(Compression algorithm) const override { return unpacks().has(algorithm); }
  CompressionSet port_unpacks() const override { return unpacks(); }
  std::string_view port_method() const override { return method(); }

  MessagePort port_{*this};
  StreamParts parts_{};
  bool replied_ = false;  // a message has gone to the client
  size_t headers_ = 0;    // that went before it
};

}  // namespace dialtone::internal
