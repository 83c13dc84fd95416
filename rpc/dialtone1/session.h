// What both sides of a connection share: reading frames, the exchange of prefaces and SETTINGS, the
// connection's windows, PING, bounds against floods, writing at the batch's end, and the ways in
// which a connection ends. What frames of calls mean is the business of ClientSession and
// ServerSession. Internal to dialtone1/.
//
//   connecting ─▶ handshake ─▶ open ─▶ closing ─▶ closed ─▶ OnFinished
//                               │      bytes still leave; what arrives is read and thrown away
//                               └─ lost ─────────▶
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "byte_account.h"
#include "codes.h"
#include "connection_info.h"
#include "dialtone/rpc/connection_limits.h"
#include "dialtone/rpc/metrics.h"
#include "dialtone/transport/byte_stream.h"
#include "dialtone/transport/instant.h"
#include "dialtone/transport/loop.h"
#include "dialtone/transport/timer.h"
#include "expected_pieces.h"
#include "frame.h"
#include "frame_reader.h"
#include "frame_writer.h"
#include "message_assembler.h"
#include "outbox.h"
#include "pings.h"
#include "preface.h"
#include "resting_state.h"
#include "server_protocol.h"
#include "settings.h"
#include "stream_state.h"
#include "window.h"
#include "window_tuner.h"
#include "write_pacing.h"

