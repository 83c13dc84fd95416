#include "message_assembler.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"

namespace dialtone::dialtone1 {
namespace {

// Room for this many times what is taken, once so much has arrived.
constexpr uint64_t kRoomAhead = 8;
constexpr uint64_t kRoomAheadMin = 1024 * 1024;

}  // namespace

MessageAssembler::Result MessageAssembler::AddSlow(const Frame& frame, uint32_t max_message_bytes,
                                                   AssembledMessage& out) {
  if (phase_ == Phase::kDone) FreeBlock();  // also goes back to kBetween
  if (!frame.has(kFlagMessage)) {
    if (phase_ == Phase::kGathering && frame.has(kFlagEnd)) {
      // A call that fails may break off its message; nothing else may.
      if (!frame.header.is(FrameType::kResponse) || frame.header.argument == 0) {
        return Fail(frame, "the stream ends inside a message");
      }
    }
    if (frame.has(kFlagEnd)) FreeBlock();
    return Result::kNothing;
  }
  return phase_ == Phase::kBetween ? Begin(frame, max_message_bytes, out) : Continue(frame, out);
}

MessageAssembler::Result MessageAssembler::Begin(const Frame& frame, uint32_t max_message_bytes,
                                                 AssembledMessage& out) {
  const bool more = frame.has(kFlagMore);
  flags_ = frame.header.flags & (kFlagCompressed | kFlagAttached);
  const size_t prefix =
      (more ? 4 : 0) + (frame.has(kFlagCompressed) ? 5 : 0) + (frame.has(kFlagAttached) ? 4 : 0);
  std::string_view body = frame.message;
  if (body.size() < prefix)
    return Fail(frame, "the frame is too short for what its flags announce");
  const char* at = body.data();
  body.remove_prefix(prefix);
  total_ = static_cast<uint32_t>(body.size());
  if (more) {
    total_ = Load32(at);
    at += 4;
    if (body.empty() || body.size() >= total_) {
      return Fail(frame, "a first piece that is empty or the whole message");
    }
  }
  if (frame.has(kFlagCompressed)) {
    algorithm_ = static_cast<uint8_t>(at[0]);
    original_size_ = Load32(at + 1);
    at += 5;
  }
  message_size_ = frame.has(kFlagAttached) ? Load32(at) : total_;
  if (message_size_ > total_) return Fail(frame, "the attachment begins behind the message's end");

  uint64_t declared = total_;
  if (frame.has(kFlagCompressed)) {
    const uint64_t unpacked = uint64_t{original_size_} + (total_ - message_size_);
    declared = std::max(declared, unpacked);
  }
  if (declared > max_message_bytes) {
    error_ = std::make_unique<WireError>();
    error_->text =
        absl::StrCat("message of ", declared, " bytes is above the limit of ", max_message_bytes);
    if (more) phase_ = Phase::kDropping;
    return Result::kTooLarge;
  }
  if (!more) {
    Present(body, out);
    return Result::kMessage;
  }
  phase_ = Phase::kGathering;
  Keep(body);
  return Result::kIncomplete;
}

MessageAssembler::Result MessageAssembler::Continue(const Frame& frame, AssembledMessage& out) {
  const bool more = frame.has(kFlagMore);
  if (phase_ == Phase::kDropping) {
    if (!more) phase_ = Phase::kBetween;
    return Result::kDropped;
  }
  if ((frame.header.flags & (kFlagCompressed | kFlagAttached)) != 0) {
    return Fail(frame, "COMPRESSED or ATTACHED on a piece that is not the first");
  }
  if (frame.message.empty()) return Fail(frame, "an empty piece");
  if (frame.message.size() > total_ - received_) return Fail(frame, "more than was declared");
  const bool complete = frame.message.size() == total_ - received_;
  if (complete && more) return Fail(frame, "the declared total is reached and MORE is set");
  if (!complete && !more) return Fail(frame, "the last piece leaves less than was declared");
  Keep(frame.message);
  if (more) return Result::kIncomplete;
  Present(std::string_view(block_.get(), received_), out);
  phase_ = Phase::kDone;
  return Result::kMessage;
}

void MessageAssembler::Abandon() {
  if (!incomplete()) return;
  FreeBlock();
  phase_ = Phase::kDropping;
}

MessageBlock MessageAssembler::TakeBlock() {
  if (phase_ != Phase::kDone) return nullptr;
  MessageBlock block = std::move(block_);
  FreeBlock();
  return block;
}

const WireError& MessageAssembler::error() const {
  DIALTONE_CHECK(error_ != nullptr);
  return *error_;
}

MessageAssembler::Result MessageAssembler::Fail(const Frame& frame, std::string_view what) {
  error_ = std::make_unique<WireError>();
  error_->reason = GoawayReason::kMessage;
  error_->text = absl::StrCat(
      ToAbsl(FrameTypeName(frame.header.type)), " on stream ", frame.header.stream, ": ",
      ToAbsl(what), " (", received_, " bytes before it, ", frame.message.size(),
      " in it, declared ", phase_ == Phase::kGathering ? absl::StrCat(total_) : "otherwise", ")");
  FreeBlock();
  return Result::kError;
}

char* MessageAssembler::PlaceFor(const FrameHeader& header) {
  constexpr uint8_t kFirstPieces = kFlagCompressed | kFlagAttached;
  if (phase_ != Phase::kGathering || !header.has(kFlagMessage) || header.has(kFirstPieces)) {
    return nullptr;
  }
  if (header.length > total_ - received_) return nullptr;
  Grow(uint64_t{received_} + header.length);
  return block_.get() + received_;
}

void MessageAssembler::Keep(std::string_view bytes) {
  const uint64_t needed = uint64_t{received_} + bytes.size();
  Grow(needed);
  char* const to = block_.get() + received_;
  if (bytes.data() != to) std::memcpy(to, bytes.data(), bytes.size());
  received_ = static_cast<uint32_t>(needed);
}

void MessageAssembler::Grow(uint64_t needed) {
  if (needed <= capacity_) return;
  const auto capacity = static_cast<uint32_t>(std::min<uint64_t>(total_, 2 * needed));
  capacity_ = capacity;
  if (capacity <= room_) return;
  if (room_ == 0) {
    // Memory that is there already need not grow, but for what counts as taken.
    block_.reset(BlockPool::TakeKept(total_));
    if (block_ != nullptr) {
      room_ = total_;
      return;
    }
  }
  // Addresses are cheaper than copies: a message that has proved large gets more of them at a time. The memory behind
  // them is taken as it is written to.
  const uint64_t room = needed < kRoomAheadMin ? capacity : kRoomAhead * uint64_t{capacity};
  room_ = static_cast<uint32_t>(std::min<uint64_t>(total_, room));
  char* const larger = static_cast<char*>(std::realloc(block_.get(), room_));
  DIALTONE_CHECK(larger != nullptr, "out of memory");
  block_.release();
  block_.reset(larger);
  if (room_ >= BlockPool::kHugeMin) BlockPool::PreferHugePages(larger, received_, room_);
}

void MessageAssembler::FreeBlock() {
  block_.reset();
  room_ = capacity_ = 0;
  received_ = 0;
  phase_ = Phase::kBetween;
}

void MessageAssembler::Present(std::string_view body, AssembledMessage& out) const {
  out = AssembledMessage();
  out.compressed = (flags_ & kFlagCompressed) != 0;
  out.attached = (flags_ & kFlagAttached) != 0;
  out.algorithm = out.compressed ? algorithm_ : 0;
  out.original_size = out.compressed ? original_size_ : 0;
  out.message = body.substr(0, message_size_);
  out.attachment = body.substr(message_size_);
}

}  // namespace dialtone::dialtone1
