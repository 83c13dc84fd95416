// Bytes in, frames out, in whatever slices the bytes come.
//
//   reader.Feed(bytes_just_read);
//   Frame frame;
//   while ((result = reader.Next(frame)) == FrameReader::Result::kFrame) Handle(frame);
//   if (result == FrameReader::Result::kError) SendGoaway(reader.error());
//
// A frame that lies whole in the fed bytes is handed out as views into them; only a frame cut off
// by their end is copied, into a stash that is freed when nothing is cut off any more, so an idle
// connection keeps no memory here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "codes.h"
#include "frame.h"

namespace dialtone::dialtone1 {

// The last of them need not be copied either, if it is a large piece of a message: a placer says where it
// belongs, and the rest of it is read to there.
//
//   if (const std::span<char> place = reader.place(); !place.empty()) reader.Placed(Read(place));
//   while (reader.Next(frame) …
//
// Not thread-safe. Begins behind the peer's preface. Judges each frame by itself, and that the
// first one is SETTINGS (or a GOAWAY, from a peer that will not have us) and no later one is.
class FrameReader {
 public:
  static constexpr uint32_t kEveryCompression = 0xFFFFFFFF;

  // Says where the message part of a DATA frame goes that has not wholly come. Null: nowhere in
  // particular. What it names must stay until the frame was handed out, or LeavePlace().
  class Placer {
   public:
    virtual char* PlaceFor(const FrameHeader& header) = 0;

   protected:
    ~Placer() = default;
  };

  enum class Result {
    kFrame,     // the frame's views hold until the next call of Next() or Feed()
    kNeedMore,  // everything fed was taken; the fed bytes are not looked at again
    kError,     // the peer broke the protocol; error() says how. Stays so.
  };

  // `accepted_flags`: those that this side's SETTINGS allow the peer to use
  // (Settings::accepted_flags), and the algorithms (accepted_compressions); those are not judged if
  // that is kEveryCompression.
  explicit FrameReader(uint8_t accepted_flags, uint32_t accepted_compressions = kEveryCompression)
      : accepted_flags_(accepted_flags), accepted_compressions_(accepted_compressions) {}

  // Gives the bytes that came next. They must stay where they are until Next() says kNeedMore,
  // which it must have said before (or nothing been fed).
  void Feed(std::span<const char> bytes);

  Result Next(Frame& frame) {
    if (static_cast<size_t>(end_ - at_) >= kHeaderBytes && (partial_ | skip_) == 0 && settled_)
        [[likely]] {
      frame.header = DecodeHeader(at_);
      const FrameHeader& h = frame.header;
      if ((IsPlainAndLegal(h, accepted_flags_) ||
           (HeaderLegal(h, accepted_flags_) && !h.is(FrameType::kSettings) &&
            !h.has(kFlagCompressed))) &&
          h.length <= static_cast<size_t>(end_ - at_) - kHeaderBytes) [[likely]] {
        Dissect(at_ + kHeaderBytes, frame);
        at_ += kHeaderBytes + h.length;
        return Result::kFrame;
      }
    } else if (at_ == end_ && nothing_kept()) [[likely]] {
      return Result::kNeedMore;
    }
    return NextSlow(frame);
  }

  // The next frame, if it lies whole in what was fed and is one of that kind: kWholeRequest or kWholeReply, whose flags need
  // no feature. False: nothing was taken, and Next() says what there is.
  bool NextWhole(uint32_t kind, WholeFrame& frame) {
    const size_t left = static_cast<size_t>(end_ - at_);
    if (left < kHeaderBytes || (partial_ | skip_) != 0 || !settled_ || Load32(at_ + 4) != kind)
      return false;
    const uint32_t length = Load32(at_);
    const uint32_t before = kind == kWholeRequest ? kTimePrefixBytes : 0;
    frame.stream = Load32(at_ + 8);
    frame.argument = Load32(at_ + 12);
    if (length - before > kMaxPieceBytes || length > left - kHeaderBytes ||
        (frame.stream & 1) == 0 || frame.stream == kNoLastStream ||
        (kind == kWholeReply && frame.argument != 0)) [[unlikely]] {
      return false;
    }
    const char* const payload = at_ + kHeaderBytes;
    frame.deadline_us = before == 0 ? 0 : Load64(payload);
    frame.message = std::string_view(payload + before, length - before);
    at_ = payload + length;
    return true;
  }