namespace dialtone::dialtone1 {

// What this side's SETTINGS say, given its limits.
Settings SettingsFor(const ConnectionLimits& limits);

// Everything happens under the loop's lead. Only OnFinished() may destroy the session, or its owner
// at a time when no method of it runs.
class Session : private ByteStream::Handler,
                private Loop::BatchEnd,
                private Outbox::Listener,
                private FrameReader::Placer {
 protected:
  // What keeping a message costs beside its bytes, about.
  static constexpr uint64_t kKeptMessageBytes = 64;
  // What packed messages become that is not worth the counting.
  static constexpr uint32_t kLittleUnpackedBytes = 4096;

  enum class Phase : uint8_t { kConnecting, kHandshake, kOpen, kClosing, kClosed };

  // `limits` outlive the session. `process_bytes` may be null: no budget but the connection's.
  Session(Loop& loop, Role role, const ConnectionLimits& limits, const Settings& own,
          ByteBudget* process_bytes);
  virtual ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // --- What the sides do ---

  // REQUEST, RESPONSE, DATA, CANCEL, and WINDOW of a stream. Its bytes are charged to the
  // connection already.
  virtual void OnFrame(const Frame& frame) = 0;
  // The same, of what nearly all frames are: kWholeRequest at a server, kWholeReply at a client.
  virtual void OnWhole(const WholeFrame& frame) = 0;
  // A client's: the stream stands; the server has said nothing yet.
  virtual void OnStreamConnected() {}
  // The peer speaks this protocol.
  virtual void OnPrefaceDone() {}
  // Of the stream's messages; null: it is not open, or nobody listens.
  virtual MessageAssembler* AssemblerOf(uint32_t stream) = 0;
  // The peer's SETTINGS have come; `window_raised` is by how much every stream's window has grown.
  virtual void OnPeerSettings(uint32_t window_raised) = 0;
  virtual void OnGoaway(const GoawayInfo& info) = 0;
  // What could be written has been, if that is waited for (TellOfWrites).
  virtual void OnWrote() {}
  // The byte stream is about to be closed.
  virtual void OnStreamClosing() {}
  // To a PING of that side's own.
  virtual void OnPingAnswer(uint32_t token) {}
  // So many calls are under way, whose callers wait for this peer or it for them.
  virtual uint32_t open_calls() const = 0;
  // At each batch's end, before what was gathered is written.
  virtual void OnBatch() {}
  // No frame comes or goes any more: every call ends. Once, before OnFinished().
  virtual void OnLost(const absl::Status& status) = 0;
  // The byte stream is gone. At a batch's end, again at each one that was asked for with
  // ScheduleBatchEnd(). The session may be destroyed from here.
  virtual void OnFinished() = 0;
  // For GOAWAY: the last stream that was taken.
  virtual uint32_t last_stream_taken() const = 0;
  // Something was refused or is about to be closed. For counting, at a server.
  virtual void OnLimit(ServerLimit limit) {}

  // --- Beginning ---

  // A client's: opens the stream; writes preface and SETTINGS ahead.
  void Connect(const Address& peer, const ConnectOptions& options);
  // A server's: goes on with a stream that has brought `first_bytes`.
  void Accept(std::unique_ptr<ByteStream> stream, std::string_view first_bytes);

  // --- Resting; at a server ---

  // Of the byte stream's handler.
  void OnReadable() final;
  // Something has been read since this was asked last.
  bool WasUsed() {
    return reads_ > std::exchange(reads_at_look_, std::max(reads_, reads_at_look_));
  }
  // Nothing is under way.
  bool MayRest() const;
  // Fills in what this part of a session knows, and hands the stream over.
  void Rest(RestingState& rest, CommonState& common);
  void Resume(RestingState& rest);
  static ConnectionInfo InfoOf(const Address& peer, const Settings& peer_settings);

  // --- Ending ---

  // The peer broke the protocol: says why, and closes. A server logs it.
  void Fail(const WireError& error);
  // The peer has kept within the protocol, but not within this side's patience: the same, with LIMIT.
  void EndWithLimit(ServerLimit limit, const std::string& why);
  // Closes in peace, once all that is queued has left: shuts down writing, then reads to the end.
  // `status` is what calls still under way end with.
  void SayGoodbye(const absl::Status& status);
  // Closes now.
  void Cut(const absl::Status& status);
  // The same, when what is queued has had one chance to leave.
  void CutWithLastWords(const absl::Status& status);

  // --- For frames ---

  // Charges a frame's bytes to its stream's window. False: overrun; the session has failed.
  bool Charge(uint32_t stream, ReceiveWindow& window, uint32_t bytes) {
    if (window.Arrive(bytes)) [[likely]] {
      return true;
    }
    FailOverrun(stream, window, bytes);
    return false;
  }
  // Frees them again; sends credit if it is worth it and `more` can come.
  void Release(uint32_t stream, ReceiveWindow& window, uint32_t bytes, bool more) {
    GiveCredit(stream, window, window.Release(bytes), more);
  }
  // ... of a message that is not whole.
  void ReleasePiece(uint32_t stream, ReceiveWindow& window, uint32_t bytes, bool more) {
    GiveCredit(stream, window, window.ReleasePiece(bytes), more);
  }
  // ... of all that the stream has brought.
  void ReleaseAll(uint32_t stream, ReceiveWindow& window, bool more) {
    GiveCredit(stream, window, window.ReleaseAll(), more);
  }
  // Accounts for a message that the call part keeps, and for one that it has taken. `held` is the
  // sum for its call.
  void Hold(uint64_t& held, uint64_t bytes) {
    held += bytes;
    bytes_.Add(bytes);
  }
  void LetGo(uint64_t& held, uint64_t bytes) {
    held -= bytes;
    bytes_.Subtract(bytes);
  }
  // Hands `frame` to `assembler` and keeps account of what incomplete messages hold.
  MessageAssembler::Result Assemble(MessageAssembler& assembler, const Frame& frame,
                                    uint32_t bytes_max, AssembledMessage& out);
  // What Assemble() notes of a message that has come whole, in one frame.
  void NoteWholeMessage() {
    expected_stream_ = 0;
    after_large_message_ = false;
  }
  // Of the one that is handled just now: see IncomingMessage::has_room.
  bool HasRoomBehind() const { return reader_.bytes_left() >= IncomingMessage::kRoomBytes; }
  // What the call part is told of a message that `assembler` has made whole, with its memory.
  // `charge` is what of the stream's window is held for it.
  IncomingMessage MakeIncoming(MessageAssembler& assembler, const AssembledMessage& message,
                               uint32_t charge) {
    IncomingMessage incoming;
    incoming.bytes = message.message;
    incoming.cost = MessageCost{
        charge, 0, message.message.size() + message.attachment.size() + kKeptMessageBytes};
    if (message.compressed || message.attached || assembler.capacity_bytes() != 0) [[unlikely]] {
      AddWhatIsSpecial(assembler, message, incoming);
    }
    return incoming;
  }
  // Gives up the message under way: the rest of it will be dropped.
  void Abandon(MessageAssembler& assembler);
  // Makes it as new, for another stream.
  void Renew(MessageAssembler& assembler) {
    if (assembler.incomplete() || assembler.capacity_bytes() != 0) [[unlikely]] {
      RenewSlow(assembler);
    }
  }
  // The frame that is handled just now does not count any more, where it was kept until it was whole.
  void ForgetFrame() {
    if (reader_.handed_out()) bytes_.Subtract(std::exchange(stash_charged_, 0));
  }
  // What is held for the peer.
  const ByteAccount& bytes() const { return bytes_; }
  // A frame that costs its sender nothing. False: too many of them; the session has failed.
  bool CountControlFrame();
  // A CANCEL, or an END by itself: each REQUEST pays for one of each, however late they come.
  bool CountCallFrame() { return paid_frames_ != 0 ? (--paid_frames_, true) : CountControlFrame(); }
  void PayCallFrames() { paid_frames_ = std::min(paid_frames_ + 2, kPaidFramesMax); }
  void ForgiveControlFrames() { control_frames_ = 0; }

  // A REQUEST or a RESPONSE is queued, and no more is done with the queue before the next one.
  void CountQueued() {
    if (pacing_.Count()) [[unlikely]] {
      WriteEarly();
    }
  }

  // From now on OnWrote() follows, each time, or does not.
  void TellOfWrites(bool tell) { tell_of_writes_ = tell; }

  // A call begins, or calls go on: from now on, silence is noticed.
  void WatchPeer() {
    if (!ping_timer_.armed()) [[unlikely]] {
      BeginToWatchPeer();
    }
  }

  // --- Looking ---

  Loop& loop() const { return loop_; }
  Phase phase() const { return phase_; }
  bool open() const { return phase_ == Phase::kOpen; }
  bool settings_read() const { return settings_read_; }
  // Frames may be queued: they will leave, or be lost with the connection.
  bool writable() const { return phase_ < Phase::kClosing; }
  Outbox& outbox() { return outbox_; }
  WriteQueue& queue() {
    ScheduleBatchEnd();
    return outbox_.queue();
  }
  const Outbox& outbox() const { return outbox_; }
  const Settings& peer_settings() const { return peer_; }
  const ConnectionLimits& limits() const { return limits_; }
  const Settings& own_settings() const { return own_; }
  const ConnectionInfo& connection_info() const { return info_; }
  ConnectionTraffic traffic() const;
  // Of the byte stream, while there is one.
  Address local() const { return stream_ == nullptr ? Address() : stream_->local(); }
  // Why the peer has ended the connection, if it said an error: "the peer ended the connection: LIMIT: …".
  const std::string& goaway_text() const { return goaway_text_; }
  // Read once a batch, at whose end something is to be done then.
  Instant BatchNow() { return batch_now_known_ ? batch_now_ : ReadBatchNow(); }
  // When what is handled just now was read, about: read once for all of it.
  Instant ReadNow() {
    if (read_now_ == Instant()) read_now_ = loop_.Now();
    return read_now_;
  }
  void ScheduleBatchEnd() {
    if (batch_end_scheduled_) return;
    batch_end_scheduled_ = true;
    loop_.AtBatchEnd(*this);
  }

 private:
  // --- ByteStream::Handler, Loop::BatchEnd ---
  void OnConnected(const absl::Status& status) final;
  void OnWritable() final;
  void OnBatchEnd() final;
  char* PlaceFor(const FrameHeader& header) final;

  // The block, packing and attachment of a message.
  void AddWhatIsSpecial(MessageAssembler& assembler, const AssembledMessage& message,
                        IncomingMessage& incoming);
  void RenewSlow(MessageAssembler& assembler);
  Instant ReadBatchNow();
  void FailOverrun(uint32_t stream, const ReceiveWindow& window, uint32_t bytes);
  // False: nothing was read.
  bool TakeRead(const IoResult& result);
  void ReadAnything();
  void ReadPieces();
  bool ReadExpected(uint32_t stream, MessageAssembler& assembler, std::span<char> rest,
                    uint32_t skip);
  void TakePiece(const ExpectedPieces::Piece& piece);
  void GiveCredit(uint32_t stream, ReceiveWindow& window, uint32_t grant, bool more) {
    if (grant != 0 && more && writable()) SendCredit(stream, window, grant);
  }
  void SendCredit(uint32_t stream, ReceiveWindow& window, uint32_t grant);
  void Consume(std::span<const char> bytes);
  void TakeFrames(std::span<const char> bytes);
  // False: none is left, or the session has failed.
  bool TakeFrame();
  // Charges a frame's bytes to the connection's window, and frees them at once. False: the session has failed.
  bool ChargeConnection(uint32_t bytes);
  // Charges what the reader keeps of a frame that is cut off to the account.
  void ChargeStash();
  // `assembler` gives up the memory in which the reader may have been given a place.
  void LeavePlace(const MessageAssembler& assembler) {
    if (placed_in_ != &assembler) return;
    reader_.LeavePlace();
    ChargeStash();
  }
  bool TakePreface(std::span<const char>& bytes);
  void RefusePreface(const PrefaceResult& result);
  void Dispatch(const Frame& frame);
  void TakeSettings(const Frame& frame);
  void TakePing(const Frame& frame);
  void AnswerPing(uint32_t token);
  void BeginToWatchPeer();
  void OnPingTimer();
  void TakeGoaway(const Frame& frame);
  void TakeConnectionWindow(const Frame& frame);
  void WriteEarly();
  void Flush();
  // At a server: more frames would only add to what the client does not read.
  bool MustStopReading() const;
  void BoundReading();
  void TakeUnread();
  void WatchForStall();
  void OnStallCheck();
  void OnPeerEnd();
  void OnTimeout();
  // A client has nothing to go by before the server's SETTINGS, and no call is answered.
  bool handshaking() const {
    return phase_ == Phase::kHandshake || (open() && role_ == Role::kClient && !settings_read_);
  }
  void DiscardInput();
  void TellLost(const absl::Status& status);
  void LogAtServer(const absl::Status& status) const;
  void ArmTimer(absl::Duration after);
  // "wait for reply from 127.0.0.1:7000: connection reset by peer"
  absl::Status LostStatus(std::string_view why) const;
  std::string WhyStreamFailed() const;

  Loop& loop_;
  const Role role_;
  const uint32_t whole_kind_;  // what nearly all frames of the peer are
  const ConnectionLimits& limits_;
  const Settings own_;
  Settings peer_;
  ConnectionInfo info_;
  ByteAccount bytes_;
  std::unique_ptr<ByteStream> stream_;
  Outbox outbox_;
  WritePacing pacing_;
  FrameReader reader_;
  MessageAssembler* placed_in_ = nullptr;  // where the reader has been given a place last
  size_t stash_charged_ = 0;
  uint32_t expected_stream_ = 0;  // of the piece that comes next, if all goes as it did
  std::string unread_;            // read from the stream, and left for later
  ReceiveWindow window_;
  WindowTuner tuner_;

  Phase phase_ = Phase::kConnecting;
  bool settings_read_ = false;  // the peer's
  bool batch_end_scheduled_ = false;
  bool batch_now_known_ = false;
  bool reading_paused_ = false;
  bool take_unread_ = false;
  bool peer_ended_ = false;
  bool write_shut_ = false;
  bool lost_told_ = false;
  bool tell_of_writes_ = false;
  bool after_large_message_ = false;
  uint32_t peer_last_stream_ = kNoLastStream;  // as its last GOAWAY said
  static constexpr uint32_t kPaidFramesMax = 1 << 20;
  uint32_t paid_frames_ = 0;
  uint32_t control_frames_ = 0;
  Instant control_since_;
  Instant batch_now_;
  Instant read_now_;    // Instant(): not known
  uint64_t reads_ = 0;  // that brought something
  uint64_t reads_at_look_ = 0;
  uint64_t bytes_read_ = 0;
  std::unique_ptr<PeerPings> peer_pings_;  // null: none has come yet
  Keepalive keepalive_;
  MemberTimer<&Session::OnPingTimer> ping_timer_{*this};
  uint64_t written_at_timer_ = 0;
  uint8_t preface_bytes_ = 0;
  char preface_[kPrefaceBytes];
  std::string goaway_text_;
  MemberTimer<&Session::OnTimeout> timer_{*this};
  // While the outbox is blocked: what had been written when, the last time that something was.
  uint64_t written_at_stall_ = 0;
  Instant stalled_since_;
  MemberTimer<&Session::OnStallCheck> stall_timer_{*this};
};

}  // namespace dialtone::dialtone1
