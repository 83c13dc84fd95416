// A client's connection: its calls by stream id, and what becomes of them. Internal to dialtone1/.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "call_metadata.h"
#include "client_connection.h"
#include "client_protocol.h"
#include "method_table.h"
#include "outgoing_call.h"
#include "session.h"
#include "stream_ids.h"
#include "stream_table.h"

namespace dialtone::dialtone1 {

// Its own copy, made before the session is: whoever opened the connection may be gone before it has closed.
struct KeptLimits {
  const ConnectionLimits kept_limits;
};

class ClientSession final : public ClientConnection, private KeptLimits, private Session {
 public:
  ClientSession(Loop& loop, const ConnectionLimits& limits, const ClientOptions& options,
                Owner& owner);
  ~ClientSession() override;
  void Begin(const Address& peer, const ConnectOptions& connect);

  // --- ClientConnection ---
  bool has_capacity() const override;
  uint32_t calls_in_flight() const override {
    return static_cast<uint32_t>(calls_.size() + early_.size());
  }
  const Address& local() const override { return local_; }
  ConnectionTraffic traffic() const override { return Session::traffic(); }
  ClientStream* Start(ClientStreamHandler& handler, const RequestHead& head,
                      OutgoingMessage* message, bool end) override;
  void Drain() override;
  void Close(const absl::Status& status) override;

 private:
  friend class OutgoingCall;

  struct BoundMethod {
    const Method* method = nullptr;
    uint32_t id = 0;
  };

  // A call that wants to be told when its request has left.
  struct Unwritten {
    uint32_t id;
    uint64_t
        end;  // how many bytes have been queued with it; 0: it waits for its turn or for credit
  };
  // True: it has left, which its call was told, or its call is not there any more.
  bool IsWritten(Unwritten& request);

  // --- Session ---
  void OnFrame(const Frame& frame) override;
  void OnWhole(const WholeFrame& frame) override;
  void OnStreamConnected() override;
  void OnPrefaceDone() override;
  void OnPeerSettings(uint32_t window_raised) override;
  void OnGoaway(const GoawayInfo& info) override;
  void OnBatch() override;
  void OnWrote() override;
  void OnStreamClosing() override { owner_.OnClosing(*this); }
  void OnLost(const absl::Status& status) override;
  void OnFinished() override;
  MessageAssembler* AssemblerOf(uint32_t stream) override;
  uint32_t open_calls() const override { return static_cast<uint32_t>(calls_.size()); }
  uint32_t last_stream_taken() const override { return 0; }  // a server opens no streams
  void OnLastFrameQueued(OutStream&) override {}             // a client's calls end with a message
  void OnStreamWritable(OutStream& stream) override;

