// One call of a ClientSession: what is known of it between its REQUEST and its RESPONSE with END.
// Internal to dialtone1/.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "client_protocol.h"
#include "message_assembler.h"
#include "outbox.h"
#include "stream_state.h"
#include "window.h"

namespace dialtone::dialtone1 {

class ClientSession;

// Belongs to its session, which reuses it. Its state is the session's to change.
class OutgoingCall final : public ClientStream, public OutStream {
 public:
  explicit OutgoingCall(ClientSession& session) : session_(session) {}

  // --- ClientStream ---
  bool Send(OutgoingMessage& message, bool end) override;
  void SendEnd() override;
  void TellWritten() override;
  void Taken(const MessageCost& cost) override;
  const ConnectionInfo& connection() const override;
  void Cancel(dialtone::CancelReason reason) override;

 private:
  friend class ClientSession;

  void Reset(uint32_t id, uint32_t send_window, uint32_t receive_window) {
    ResetOut(id, send_window);
    window_ = ReceiveWindow(receive_window);
    state_ = StreamState{StreamPhase::kOpen, false};
    ending_ = false;
    failed_early_ = false;
    end_given_ = false;
    has_data_ = false;
  }

  ClientSession& session_;
  ClientStreamHandler* handler_ = nullptr;  // null: given up, or told its end
  StreamState state_;
  bool ending_ = false;  // its last event is being told: nothing is to be sent for it any more
  bool failed_early_ = false;  // early_status_ says why, and is told at the batch's end
  bool given_up_ = false;      // a CANCEL has said so; its slot stays taken until the server's END
  bool end_given_ = false;     // the call part sends no more; END may still wait behind a message
  bool has_data_ = false;      // DATA has come: whatever the server says then, the call has run
  ReceiveWindow window_{0};
  uint64_t held_bytes_ = 0;  // of messages that the call part keeps
  uint64_t reply_bytes_max_ = 0;
  uint64_t request_end_ = 0;  // how many bytes have been queued when the whole REQUEST frame was
  MessageAssembler assembler_;
  absl::Status early_status_;
};

}  // namespace dialtone::dialtone1
