// The frame codec: any slicing of any bytes gives the same frames and the same error, and what was
// read is written again as the same bytes.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialtone/transport/check.h"
#include "frame_maker.h"
#include "frame_reader.h"
#include "frame_writer.h"
#include "fuzz_input.h"
#include "fuzz_target.h"
#include "message_assembler.h"
#include "message_splitter.h"
#include "preface.h"
#include "settings.h"

namespace dialtone::fuzz {
namespace {

using namespace dialtone1;

constexpr uint32_t kMessageBytesMax = 256 * 1024;

struct Outcome {
  std::string frames;  // each frame's header, times, metadata and message, end to end
  std::string error;
  bool in_frame = false;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// The bytes of a frame that was read, written again.
std::string Encode(const Frame& frame) {
  TimePrefix time;
  if (frame.has(kFlagDeadline)) {
    time = frame.type() == FrameType::kRequest
               ? TimePrefix::Deadline(frame.deadline_us)
               : TimePrefix::Times(frame.queue_us, frame.handler_us);
  }
  std::string bytes(FrameBytes(time, frame.metadata, static_cast<uint32_t>(frame.message.size())),
                    '\0');
  char* const end = WriteFrameHead(frame.header, time, frame.metadata,
                                   static_cast<uint32_t>(frame.message.size()), bytes.data());
  if (!frame.message.empty()) std::memcpy(end, frame.message.data(), frame.message.size());
  return bytes;
}

// Reads `bytes` in slices, each in memory of its own that is gone afterwards; `slice` says how long
// the next one is. What is of the kind `whole_kind` is read by the shorter way, as far as that takes it.
template <class NextSlice>
Outcome Read(std::string_view bytes, uint8_t accepted_flags, NextSlice next_slice,
             uint32_t whole_kind = 0) {
  Outcome outcome;
  FrameReader reader(accepted_flags);
  while (!bytes.empty()) {
    const std::string_view slice = bytes.substr(0, std::max<size_t>(next_slice(), 1));
    bytes.remove_prefix(slice.size());
    const std::vector<char> copy(slice.begin(), slice.end());
    reader.Feed(copy);
    Frame frame;
    FrameReader::Result result;
    WholeFrame brief;
    const auto next = [&] {
      if (whole_kind == 0 || !reader.NextWhole(whole_kind, brief)) return reader.Next(frame);
      frame = ToFrame(whole_kind, brief);
      return FrameReader::Result::kFrame;
    };
    while ((result = next()) == FrameReader::Result::kFrame) {
      DIALTONE_CHECK(HeaderLegal(frame.header, accepted_flags));
      outcome.frames += Encode(frame);
    }
    DIALTONE_CHECK(reader.stash_bytes() <= 2 * (kHeaderBytes + kMaxFramePayloadBytes));
    if (result == FrameReader::Result::kError) {
      outcome.error = reader.error().text;
      DIALTONE_CHECK(!outcome.error.empty() && reader.error().reason != GoawayReason::kNone);
      break;
    }
  }
  outcome.in_frame = reader.in_frame();
  return outcome;
}

// What was read and written again, is the same frames; and if no frame was to be skipped, the very
// bytes that came in.
void CheckEncoding(std::string_view bytes, const Outcome& outcome, uint8_t accepted_flags) {
  const Outcome again = Read(outcome.frames, accepted_flags, [&] { return outcome.frames.size(); });
  DIALTONE_CHECK(again.frames == outcome.frames && again.error.empty() && !again.in_frame);
  if (outcome.error.empty() && !outcome.in_frame && outcome.frames.size() == bytes.size()) {
    DIALTONE_CHECK(outcome.frames == bytes);
  }
}

// The values that frames of the connection carry: whatever is accepted is written and read as the
// same.
void CheckPayloads(std::string_view frames) {
  FrameReader reader(0xFF);
  reader.Feed(frames);
  MessageAssembler assembler;
  Frame frame;
  while (reader.Next(frame) == FrameReader::Result::kFrame) {
    if (frame.type() == FrameType::kSettings) {
      Settings settings;
      if (DecodeSettings(frame.message, settings).has_value()) continue;
      std::string payload;
      EncodeSettings(settings, payload);
      Settings again;
      DIALTONE_CHECK(!DecodeSettings(payload, again).has_value() && again == settings);
    } else if (frame.type() == FrameType::kGoaway) {
      GoawayInfo info;
      if (ReadGoaway(frame, info)) DIALTONE_CHECK(!GoawayReasonName(info.reason).empty());
    } else {
      AssembledMessage message;
      const auto result = assembler.Add(frame, kMessageBytesMax, message);
      if (result == MessageAssembler::Result::kError) return;
      DIALTONE_CHECK(assembler.capacity_bytes() <= 2 * kMessageBytesMax);
      if (result != MessageAssembler::Result::kMessage) continue;
      DIALTONE_CHECK(message.message.size() + message.attachment.size() <= kMessageBytesMax);
    }
  }
}

// A message cut into pieces under any credit comes out whole.
void CheckPieces(FuzzInput& input) {
  const std::string body(input.Number32() % (3 * kMaxPieceBytes), 'b');
  PieceCursor cursor(body.size());
  MessageAssembler assembler;
  std::string gathered;
  bool whole = false;
  for (int turns = 0; !cursor.done(); ++turns) {
    const uint32_t credit = turns < 100 ? input.Number32() % (2 * kMaxPieceBytes) : kMaxWindow;
    Piece piece;
    if (!cursor.Next(credit, piece)) continue;
    DIALTONE_CHECK(piece.charge() <= credit && piece.charge() <= kMaxPieceBytes);
    std::string part(piece.bytes(), '\0');
    piece.Write(body, part.data());
    Frame frame;
    frame.header = MakeHeader(FrameType::kData, piece.flags, 1, 0);
    frame.message = part;
    AssembledMessage message;
    const auto result = assembler.Add(frame, kMessageBytesMax, message);
    DIALTONE_CHECK(result == MessageAssembler::Result::kMessage ||
                   result == MessageAssembler::Result::kIncomplete);
    whole = result == MessageAssembler::Result::kMessage;
    if (whole) gathered = std::string(message.message);
  }
  DIALTONE_CHECK(whole && gathered == body, "a message changed on its way through pieces");
}

}  // namespace

void RunInput(std::string_view data) {
  FuzzInput input(data);
  const uint8_t mode = input.Byte();
  if (mode == 0xFF) return CheckPieces(input);
  const uint8_t accepted_flags = mode & 1 ? 0xFF : Settings().accepted_flags();
  const uint32_t slices = input.Number32();
  std::string bytes;
  if (mode & 2) {  // frames that are mostly legal
    AppendSettingsFrame(Settings(), bytes);
    while (!input.empty()) {
      input.Byte() % 8 == 7 ? AppendBrokenFrame(input, bytes) : AppendAnyFrame(input, bytes);
    }
  } else {
    bytes = input.Rest();
  }
  const std::string_view first(bytes);
  (void)MatchPreface(first.substr(0, kPrefaceBytes));
  DIALTONE_CHECK(!DescribeForeignBytes(first).empty());

  const Outcome whole = Read(bytes, accepted_flags, [&] { return bytes.size(); });
  const Outcome single = Read(bytes, accepted_flags, [] { return size_t{1}; });
  uint32_t random = slices;
  const auto next_slice = [&] {
    random = random * 1664525u + 1013904223u;
    return size_t{(random >> 24) % ((slices & 0xFF) + 1)};
  };
  const Outcome sliced =
      Read(bytes, accepted_flags, next_slice, mode & 4 ? kWholeRequest : kWholeReply);
  DIALTONE_CHECK(whole == single && whole == sliced, "frames depend on how their bytes are sliced");
  CheckEncoding(bytes, whole, accepted_flags);
  CheckPayloads(whole.frames);
}

}  // namespace dialtone::fuzz