  void SetPlacer(Placer& placer) { placer_ = &placer; }
  // Where the next bytes belong; empty: nowhere, they are fed. After Placed(), what came behind them is
  // fed, be it nothing.
  std::span<char> place() const {
    return placed_ == nullptr ? std::span<char>()
                              : std::span<char>(placed_ + placed_bytes(), left_to_place());
  }
  // The header of the frame that belongs there.
  const FrameHeader& placed_header() const { return placed_header_; }
  void Placed(size_t bytes) {
    partial_ += bytes;
    offset_ += bytes;
  }
  // Goes on for another one that at_rest(). Requires a new object.
  void Resume(uint64_t bytes_fed) {
    settled_ = true;
    offset_ = bytes_fed;
  }
  // The first frame is behind us, and nothing is kept of the next one.
  bool at_rest() const { return settled_ && at_ == end_ && nothing_kept(); }
  // Nothing is fed, and no frame has begun.
  bool between_frames() const {
    return settled_ && !failed() && at_ == end_ && skip_ == 0 && (partial_ == 0 || handed_out_);
  }
  // Between frames: one has begun, a DATA whose header is legal and whose payload belongs to `place`, where the first
  // bytes of it are. The rest of it is fed, or read to place().
  void BeginPlaced(const FrameHeader& header, char* place, size_t bytes);
  // The place is about to go: keeps what is in it.
  void LeavePlace();

  // How many bytes were fed and not taken: those directly behind the last frame, if that lay whole in what was fed.
  size_t bytes_left() const { return static_cast<size_t>(end_ - at_); }

  // Takes back what was fed and not taken, to be fed again later: a view of the fed bytes.
  std::string_view TakeBack() {
    const std::string_view rest(at_, static_cast<size_t>(end_ - at_));
    offset_ -= rest.size();
    at_ = end_;
    return rest;
  }

  // Frames that were passed over, since this was asked last.
  uint32_t TakePassedOver() { return std::exchange(passed_over_, 0); }

  // After kError.
  const WireError& error() const { return *error_; }
  // Whether a frame has begun and not ended: a peer that closes now has cut it off.
  bool in_frame() const { return (partial_ != 0 && !handed_out_) || skip_ != 0 || at_ != end_; }
  // What the reader holds in memory of its own now.
  size_t stash_bytes() const { return stash_capacity_; }
  // The last frame was in there, and goes with the next call.
  bool handed_out() const { return handed_out_; }
  // Frees it, with the frame that was handed out last. Nothing may be fed any more.
  void Stop();

 private:
  static void Dissect(const char* payload, Frame& frame) {
    const FrameHeader& h = frame.header;
    size_t left = h.length;
    frame.deadline_us = 0;
    frame.queue_us = frame.handler_us = 0;
    if (h.has(kFlagDeadline)) {
      if (h.is(FrameType::kRequest)) {
        frame.deadline_us = Load64(payload);
      } else {
        frame.queue_us = Load32(payload);
        frame.handler_us = Load32(payload + 4);
      }
      payload += kTimePrefixBytes;
      left -= kTimePrefixBytes;
    }
    frame.metadata = std::string_view(payload, h.meta_length);
    frame.message = std::string_view(payload + h.meta_length, left - h.meta_length);
  }

  bool failed() const { return error_ != nullptr; }
  // Nothing but what was fed, and of that nothing but whole frames.
  bool nothing_kept() const {
    return (partial_ | skip_ | stash_capacity_) == 0 && placed_ == nullptr && !failed();
  }
  Result NextSlow(Frame& frame);
  // Whether the rest of a cut-off frame, whose header is whole, is placed elsewhere from now on.
  bool Place(const FrameHeader& header, bool in_place);
  Result NextPlaced(Frame& frame);
  size_t placed_bytes() const { return partial_ - kHeaderBytes; }
  size_t left_to_place() const { return placed_header_.length - placed_bytes(); }
  Result Fail(WireError error);
  // Judges a header that has just become whole; true: a frame to hand out, false: failed or to be
  // skipped.
  bool Admit(const FrameHeader& header);
  // Whether this side has said that it accepts the algorithm; false: failed.
  bool AdmitAlgorithm(const Frame& frame);
  // Copies of the fed bytes what the cut-off frame still needs, to be `wanted` bytes in all; true
  // when it is whole.
  bool Gather(size_t wanted);
  void FreeStash();
  uint64_t frame_offset() const { return offset_ - static_cast<uint64_t>(end_ - at_) - partial_; }

  const char* at_ = nullptr;  // first byte fed and not taken
  const char* end_ = nullptr;
  size_t partial_ = 0;  // bytes of a cut-off frame that are in the stash, header included
  uint32_t passed_over_ = 0;
  uint32_t skip_ = 0;        // bytes still to pass over of a frame of an unknown type
  bool settled_ = false;     // the first frame is behind us
  bool handed_out_ = false;  // the frame in the stash was returned; it goes with the next call
  const uint8_t accepted_flags_;
  const uint32_t accepted_compressions_;
  Placer* placer_ = nullptr;
  char* placed_ =
      nullptr;  // not null: the cut-off frame's payload goes there, and partial_ counts it
  FrameHeader placed_header_;
  std::unique_ptr<char[]> stash_;
  size_t stash_capacity_ = 0;
  uint64_t offset_ = 0;  // bytes fed in all; errors tell where in the stream a frame began
  std::unique_ptr<WireError> error_;  // null: none
};

}  // namespace dialtone::dialtone1
