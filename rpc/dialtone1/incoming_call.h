// One call of a ServerSession: what is known of it between its REQUEST and its RESPONSE with END.
// Internal to dialtone1/.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "message_assembler.h"
#include "outbox.h"
#include "server_protocol.h"
#include "stream_state.h"
#include "window.h"

namespace dialtone::dialtone1 {

class ServerSession;

// Belongs to its session, which reuses it. Its state is the session's to change.
class IncomingCall final : public ServerStream, public OutStream {
 public:
  explicit IncomingCall(ServerSession& session) : session_(session) {}

  // --- ServerStream ---
  absl::Status CheckHeaders(const Metadata& initial) override;
  absl::Status CheckMessage(const OutgoingMessage& message) override;
  void SendHeaders(const Metadata& initial) override;
  bool Send(OutgoingMessage& message) override;
  void Taken(const MessageCost& cost) override;
  void Finish(const ServerEnd& end) override;
  const ConnectionInfo& connection() const override;

 private:
  friend class ServerSession;

  void Reset(uint32_t id, uint32_t send_window, uint32_t receive_window, bool half_closed) {
    ResetOut(id, send_window);
    window_ = ReceiveWindow(receive_window);
    state_.phase = half_closed ? StreamPhase::kHalfClosedRemote : StreamPhase::kOpen;
    state_.replied = false;
    handler_ = nullptr;
    finished_ = false;
    cancel_told_ = false;
    failed_ = false;
  }
  // What counts until the handler has ended.
  bool has_more_held() const { return (metadata_bytes_ | unpacked_bytes_) != 0; }

  ServerSession& session_;
  IncomingCall* next_free_ = nullptr;       // while it is no call's
  ServerStreamHandler* handler_ = nullptr;  // null before Begin() has returned and after Finish()
  StreamState state_;
  bool finished_ = false;     // Finish() was called; what it said may still wait for credit
  bool cancel_told_ = false;  // ... or nobody is there to be told
  bool failed_ =
      false;  // the protocol has given the call up: failure_ is its end, whatever the handler says
  ReceiveWindow window_{0};
  uint64_t held_bytes_ = 0;      // of messages that the call part keeps
  uint64_t metadata_bytes_ = 0;  // of what it keeps until the call's handler has ended
  uint64_t unpacked_bytes_ =
      0;  // of the message that the handler has, or of the largest that waits, if they came packed
  MessageAssembler assembler_;
  absl::Status failure_;
};

}  // namespace dialtone::dialtone1
