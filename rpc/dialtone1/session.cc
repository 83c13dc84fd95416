#include "session.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compressions.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"

namespace dialtone::dialtone1 {
namespace {

// A WINDOW that gives back less than this is counted as a frame without use: receivers return half
// a window at a time.
constexpr uint32_t kUsefulCreditBytes = 16 * 1024;
// After so much has been written, it is looked whether the peer reads.
constexpr size_t kChargeBytes = 64 * 1024;
// Behind a message of so many bytes another one most likely follows.
constexpr uint32_t kLargeMessageMin = 256 * 1024;
// What is kept of a smaller frame is not worth the counting, which all threads share.
constexpr size_t kChargedStashMin = 4096;

}  // namespace

Settings SettingsFor(const ConnectionLimits& limits) {
  Settings settings;
  settings.max_streams = std::max(limits.streams_max, kMinMaxStreams);
  settings.stream_window = std::clamp(limits.stream_window_bytes, kMinStreamWindow, kMaxWindow);
  settings.connection_window =
      std::clamp(limits.connection_window_bytes, kMinConnectionWindow, kMaxWindow);
  settings.max_methods = std::clamp(limits.methods_max, kMinMaxMethods, kMaxMaxMethods);
  settings.max_metadata_bytes =
      std::clamp(limits.metadata_bytes_max, kMinMaxMetadataBytes, kMaxMetadataBlockBytes);
  settings.max_message_bytes = static_cast<uint32_t>(
      std::min<uint64_t>(limits.message_bytes_max, std::numeric_limits<uint32_t>::max()));
  settings.features = kFeatureAttached;
  settings.compressions = limits.accept_compressed ? AvailableAlgorithms() : 0;
  if (settings.compressions != 0) settings.features |= kFeatureCompressed;
  return settings;
}

Session::Session(Loop& loop, Role role, const ConnectionLimits& limits, const Settings& own,
                 ByteBudget* process_bytes)
    : loop_(loop),
      role_(role),
      whole_kind_(role == Role::kServer ? kWholeRequest : kWholeReply),
      limits_(limits),
      own_(own),
      bytes_(limits.bytes_in_flight_max, process_bytes),
      // Requests that wait are their callers': what is charged is what a peer makes this side hold.
      outbox_(*this, limits.write_queue_bytes_max, role == Role::kServer ? &bytes_ : nullptr),
      reader_(own.accepted_flags(), own.accepted_compressions()),
      window_(own.connection_window),
      tuner_(own.stream_window, std::min(limits.window_bytes_max, kMaxWindow)),
      keepalive_(limits) {
  info_ = InfoOf(Address(), peer_);
  reader_.SetPlacer(*this);
}

Session::~Session() {
  loop_.Disarm(timer_);
  loop_.Disarm(stall_timer_);
  loop_.Disarm(ping_timer_);
}

// --- Beginning ---

void Session::Connect(const Address& peer, const ConnectOptions& options) {
  info_.peer = peer;
  outbox_.queue().Append(kPreface);
  AppendSettings(outbox_.queue(), own_);
  stream_ = loop_.Connect(peer, options, *this);
}

void Session::Accept(std::unique_ptr<ByteStream> stream, std::string_view first_bytes) {
  stream_ = std::move(stream);
  stream_->SetHandler(*this);
  info_.peer = stream_->peer();
  phase_ = Phase::kHandshake;
  bytes_read_ = first_bytes.size();
  reads_at_look_ = 1;  // of the rest of its settings
  Consume(std::span<const char>(first_bytes.data(), first_bytes.size()));
}

void Session::OnConnected(const absl::Status& status) {
  if (!status.ok()) {
    Cut(status);
    return;
  }
  phase_ = Phase::kHandshake;
  ArmTimer(limits_.handshake_timeout);
  ScheduleBatchEnd();
  OnStreamConnected();
}

// --- Reading ---

ConnectionTraffic Session::traffic() const {
  ConnectionTraffic traffic;
  traffic.bytes_in = bytes_read_;
  traffic.bytes_out = outbox_.flushed_bytes();
  if (stream_ != nullptr) traffic.tcp = stream_->tcp_info();
  return traffic;
}

void Session::Consume(std::span<const char> bytes) {
  if (phase_ == Phase::kHandshake && !TakePreface(bytes)) return;
  if (!open()) return;
  TakeFrames(bytes);
  if ((reader_.stash_bytes() | stash_charged_) != 0) ChargeStash();
}

inline bool Session::ChargeConnection(uint32_t bytes) {
  if (!window_.Pass(bytes)) [[unlikely]] {
    FailOverrun(0, window_, bytes);
    return false;
  }
  tuner_.Arrive(bytes);
  GiveCredit(0, window_, window_.TakeGrant(), true);
  return true;
}

void Session::TakeFrames(std::span<const char> bytes) {
  reader_.Feed(bytes);
  WholeFrame whole;
  while (open()) {
    if (reader_.NextWhole(whole_kind_, whole)) [[likely]] {
      if (ChargeConnection(whole.charge())) OnWhole(whole);
    } else if (!TakeFrame()) {
      return;
    }
    // One read may bring thousands of small requests, whose replies may be large.
    if (role_ == Role::kServer && outbox_.uncharged_bytes() >= kChargeBytes) [[unlikely]] {
      outbox_.ChargeQueue();
      if (!MustStopReading()) continue;
      Flush();
      // Not whether it must stop now, which other threads change: while reading goes on, what it brings would come before what
      // is put back here.
      if (!open() || !reading_paused_) continue;
      unread_ = reader_.TakeBack();
      bytes_.Add(unread_.size());
      return;
    }
  }
}

bool Session::TakeFrame() {
  Frame frame;
  const FrameReader::Result result = reader_.Next(frame);
  for (uint32_t passed = reader_.TakePassedOver(); passed > 0; --passed) {
    if (!CountControlFrame()) return false;
  }
  if (result == FrameReader::Result::kNeedMore) return false;
  if (result == FrameReader::Result::kError) {
    Fail(reader_.error());
    return false;
  }
  Dispatch(frame);
  return true;
}

// False: the preface is not whole yet, or not one of ours. Otherwise `bytes` is what follows it.
bool Session::TakePreface(std::span<const char>& bytes) {
  const size_t wanted = std::min(bytes.size(), kPrefaceBytes - preface_bytes_);
  std::memcpy(preface_ + preface_bytes_, bytes.data(), wanted);
  preface_bytes_ = static_cast<uint8_t>(preface_bytes_ + wanted);
  const PrefaceResult result = MatchPreface(std::string_view(preface_, preface_bytes_));
  if (result.match == PrefaceMatch::kNeedMore) return false;
  if (role_ == Role::kServer) outbox_.queue().Append(kPreface);
  if (result.match != PrefaceMatch::kMine) {
    RefusePreface(result);
    return false;
  }
  bytes = bytes.subspan(wanted);
  phase_ = Phase::kOpen;
  if (role_ == Role::kServer) AppendSettings(queue(), own_);
  if (open_calls() != 0 || limits_.ping_without_calls) WatchPeer();
  OnPrefaceDone();
  return true;
}

void Session::Dispatch(const Frame& frame) {
  switch (frame.type()) {
    case FrameType::kRequest:
    case FrameType::kResponse:
    case FrameType::kData: {
      const uint32_t charge = frame.charge();
      if (charge == 0 || ChargeConnection(charge)) OnFrame(frame);
      return;
    }
    case FrameType::kCancel:
      if (CountCallFrame()) OnFrame(frame);
      return;
    case FrameType::kWindow:
      if (frame.header.argument < kUsefulCreditBytes && !CountControlFrame()) return;
      if (frame.header.stream == 0) {
        TakeConnectionWindow(frame);
      } else {
        OnFrame(frame);
      }
      return;
    case FrameType::kSettings:
      TakeSettings(frame);
      return;
    case FrameType::kPing:
      TakePing(frame);
      return;
    case FrameType::kGoaway:
      TakeGoaway(frame);
      return;
  }
}

// --- For frames ---

void Session::FailOverrun(uint32_t stream, const ReceiveWindow& window, uint32_t bytes) {
  Fail(WireError{GoawayReason::kFlowControl,
                 absl::StrCat(bytes, " bytes arrived on ",
                              stream == 0 ? "the connection" : absl::StrCat("stream ", stream),
                              ", whose window has ", window.credit(), " left")});
}

// A window grows only where credit goes back, so one of which nothing is taken does not; and not when
// much is held already.
void Session::SendCredit(uint32_t stream, ReceiveWindow& window, uint32_t grant) {
  if (window.size() < tuner_.target() && bytes_.half_free()) {
    grant += window.GrowTo(tuner_.target());
  }
  AppendWindow(queue(), stream, grant);
  if (!open() || !tuner_.MayBegin(BatchNow())) return;
  tuner_.Begin(loop_.Now());
  AppendPing(queue(), kMeasureToken, /*answer=*/false);
}

// A frame may stay cut off for as long as its sender likes. That belongs to no call, so what gives way are others' messages.
void Session::ChargeStash() {
  const size_t kept = reader_.stash_bytes();
  const size_t before = std::exchange(stash_charged_, kept < kChargedStashMin ? 0 : kept);
  if (stash_charged_ < before) bytes_.Subtract(before - stash_charged_);
  if (stash_charged_ <= before) return;
  bytes_.Add(stash_charged_ - before);
  if (bytes_.over()) ScheduleBatchEnd();
}

MessageAssembler::Result Session::Assemble(MessageAssembler& assembler, const Frame& frame,
                                           uint32_t bytes_max, AssembledMessage& out) {
  const size_t before = assembler.capacity_bytes();
  const MessageAssembler::Result result = assembler.Add(frame, bytes_max, out);
  // A sender that cuts its messages as small as it likes is not foretold.
  const bool full = frame.message.size() == kMaxPieceBytes;
  expected_stream_ =
      full && result == MessageAssembler::Result::kIncomplete ? frame.header.stream : 0;
  if (result == MessageAssembler::Result::kMessage)
    after_large_message_ = assembler.capacity_bytes() >= kLargeMessageMin;
  const size_t after = assembler.capacity_bytes();
  if (after > before) bytes_.Add(after - before);
  if (after < before) bytes_.Subtract(before - after);
  return result;
}

void Session::AddWhatIsSpecial(MessageAssembler& assembler, const AssembledMessage& message,
                               IncomingMessage& incoming) {
  incoming.packing = Packing{AlgorithmOf(message.algorithm), message.original_size};
  if (message.compressed && message.original_size > kLittleUnpackedBytes)
    incoming.cost.unpacked_bytes = message.original_size;
  if (assembler.capacity_bytes() != 0) {
    bytes_.Subtract(assembler.capacity_bytes());
    incoming.block = assembler.TakeBlock();
  }
  if (!message.attachment.empty()) {
    incoming.attachment = incoming.block == nullptr
                              ? Attachment::Copy(message.attachment)
                              : Attachment::Share(incoming.block, message.attachment);
  }
}

void Session::Abandon(MessageAssembler& assembler) {
  LeavePlace(assembler);
  const size_t before = assembler.capacity_bytes();
  assembler.Abandon();
  bytes_.Subtract(before - assembler.capacity_bytes());
}

void Session::RenewSlow(MessageAssembler& assembler) {
  LeavePlace(assembler);
  bytes_.Subtract(assembler.capacity_bytes());
  assembler = MessageAssembler();
}

Instant Session::ReadBatchNow() {
  batch_now_ = loop_.Now();
  batch_now_known_ = true;
  ScheduleBatchEnd();  // which forgets it
  return batch_now_;
}

}  // namespace dialtone::dialtone1
