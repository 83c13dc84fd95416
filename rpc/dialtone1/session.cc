#include "session.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compressions.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone::dialtone1 {
namespace {

// A WINDOW that gives back less than this is counted as a frame without use: receivers return half
// a window at a time.
constexpr uint32_t kUsefulCreditBytes = 16 * 1024;
// After so much has been written, it is looked whether the peer reads.
constexpr size_t kChargeBytes = 64 * 1024;
// Of large pieces that are read to their place: how many a turn, and what may come behind each, which is copied.
constexpr int kPlacedReadsMax = 4;
constexpr size_t kBehindPlaceBytes = 4 * 1024;
// Behind a message of so many bytes another one most likely follows: its first piece, which has no place yet, is read and
// copied, and hardly more.
constexpr uint32_t kLargeMessageMin = 256 * 1024;
constexpr size_t kBeginningBytes = kMaxPieceBytes + kBehindPlaceBytes;

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
      limits_(limits),
      own_(own),
      bytes_(limits.bytes_in_flight_max, process_bytes),
      // Requests that wait are their callers': what is charged is what a peer makes this side hold.
      outbox_(*this, limits.write_queue_bytes_max, role == Role::kServer ? &bytes_ : nullptr),
      reader_(own.accepted_flags(), own.accepted_compressions()),
      window_(own.connection_window),
      tuner_(own.stream_window, std::min(limits.window_bytes_max, kMaxWindow)),
      keepalive_(limits) {
  info_.protocol = "dialtone/1";
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

void Session::OnReadable() {
  if (open() && !reader_.place().empty()) return ReadPlaced();
  if (const uint32_t stream = std::exchange(expected_stream_, 0); stream != 0 && open())
    return ReadExpected(stream);
  // One read a turn, and a few more to places in large messages, so that a busy peer starves no other
  // connection; the loop calls again while there is more.
  std::span<char> scratch = loop_.scratch();
  if (open() && after_large_message_) scratch = scratch.first(kBeginningBytes);
  const IoResult result = stream_->Read(scratch);
  if (!TakeRead(result)) return;
  Consume(scratch.first(result.bytes));
  if (result.bytes == scratch.size()) ReadPlaced();
}

bool Session::TakeRead(const IoResult& result) {
  switch (result.state) {
    case IoResult::State::kDone:
      batch_now_known_ = false;
      read_now_ = Instant();
      ++reads_;
      bytes_read_ += result.bytes;
      return true;
    case IoResult::State::kWouldBlock:
      return false;
    case IoResult::State::kEnd:
      OnPeerEnd();
      return false;
    case IoResult::State::kFailed:
      Cut(LostStatus(WhyStreamFailed()));
      return false;
  }
  return false;
}

// The rest of a large piece, to its place in the message, and a little behind it, where the next piece
// begins. Several times a turn, for one piece is less than what else is read in one.
void Session::ReadPlaced() {
  for (int reads = 0; reads < kPlacedReadsMax && open() && !reading_paused_; ++reads) {
    const std::span<char> place = reader_.place();
    if (place.empty()) return;
    const std::span<char> behind = loop_.scratch().first(kBehindPlaceBytes);
    const iovec blocks[] = {{place.data(), place.size()}, {behind.data(), behind.size()}};
    const IoResult result = stream_->ReadScattered(blocks);
    if (!TakeRead(result)) return;
    const size_t placed = std::min(result.bytes, place.size());
    reader_.Placed(placed);
    Consume(std::span<const char>(behind.data(), result.bytes - placed));
    if (result.bytes < place.size() + behind.size()) return;
  }
}

// What comes next is most likely another piece of the large message of which one came last. So it is read as if it were:
// a header, the payload to where it belongs, and what is behind it. If it is not, it is copied to between the two, so that
// all lies as it came.
void Session::ReadExpected(uint32_t stream) {
  const std::span<char> scratch = loop_.scratch();
  MessageAssembler* const assembler = AssemblerOf(stream);
  const size_t missing = assembler == nullptr ? 0 : assembler->missing_bytes();
  FrameHeader expected = MakeHeader(FrameType::kData, kFlagMessage, stream, 0);
  expected.length = static_cast<uint32_t>(std::min<size_t>(missing, kMaxPieceBytes));
  char* const place =
      expected.length == 0 || !reader_.between_frames() ? nullptr : PlaceFor(expected);
  if (place == nullptr) {
    const IoResult result = stream_->Read(scratch);
    if (TakeRead(result)) Consume(scratch.first(result.bytes));
    return;
  }
  const std::span<char> behind = scratch.subspan(kHeaderBytes + expected.length, kBehindPlaceBytes);
  const iovec blocks[] = {
      {scratch.data(), kHeaderBytes}, {place, expected.length}, {behind.data(), behind.size()}};
  const IoResult result = stream_->ReadScattered(blocks);
  if (!TakeRead(result)) return;
  size_t taken = 0;
  if (result.bytes > kHeaderBytes) {
    const size_t placed = std::min<size_t>(result.bytes - kHeaderBytes, expected.length);
    const FrameHeader h = DecodeHeader(scratch.data());
    size_t whose = 0;
    if (IsPlainAndLegal(h, kFlagMessage | kFlagMore | kFlagEnd) && h.is(FrameType::kData) &&
        h.stream == stream && h.length <= expected.length) {
      whose = std::min<size_t>(placed, h.length);
      reader_.BeginPlaced(h, place, whose);
      taken = kHeaderBytes + whose;
    }
    if (placed != whose)
      std::memcpy(scratch.data() + kHeaderBytes + whose, place + whose, placed - whose);
  }
  Consume(scratch.subspan(taken, result.bytes - taken));
  if (result.bytes == kHeaderBytes + expected.length + behind.size()) ReadPlaced();
}

char* Session::PlaceFor(const FrameHeader& header) {
  MessageAssembler* const assembler = AssemblerOf(header.stream);
  if (assembler == nullptr) return nullptr;
  const size_t before = assembler->capacity_bytes();
  char* const place = assembler->PlaceFor(header);
  bytes_.Add(assembler->capacity_bytes() - before);
  if (place != nullptr) placed_in_ = assembler;
  return place;
}

void Session::Consume(std::span<const char> bytes) {
  if (phase_ == Phase::kHandshake && !TakePreface(bytes)) return;
  if (!open()) return;
  reader_.Feed(bytes);
  Frame frame;
  while (open()) {
    const FrameReader::Result result = reader_.Next(frame);
    for (uint32_t passed = reader_.TakePassedOver(); passed > 0; --passed) {
      if (!CountControlFrame()) return;
    }
    if (result == FrameReader::Result::kNeedMore) break;
    if (result == FrameReader::Result::kError) {
      Fail(reader_.error());
      return;
    }
    Dispatch(frame);
    // One read may bring thousands of small requests, whose replies may be large.
    if (role_ == Role::kServer && outbox_.uncharged_bytes() >= kChargeBytes) [[unlikely]] {
      outbox_.ChargeQueue();
      if (!MustStopReading()) continue;
      Flush();
      if (!open() || !MustStopReading()) continue;
      unread_ = reader_.TakeBack();
      bytes_.Add(unread_.size());
      break;
    }
  }
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
  loop_.Disarm(timer_);
  phase_ = Phase::kOpen;
  if (role_ == Role::kServer) AppendSettings(queue(), own_);
  if (open_calls() != 0 || limits_.ping_without_calls) WatchPeer();
  OnPrefaceDone();
  return true;
}

void Session::RefusePreface(const PrefaceResult& result) {
  const std::string peer = info_.peer.ToString();
  if (result.match == PrefaceMatch::kOtherMajor) {
    const std::string versions =
        absl::StrCat("the ", role_ == Role::kServer ? "client" : "server", " speaks Dialtone/",
                     int{result.major}, ".", int{result.minor}, ", this side Dialtone/",
                     int{kMajorVersion}, ".", int{kMinorVersion});
    if (role_ == Role::kServer) AppendGoaway(queue(), 0, GoawayReason::kVersion, versions);
    const absl::Status status =
        absl::UnavailableError(absl::StrCat("handshake with ", peer, ": ", versions));
    LogAtServer(status);
    SayGoodbye(status);
    return;
  }
  SayGoodbye(absl::UnavailableError(
      absl::StrCat("handshake with ", peer, ": the peer does not speak Dialtone: it sent ",
                   DescribeForeignBytes(std::string_view(preface_, preface_bytes_)))));
}

void Session::Dispatch(const Frame& frame) {
  switch (frame.type()) {
    case FrameType::kRequest:
    case FrameType::kResponse:
    case FrameType::kData: {
      const uint32_t charge = frame.charge();
      if (charge != 0) {
        if (!Charge(0, window_, charge)) return;
        tuner_.Arrive(charge);
        Release(0, window_, charge, true);
      }
      OnFrame(frame);
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

MessageAssembler::Result Session::Assemble(MessageAssembler& assembler, const Frame& frame,
                                           uint32_t bytes_max, AssembledMessage& out) {
  const size_t before = assembler.capacity_bytes();
  const MessageAssembler::Result result = assembler.Add(frame, bytes_max, out);
  expected_stream_ = result == MessageAssembler::Result::kIncomplete ? frame.header.stream : 0;
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
  if (placed_in_ == &assembler) reader_.LeavePlace();
  const size_t before = assembler.capacity_bytes();
  assembler.Abandon();
  bytes_.Subtract(before - assembler.capacity_bytes());
}

void Session::RenewSlow(MessageAssembler& assembler) {
  if (placed_in_ == &assembler) reader_.LeavePlace();
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