  // --- Sending ---
  // The id that the method was bound to, if that was not too many methods ago; else 0.
  uint32_t RecentId(const Method& method) {
    const BoundMethod& recent = RecentPlace(method);
    return recent.method == &method ? recent.id : 0;
  }
  BoundMethod& RecentPlace(const Method& method) {
    return recent_methods_[(reinterpret_cast<uintptr_t>(&method) / sizeof(Method)) %
                           recent_methods_.size()];
  }
  // The method's id, if that is bound and the request has a deadline and a plain message, and nothing else: it goes as
  // kWholeRequest then, if it fits and there is credit. Else 0.
  inline uint32_t MethodOfWhole(const RequestHead& head, const OutgoingMessage* message, bool end);
  void SendEncoded(OutgoingCall& call, const TimePrefix& time, OutgoingMessage* message, bool end);
  ClientMethodTable::Use UseMethod(const Method& method);
  absl::Status EncodeRequest(const RequestHead& head, const OutgoingMessage* message);
  absl::Status CheckMessage(const OutgoingMessage& message) const {
    if (message.plain() && message.size() <= peer_settings().max_message_bytes) [[likely]] {
      return absl::OkStatus();
    }
    return CheckMessageSlow(message);
  }
  absl::Status CheckMessageSlow(const OutgoingMessage& message) const;
  absl::Status NoAttachments() const;
  // The SETTINGS give each stream so many bytes more. False: the session has failed.
  bool RaiseWindows(uint32_t bytes);
  // Of those that began before the server's SETTINGS had come.
  void SendWhatIsAttached();
  ClientStream* FailEarly(OutgoingCall& call, absl::Status status);
  bool Send(OutgoingCall& call, OutgoingMessage& message, bool end);
  void SendEnd(OutgoingCall& call);
  void Taken(OutgoingCall& call, const MessageCost& cost);
  void Cancel(OutgoingCall& call, dialtone::CancelReason reason);
  void SendCancel(OutgoingCall& call, CancelReason reason);
  void TellWritten(const OutgoingCall& call);
  // --- Receiving ---
  inline bool MayTakeWhole(const OutgoingCall& call, const WholeFrame& frame) const;
  void TakeWholeReply(OutgoingCall& call, const WholeFrame& frame);
  void TakeMessage(OutgoingCall& call, const Frame& frame, bool deliver);
  void Deliver(OutgoingCall& call, const AssembledMessage& assembled, uint32_t charge);
  void TakeHeaders(OutgoingCall& call, const Frame& frame);
  void TakeEnd(OutgoingCall& call, const Frame& frame);
  absl::Status CheckMetadataSize(const Frame& frame) const;
  void FailCall(OutgoingCall& call, absl::Status status, CancelReason reason);
  void BoundHeld();

  // --- Ends ---
  OutgoingCall& NewCall() {
    if (free_calls_.empty()) [[unlikely]] {
      return MakeCall();
    }
    OutgoingCall& call = *free_calls_.back();
    free_calls_.pop_back();
    return call;
  }
  OutgoingCall& MakeCall();
  // Takes a call out of the table; its object may be used anew from now on.
  void Free(OutgoingCall& call);
  void End(OutgoingCall& call, StreamEnd&& end);
  void EndEarlyOnes();
  void CloseIfDrained();

  Owner& owner_;
  Address local_;
  const ClientOptions options_;
  StreamTable<OutgoingCall> calls_;
  size_t given_up_ = 0;                                   // of calls_
  std::vector<std::unique_ptr<OutgoingCall>> all_calls_;  // in use or free
  std::vector<OutgoingCall*> free_calls_;
  std::vector<OutgoingCall*> early_;  // ended before they were sent; told at the batch's end
  StreamIdSource ids_;
  ClientMethodTable methods_;
  std::array<BoundMethod, 16> recent_methods_;  // a shortcut past the table, by address
  std::string block_;                           // the metadata of the REQUEST being encoded
  ClientMethodTable::Use use_;                  // ... and its method

  std::vector<Unwritten> unwritten_;
  uint64_t settings_end_ = 0;  // how many bytes have been queued with them; 0: they have left

  bool draining_ = false;
  bool draining_told_ = false;  // or need not be told
  bool full_ = false;  // the owner has seen has_capacity() turn false for want of a free slot
  bool closed_told_ = false;
  bool preface_done_ = false;
  bool ready_told_ = false;
  absl::Status closed_status_;
};

inline bool OutgoingCall::Send(OutgoingMessage& message, bool end) {
  return session_.Send(*this, message, end);
}
inline void OutgoingCall::SendEnd() { session_.SendEnd(*this); }
inline void OutgoingCall::TellWritten() { session_.TellWritten(*this); }
inline void OutgoingCall::Taken(const MessageCost& cost) { session_.Taken(*this, cost); }
inline const ConnectionInfo& OutgoingCall::connection() const { return session_.info(); }
inline void OutgoingCall::Cancel(dialtone::CancelReason reason) { session_.Cancel(*this, reason); }

}  // namespace dialtone::dialtone1
