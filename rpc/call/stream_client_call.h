// A streaming call on the client's side: a ClientCall with a port for its messages. Internal to rpc/.
#pragma once

#include <google/protobuf/message_lite.h>

#include <atomic>

#include "client_call.h"
#include "message_port.h"

namespace dialtone::internal {

// What is read, or a client-streaming call's one reply, lies in reply(). Never runs out of time by
// itself, unless it was given a timeout or its context has a deadline.
class StreamClientCall final : public ClientCall, private MessagePort::Owner {
 public:
  // There is no `request` for methods whose client streams.
  static StreamClientCall* Make(ChannelCore& channel, const Method& method,
                                const FirstMessage& request, const CallOptions& options,
                                const ReplyType& reply_type);

  // --- The handle's side ---

  MessagePort& port() { return port_; }
  // Behind what was written: the server reads the end. Once is enough.
  void HalfClose() {
    if (!half_close_called_.exchange(true, std::memory_order_relaxed)) RunOnLoop(half_close_work_);
  }
  // Half-closes, and drops what arrives from now on: nothing but the end is waited for.
  void BeginFinish() { RunOnLoop(finish_work_); }

 private:
  friend class ClientCall;  // makes it
  StreamClientCall(ChannelCore& channel, const Method& method, const FirstMessage& request,
                   const CallOptions& options, const ReplyType& reply_type);
  ~StreamClientCall() = default;

  bool reads() const { return method().kind != MethodKind::kClientStreaming; }
  bool writes() const { return method().kind != MethodKind::kServerStreaming; }
  // At once, or posted. `work` gives back the reference that is taken for it.
  void RunOnLoop(Work& work);
  void HalfCloseOnLoop();
  // The server may have said it only now.
  void NoteWhatIsUnpacked() {
    const CompressionSet said = port_unpacks();
    if (!said.empty()) unpacked_.store(said, std::memory_order_relaxed);
  }
  void FinishOnLoop();

  // --- ClientCall ---
  void Destroy() override { DestroyInBlock(*this); }
  void OnBegun() override { port_.Open(loop(), context_state()); }
  void OnSent() override {
    NoteWhatIsUnpacked();
    port_.OnSendable();
  }
  bool MayBeSentAgain() const override { return ClientCall::MayBeSentAgain() && port_.untouched(); }
  void OnGivenUp() override { port_.Fail(); }
  void OnEnding() override { port_.EndBoth(); }
  void OnMessage(IncomingMessage& message) override;
  void OnWritable() override { port_.OnWritable(); }

  // --- MessagePort::Owner ---
  bool CanSend() const override { return stream() != nullptr; }
  bool SendOut(OutgoingMessage& message, bool last) override {
    CountMessageOut(message);
    NoteWhatIsUnpacked();
    return stream()->Send(message, last);
  }
  void SendHalfClose() override { stream()->SendEnd(); }
  void GiveBack(const MessageCost& cost) override {
    if (stream() != nullptr) stream()->Taken(cost);
  }
  void BeforeParsing(size_t bytes) override { PassReply(bytes); }
  void OnInvalidMessage(const absl::Status& parsed) override;
  void OnMessageRead(const google::protobuf::MessageLite& message) override {
    TellMessageIn(message);
  }
  void OnMessageWritten(const google::protobuf::MessageLite& message) override {
    TellMessageOut(message);
  }
  Workers& port_workers() override;
  PackingPlan port_packing() const override { return packing(); }
  bool MayUnpack(Compression algorithm) const override {
    return unpacked_.load(std::memory_order_relaxed).has(algorithm);
  }
  CompressionSet port_unpacks() const override { return stream()->connection().compressions; }
  std::string_view port_method() const override { return method().path; }

  Runtime& runtime_;  // what has arrived can be read when the channel is gone
  // A hint, which no other memory depends on: at first what the channel knows. Messages are packed ahead by threads that do
  // not know whether the channel is still there.
  std::atomic<CompressionSet> unpacked_;
  MessagePort port_{*this};
  std::atomic<bool> half_close_called_{false};
  MemberWork<&StreamClientCall::HalfCloseOnLoop> half_close_work_{*this};
  MemberWork<&StreamClientCall::FinishOnLoop> finish_work_{*this};
};

}  // namespace dialtone::internal
