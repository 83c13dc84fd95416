// ClientSession's first half of a call: from Start() to its REQUEST in the write queue. The rest is in client_session.cc.
#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client_session.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "trace_room.h"

namespace dialtone::dialtone1 {
namespace {

uint64_t MicrosecondsLeft(Instant deadline, Instant now) {
  return deadline <= now ? 0
                         : static_cast<uint64_t>(deadline.nanoseconds() - now.nanoseconds()) / 1000;
}

}  // namespace

ClientStream* ClientSession::Start(ClientStreamHandler& handler, const RequestHead& head,
                                   OutgoingMessage* message, bool end) {
  DIALTONE_CHECK(has_capacity(), "Start() on a connection without capacity");
  OutgoingCall& call = NewCall();
  call.handler_ = &handler;
  call.reply_bytes_max_ = std::min<uint64_t>(
      head.reply_bytes_max == 0 ? std::numeric_limits<uint64_t>::max() : head.reply_bytes_max,
      own_settings().max_message_bytes);
  ScheduleBatchEnd();
  const uint32_t method = MethodOfWhole(head, message, end);
  if (method == 0) [[unlikely]] {
    call.Reset(0, 0, 0);
    if (absl::Status status = EncodeRequest(head, message); !status.ok())
      return FailEarly(call, std::move(status));
  }
  call.Reset(ids_.Next(), peer_settings().stream_window, own_settings().stream_window);
  calls_.Insert(call.id(), &call);
  WatchPeer();
  call.end_given_ = end;
  const uint64_t left_us =
      head.deadline.infinite() ? 0 : MicrosecondsLeft(head.deadline, BatchNow());
  if (method != 0 && outbox().TrySendWhole(call, kWholeRequest, method, left_us, *message))
      [[likely]] {
    call.state_.phase = StreamPhase::kHalfClosedLocal;
  } else {
    if (method != 0) {
      block_.clear();
      use_ = ClientMethodTable::Use{method, false};
    }
    SendEncoded(call, head.deadline.infinite() ? TimePrefix::None() : TimePrefix::Deadline(left_us),
                message, end);
  }
  call.request_end_ = outbox().queued_bytes();
  full_ = calls_.size() >= peer_settings().max_streams;
  if (ids_.near_end()) draining_ = true;  // told at the batch's end
  CountQueued();
  return &call;
}

// A unary call of a method that was bound before, with a deadline and without metadata, which its connection takes as it
// is: as nearly all are. There is nothing to encode then but its message.
uint32_t ClientSession::MethodOfWhole(const RequestHead& head, const OutgoingMessage* message,
                                      bool end) {
  if (message == nullptr || !end || head.deadline.infinite() ||
      (head.metadata != nullptr && !head.metadata->empty()) || !message->plain() ||
      message->size() > peer_settings().max_message_bytes)
    return 0;
  return RecentId(*head.method);
}

// With the metadata in block_ and the method in use_.
void ClientSession::SendEncoded(OutgoingCall& call, const TimePrefix& time,
                                OutgoingMessage* message, bool end) {
  FrameHeader header =
      MakeHeader(FrameType::kRequest, end ? kFlagEnd : uint8_t{0}, call.id(), use_.id);
  if (message == nullptr) {
    AppendFrame(outbox().queue(), header, time, block_);
  } else if (!outbox().TrySend(call, header, time, block_, *message)) {
    // The REQUEST goes at once, so that ids leave in order; its message follows as it may.
    header.flags = 0;
    AppendFrame(outbox().queue(), header, time, block_);
    return outbox().SendLater(call, *message, end);
  }
  if (end) call.state_.phase = StreamPhase::kHalfClosedLocal;
}

absl::Status ClientSession::EncodeRequest(const RequestHead& head, const OutgoingMessage* message) {
  block_.clear();
  if (message != nullptr) {
    if (absl::Status status = CheckMessage(*message); !status.ok()) return status;
  }
  // Judged with the path even if it need not travel this time, so that the same metadata does not
  // fail by luck.
  size_t block_bytes = 0;
  if (head.metadata != nullptr && !head.metadata->empty()) {
    const size_t path_bytes = PairBytes(kPathKey, head.method->path);
    // Before the server has said what it accepts that is the minimum.
    const dialtone::internal::MetadataRoom room{
        .bytes = peer_settings().max_metadata_bytes - path_bytes,
        .bytes_a_pair = kPairOverheadBytes};
    Metadata shorter;
    const Metadata& metadata = dialtone::internal::FitTrace(head, room, shorter);
    if (absl::Status status = AppendMetadata(metadata, block_); !status.ok()) return status;
    block_bytes = block_.size() + path_bytes;
  }
  // Before the server has said what it accepts it is the one to judge: it most likely takes more than the minimum.
  const uint32_t limit =
      settings_read() ? peer_settings().max_metadata_bytes : kMaxMetadataBlockBytes;
  if (block_bytes > limit) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "send to ", info().peer.ToString(), ": metadata of ", block_bytes, " bytes is above the ",
        settings_read() ? "peer's" : "protocol's", " limit of ", limit));
  }
  if (RecentId(*head.method) == 0 && !IsPathLegal(head.method->path)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", ToAbsl(head.method->path), "\" is no path of a method"));
  }
  // From here on nothing fails: a binding that is made must travel.
  use_ = UseMethod(*head.method);
  if (!use_.send_path) return absl::OkStatus();
  std::string with_path;
  AppendPair(with_path, kPathKey, head.method->path);
  block_.insert(0, with_path);
  return absl::OkStatus();
}

ClientMethodTable::Use ClientSession::UseMethod(const Method& method) {
  if (const uint32_t id = RecentId(method); id != 0) return ClientMethodTable::Use{id, false};
  const ClientMethodTable::Use use = methods_.Next(method.path, peer_settings().max_methods);
  if (use.id != 0) RecentPlace(method) = BoundMethod{&method, use.id};
  return use;
}

}  // namespace dialtone::dialtone1
