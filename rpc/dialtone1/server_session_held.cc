// What a ServerSession holds for as long as handlers run, and counts in the budgets: calls, their metadata, and messages that
// came packed. The one that wants more is refused: to give up others would free nothing before their handlers have ended. The
// rest is in server_session.cc.
#include <utility>

#include "server_session.h"

namespace dialtone::dialtone1 {
namespace {

// What a pair costs beside its bytes, about.
constexpr uint64_t kKeptPairBytes = 64;
// Metadata that cost no more, as most do, are no more than the call itself, and not worth the counting, which all threads
// share.
constexpr uint64_t kFewMetadataBytes = 1024;

}  // namespace

// --- Calls ---

// Each costs a little, and may stay for ever, for its client need not end its request.
bool ServerSession::HoldCalls(const Frame& frame) {
  ForgetFrame();
  Hold(calls_bytes_, kCallsStep * kOpenCallBytes);
  if (bytes().over()) {
    const absl::Status status = absl::ResourceExhaustedError(bytes().Why());
    LetGo(calls_bytes_, kCallsStep * kOpenCallBytes);
    OnLimit(ServerLimit::kBytesInFlight);
    AllowLate(own_settings().stream_window, !frame.has(kFlagEnd));
    Answer(frame.header.stream, status, /*refused=*/true);
    return false;
  }
  ++calls_steps_;
  SetCallsAccounted();
  return true;
}

void ServerSession::LetGoOfCalls() {
  while (calls_.size() < calls_kept_min_) {
    --calls_steps_;
    LetGo(calls_bytes_, kCallsStep * kOpenCallBytes);
    SetCallsAccounted();
  }
}

// --- Their metadata ---

bool ServerSession::HoldMetadata(const Frame& frame, const ServerRequestHead& head,
                                 uint64_t& held) {
  const uint64_t cost = frame.metadata.size() + kKeptPairBytes * head.metadata.size();
  if (cost <= kFewMetadataBytes) return true;
  ForgetFrame();
  Hold(held, cost);
  if (!bytes().over()) return true;
  const absl::Status status = absl::ResourceExhaustedError(bytes().Why());
  LetGo(held, cost);
  OnLimit(ServerLimit::kBytesInFlight);
  AllowLate(own_settings().stream_window, !frame.has(kFlagEnd));
  Answer(frame.header.stream, status, /*refused=*/true);
  return false;
}

// --- Packed messages ---

// A few bytes can become a message of any size, which its handler keeps for as long as it likes. Of a stream's messages one at
// a time is unpacked.
absl::Status ServerSession::HoldUnpacked(IncomingCall& call, uint32_t unpacked) {
  if (unpacked <= call.unpacked_bytes_) return absl::OkStatus();
  const uint64_t more = unpacked - call.unpacked_bytes_;
  ForgetFrame();
  Hold(call.unpacked_bytes_, more);
  if (!bytes().over()) return absl::OkStatus();
  absl::Status status = absl::ResourceExhaustedError(bytes().Why());
  LetGo(call.unpacked_bytes_, more);
  OnLimit(ServerLimit::kBytesInFlight);
  return status;
}

void ServerSession::HandOver(IncomingCall& call, const MessageCost& cost) {
  // Others wait, of which one may be larger.
  if (call.held_bytes_ != 0 && cost.unpacked_bytes < call.unpacked_bytes_) return;
  LetGo(call.unpacked_bytes_, call.unpacked_bytes_);
  Hold(call.unpacked_bytes_, cost.unpacked_bytes);
}

// --- Their end ---

// Of what its handler has had.
void ServerSession::LetGoOfRest(IncomingCall& call) {
  LetGo(call.metadata_bytes_, call.metadata_bytes_);
  LetGo(call.unpacked_bytes_, call.unpacked_bytes_);
}

}  // namespace dialtone::dialtone1
