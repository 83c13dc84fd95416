#include "frame_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "settings.h"

namespace dialtone::dialtone1 {
namespace {
// A smaller frame is copied: reads of many of them cost less than reads that end with one.
constexpr size_t kPlacedFrameMin = 32 * 1024;
}  // namespace

void FrameReader::Feed(std::span<const char> bytes) {
  DIALTONE_CHECK(at_ == end_ || failed(), "bytes were fed before the last ones were taken");
  at_ = bytes.data();
  end_ = bytes.data() + bytes.size();
  offset_ += bytes.size();
}

FrameReader::Result FrameReader::NextSlow(Frame& frame) {
  if (failed()) return Result::kError;
  if (std::exchange(handed_out_, false)) partial_ = 0;
  if (placed_ != nullptr) return NextPlaced(frame);
  for (;;) {
    const auto skipped = std::min<size_t>(skip_, static_cast<size_t>(end_ - at_));
    at_ += skipped;
    skip_ -= static_cast<uint32_t>(skipped);
    if (at_ == end_ && partial_ == 0) {
      FreeStash();
      return Result::kNeedMore;
    }
    // The header is judged as soon as it is whole, before any of the payload is kept.
    const bool in_place = partial_ == 0 && static_cast<size_t>(end_ - at_) >= kHeaderBytes;
    if (!in_place && !Gather(kHeaderBytes)) return Result::kNeedMore;
    frame.header = DecodeHeader(in_place ? at_ : stash_.get());
    const FrameHeader& h = frame.header;
    if (!Admit(h)) {
      if (failed()) return Result::kError;
      if (in_place) at_ += kHeaderBytes;
      partial_ = 0;
      skip_ = h.length;
      ++passed_over_;
      continue;
    }
    const size_t whole = kHeaderBytes + h.length;
    if (in_place && static_cast<size_t>(end_ - at_) >= whole) {
      Dissect(at_ + kHeaderBytes, frame);
      if (!AdmitAlgorithm(frame)) return Result::kError;
      at_ += whole;
    } else {
      if (partial_ <= kHeaderBytes && Place(h, in_place)) return Result::kNeedMore;
      if (!Gather(whole)) return Result::kNeedMore;
      Dissect(stash_.get() + kHeaderBytes, frame);
      if (!AdmitAlgorithm(frame)) return Result::kError;
      handed_out_ = true;
    }
    settled_ = true;
    return Result::kFrame;
  }
}

bool FrameReader::Admit(const FrameHeader& h) {
  if (!settled_ && !h.is(FrameType::kSettings) && !h.is(FrameType::kGoaway)) {
    Fail(
        {GoawayReason::kSettings, absl::StrCat("the first frame is ", ToAbsl(FrameTypeName(h.type)),
                                               " (type ", h.type, "), not SETTINGS")});
    return false;
  }
  if (settled_ && h.is(FrameType::kSettings)) {
    Fail({GoawayReason::kSettings, "SETTINGS that is not the first frame"});
    return false;
  }
  if (HeaderLegal(h, accepted_flags_)) return true;
  if (!IsSkippable(h) || !LengthLegal(h)) Fail(ExplainHeader(h, accepted_flags_));
  return false;
}

bool FrameReader::AdmitAlgorithm(const Frame& frame) {
  if (!frame.has(kFlagCompressed) || accepted_compressions_ == kEveryCompression) return true;
  const size_t at = frame.has(kFlagMore) ? sizeof(uint32_t) : 0;
  if (frame.message.size() <= at) return true;  // too short for it, as the assembler will find
  const auto algorithm = static_cast<uint8_t>(frame.message[at]);
  if ((AlgorithmBit(algorithm) & accepted_compressions_) != 0) return true;
  Fail({GoawayReason::kProtocol,
        absl::StrCat(ToAbsl(FrameTypeName(frame.header.type)),
                     " with a message that is compressed by the algorithm ", algorithm,
                     ", which the receiver's SETTINGS do not announce")});
  return false;
}

bool FrameReader::Gather(size_t wanted) {
  if (partial_ >= wanted) return true;
  const size_t taken = std::min(wanted - partial_, static_cast<size_t>(end_ - at_));
  const size_t needed = partial_ + taken;
  if (needed > stash_capacity_) {
    // Twice what has come, at most what is wanted: a header alone does not take a whole frame's
    // memory.
    const size_t capacity = std::max(needed, std::min(wanted, 2 * needed));
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (partial_ != 0) std::memcpy(larger.get(), stash_.get(), partial_);
    stash_ = std::move(larger);
    stash_capacity_ = capacity;
  }
  if (taken != 0) std::memcpy(stash_.get() + partial_, at_, taken);
  partial_ = needed;
  at_ += taken;
  return partial_ == wanted;
}

bool FrameReader::Place(const FrameHeader& h, bool in_place) {
  if (placer_ == nullptr || !h.is(FrameType::kData) || h.length < kPlacedFrameMin) return false;
  const size_t here = static_cast<size_t>(end_ - at_) - (in_place ? kHeaderBytes : 0);
  if (here >= h.length) return false;
  char* const into = placer_->PlaceFor(h);
  if (into == nullptr) return false;
  if (here != 0) std::memcpy(into, end_ - here, here);
  placed_ = into;
  placed_header_ = h;
  partial_ = kHeaderBytes + here;
  at_ = end_;
  return true;
}

void FrameReader::BeginPlaced(const FrameHeader& h, char* place, size_t bytes) {
  DIALTONE_CHECK(between_frames() && bytes <= h.length);
  handed_out_ = false;
  placed_ = place;
  placed_header_ = h;
  partial_ = kHeaderBytes + bytes;
  offset_ += partial_;
}

FrameReader::Result FrameReader::NextPlaced(Frame& frame) {
  const size_t taken = std::min(left_to_place(), static_cast<size_t>(end_ - at_));
  if (taken != 0) std::memcpy(placed_ + placed_bytes(), at_, taken);
  partial_ += taken;
  at_ += taken;
  if (left_to_place() != 0) return Result::kNeedMore;
  frame = Frame();
  frame.header = placed_header_;
  frame.message = std::string_view(std::exchange(placed_, nullptr), placed_header_.length);
  partial_ = 0;
  return Result::kFrame;
}

void FrameReader::LeavePlace() {
  if (placed_ == nullptr) return;
  const size_t whole = kHeaderBytes + placed_header_.length;
  stash_ = std::make_unique_for_overwrite<char[]>(whole);
  stash_capacity_ = whole;
  EncodeHeader(placed_header_, stash_.get());
  std::memcpy(stash_.get() + kHeaderBytes, placed_, placed_bytes());
  placed_ = nullptr;
}

void FrameReader::Stop() {
  at_ = end_;
  partial_ = 0;
  handed_out_ = false;
  placed_ = nullptr;
  FreeStash();
}

FrameReader::Result FrameReader::Fail(WireError error) {
  error_ = std::make_unique<WireError>(
      WireError{error.reason, absl::StrCat("frame at byte ", frame_offset(), ": ", error.text)});
  at_ = end_;
  partial_ = 0;
  placed_ = nullptr;
  FreeStash();
  return Result::kError;
}

void FrameReader::FreeStash() {
  stash_.reset();
  stash_capacity_ = 0;
}

}  // namespace dialtone::dialtone1
