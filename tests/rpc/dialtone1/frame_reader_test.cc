#include "frame_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metadata_block.h"
#include "support/random_runs.h"
#include "wire_test_support.h"

namespace dialtone::dialtone1 {
namespace {

std::string Number64(uint64_t value) {
  std::string bytes(8, '\0');
  Store64(bytes.data(), value);
  return bytes;
}
std::string Number32(uint32_t value) {
  std::string bytes(4, '\0');
  Store32(bytes.data(), value);
  return bytes;
}

// One frame of every type, in every legal combination of flags, with every part that the
// combination allows.
std::string EveryLegalFrame(size_t& count) {
  std::string bytes = Settings0();
  count = 1;
  for (int t = 2; t <= kFrameTypeMax; ++t) {
    const auto type = static_cast<FrameType>(t);
    for (int f = 0; f < 256; ++f) {
      const auto flags = static_cast<uint8_t>(f);
      if (!FlagsLegal(type, flags)) continue;
      FrameHeader h = Header(type, flags, t <= 6 ? 0x01020305 : 0);
      std::string payload;
      const bool call_head = type == FrameType::kRequest || type == FrameType::kResponse;
      if (call_head && (flags & kFlagDeadline)) payload += Number64(0x1122334455667788);
      if (call_head) {
        payload += "metadata";
        h.meta_length = 8;
      }
      if (flags & kFlagMessage) payload += "some message";
      if (type == FrameType::kGoaway) payload += Number32(3) + "text";
      if (type == FrameType::kRequest || type == FrameType::kCancel || type == FrameType::kWindow ||
          type == FrameType::kPing || type == FrameType::kGoaway || (flags & kFlagRefused)) {
        h.argument = 0x01020304;
      }
      bytes += FrameOf(h, payload);
      ++count;
    }
  }
  return bytes;
}

// Gives each large piece a place of its own.
class Places final : public FrameReader::Placer {
 public:
  char* PlaceFor(const FrameHeader& header) override {
    ++asked;
    if (header.stream == 3) return nullptr;
    places.push_back(std::make_unique<std::string>(header.length, '?'));
    return places.back()->data();
  }
  bool Has(std::string_view message) const {
    for (const auto& place : places) {
      if (message.data() == place->data()) return true;
    }
    return false;
  }

  size_t asked = 0;
  std::vector<std::unique_ptr<std::string>> places;
};

std::string Random(size_t size, std::mt19937& random) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

TEST(FrameReader, LargePiecesComeOutOfTheirPlaceInAnySlicing) {
  std::mt19937 random(11);
  size_t asked = 0;
  size_t placed_in_all = 0;
  for (uint64_t round = 0; round < RandomRuns(300); ++round) {
    std::string bytes = Settings0();
    std::vector<std::string> messages;
    for (const size_t size : {100u, 65'536u, 5u, 20'000u, 65'536u, 65'536u, 9000u}) {
      messages.push_back(Random(size, random));
      const uint32_t stream = random() % 4 == 0 ? 3 : 1;
      bytes += FrameOf(Header(FrameType::kData, kFlagMessage, stream), messages.back());
      if (random() % 2 == 0) bytes += FrameOf(Header(FrameType::kPing, 0, 0, 7));
    }
    const size_t slice_max = round % 3 == 0 ? 3000 : 100'000;
    Places places;
    FrameReader reader(0xFF);
    reader.SetPlacer(places);
    size_t at = 0;
    size_t next = 0;
    size_t placed = 0;
    while (at < bytes.size()) {
      if (const std::span<char> place = reader.place(); !place.empty()) {
        const size_t n =
            std::min<size_t>({1 + random() % slice_max, place.size(), bytes.size() - at});
        std::copy_n(bytes.data() + at, n, place.data());
        reader.Placed(n);
        at += n;
        if (random() % 8 == 0) reader.LeavePlace();
      }
      const size_t behind = reader.place().empty() || random() % 4 == 0
                                ? std::min<size_t>(random() % slice_max, bytes.size() - at)
                                : 0;
      const std::string fed = bytes.substr(at, behind);
      reader.Feed(std::span<const char>(fed));
      at += behind;
      Frame frame;
      FrameReader::Result result;
      while ((result = reader.Next(frame)) == FrameReader::Result::kFrame) {
        if (frame.type() != FrameType::kData) continue;
        ASSERT_LT(next, messages.size());
        ASSERT_TRUE(frame.message == messages[next]) << next;
        placed += places.Has(frame.message);
        ++next;
      }
      ASSERT_EQ(result, FrameReader::Result::kNeedMore) << reader.error().text;
    }
    EXPECT_EQ(next, messages.size());
    EXPECT_FALSE(reader.in_frame());
    EXPECT_TRUE(reader.place().empty());
    asked += places.asked;
    placed_in_all += placed;
  }
  EXPECT_GT(placed_in_all, RandomRuns(300) / 3);
  EXPECT_LT(placed_in_all, asked) << "some places were left";
}

TEST(FrameReader, NothingIsCopiedOfWhatIsReadToItsPlace) {
  const std::string message(65'536, 'm');
  const std::string bytes =
      Settings0() + FrameOf(Header(FrameType::kData, kFlagMessage, 1), message);
  Places places;
  FrameReader reader(0xFF);
  reader.SetPlacer(places);
  const size_t fed = Settings0().size() + kHeaderBytes;
  reader.Feed(std::span<const char>(bytes.data(), fed));
  Frame frame;
  ASSERT_EQ(reader.Next(frame), FrameReader::Result::kFrame);
  ASSERT_EQ(reader.Next(frame), FrameReader::Result::kNeedMore);
  const std::span<char> place = reader.place();
  ASSERT_EQ(place.size(), message.size());
  EXPECT_EQ(place.data(), places.places.front()->data());
  std::copy(message.begin(), message.end(), place.begin());
  reader.Placed(message.size());
  reader.Feed({});
  ASSERT_EQ(reader.Next(frame), FrameReader::Result::kFrame);
  EXPECT_EQ(frame.message.data(), places.places.front()->data());
  EXPECT_EQ(frame.message, message);
  EXPECT_EQ(reader.Next(frame), FrameReader::Result::kNeedMore);
  EXPECT_EQ(reader.stash_bytes(), 0u);
}

TEST(FrameReader, APieceMayBeginInItsPlace) {
  const std::string message(10'000, 'm');
  const FrameHeader header = [&] {
    FrameHeader h = Header(FrameType::kData, kFlagMessage, 1);
    h.length = static_cast<uint32_t>(message.size());
    return h;
  }();
  const std::string behind = FrameOf(Header(FrameType::kData, kFlagMessage, 3), "next");
  for (const size_t there : {size_t{0}, size_t{4000}, message.size()}) {
    SCOPED_TRACE(there);
    std::string place(message.size(), '\0');
    FrameReader reader(0xFF);
    Frame frame;
    EXPECT_FALSE(reader.between_frames()) << "SETTINGS are due";
    const std::string settings = Settings0();
    reader.Feed(std::span<const char>(settings));
    ASSERT_EQ(reader.Next(frame), FrameReader::Result::kFrame);
    ASSERT_EQ(reader.Next(frame), FrameReader::Result::kNeedMore);
    ASSERT_TRUE(reader.between_frames());
    std::copy_n(message.begin(), there, place.begin());
    reader.BeginPlaced(header, place.data(), there);
    EXPECT_FALSE(reader.between_frames());
    const std::string rest = message.substr(there) + behind;
    reader.Feed(std::span<const char>(rest));
    ASSERT_EQ(reader.Next(frame), FrameReader::Result::kFrame);
    EXPECT_EQ(frame.message.data(), place.data());
    EXPECT_EQ(frame.message, message);
    ASSERT_EQ(reader.Next(frame), FrameReader::Result::kFrame);
    EXPECT_EQ(frame.message, "next");
  }
}

TEST(FrameReader, GivesTheSameFramesInAnySlicing) {
  size_t count = 0;
  const std::string bytes = EveryLegalFrame(count);
  const ReadOutcome whole = ReadFrames(bytes, bytes.size());
  ASSERT_EQ(whole.error.text, "");
  ASSERT_EQ(whole.frames.size(), count);
  EXPECT_EQ(whole.stash_bytes, 0u);
  for (size_t slice = 1; slice < 140; ++slice) {
    for (const uint32_t whole_kind : {0u, kWholeRequest, kWholeReply}) {
      const ReadOutcome sliced = ReadFrames(bytes, slice, 0xFF, whole_kind);
      ASSERT_EQ(sliced.error.text, "") << "slice " << slice;
      ASSERT_EQ(sliced.frames, whole.frames) << "slice " << slice;
      EXPECT_FALSE(sliced.in_frame);
      EXPECT_EQ(sliced.stash_bytes, 0u) << "an idle reader keeps no buffer";
    }
  }
}

TEST(FrameReader, EncodesBackToTheSameBytes) {
  size_t count = 0;
  const std::string bytes = EveryLegalFrame(count);
  std::string again;
  for (const OwnedFrame& f : ReadFrames(bytes, 7).frames) {
    std::string payload;
    if (f.header.has(kFlagDeadline)) {
      payload = f.header.is(FrameType::kRequest) ? Number64(f.deadline_us)
                                                 : Number32(f.queue_us) + Number32(f.handler_us);
    }
    again += FrameOf(f.header, payload + f.metadata + f.message);
  }
  EXPECT_EQ(again, bytes);
}

TEST(FrameReader, HandsOutViewsIntoTheFedBytes) {
  const std::string bytes =
      Settings0() + FrameOf(Header(FrameType::kData, kFlagMessage, 1), "payload");
  FrameReader reader(0xFF);
  reader.Feed(std::span<const char>(bytes.data(), bytes.size()));
  Frame frame;
  ASSERT_EQ(reader.Next(frame), FrameReader::Result::kFrame);
  ASSERT_EQ(reader.Next(frame), FrameReader::Result::kFrame);
  EXPECT_EQ(frame.message.data(), bytes.data() + 32);
  EXPECT_EQ(frame.message, "payload");
  EXPECT_EQ(reader.stash_bytes(), 0u);
  EXPECT_EQ(reader.Next(frame), FrameReader::Result::kNeedMore);
}

TEST(FrameReader, AHeaderAloneTakesLittleMemory) {
  FrameHeader h = Header(FrameType::kData, kFlagMessage, 1);
  h.length = 65536;
  std::string head(kHeaderBytes, '\0');
  EncodeHeader(h, head.data());
  const std::string bytes = Settings0() + head + "x";
  FrameReader reader(0xFF);
  reader.Feed(std::span<const char>(bytes.data(), bytes.size()));
  Frame frame;
  ASSERT_EQ(reader.Next(frame), FrameReader::Result::kFrame);
  EXPECT_EQ(reader.Next(frame), FrameReader::Result::kNeedMore);
  EXPECT_TRUE(reader.in_frame());
  EXPECT_LE(reader.stash_bytes(), 64u);
}

TEST(FrameReader, TheLargestFrameIsTaken) {
  FrameHeader h = Header(FrameType::kRequest, kFlagMessage | kFlagDeadline, 1, 1, 65535);
  const std::string bytes = Settings0() + FrameOf(h, std::string(kMaxFramePayloadBytes, 'm'));
  for (const size_t slice : {bytes.size(), size_t{1000}, size_t{65536}}) {
    const ReadOutcome outcome = ReadFrames(bytes, slice);
    ASSERT_EQ(outcome.error.text, "");
    ASSERT_EQ(outcome.frames.size(), 2u);
    EXPECT_EQ(outcome.frames[1].metadata.size(), 65535u);
    EXPECT_EQ(outcome.frames[1].message.size(), 65536u);
  }
}

TEST(FrameReader, PassesOverUnknownTypesWithTheSkipBit) {
  FrameHeader strange;
  strange.type = 0x91;
  strange.flags = 0xFF;
  strange.meta_length = 0xFFFF;
  strange.stream = 2;
  strange.argument = 9;
  const std::string bytes = Settings0() + FrameOf(strange, std::string(5000, 'z')) +
                            FrameOf(strange) + FrameOf(Header(FrameType::kPing, 0, 0, 42));
  for (const size_t slice : {size_t{1}, size_t{100}, bytes.size()}) {
    const ReadOutcome outcome = ReadFrames(bytes, slice);
    ASSERT_EQ(outcome.error.text, "");
    ASSERT_EQ(outcome.frames.size(), 2u);
    EXPECT_EQ(outcome.frames[1].header.argument, 42u);
  }
}

// In any slicing: a slice that begins within what is passed over may look like a frame.
TEST(FrameReader, TakesNoFrameOutOfWhatItPassesOver) {
  FrameHeader unknown;
  unknown.type = 0x91;
  const std::string ping = FrameOf(Header(FrameType::kPing, 0, 0, 7));
  const std::string bytes = Settings0() + FrameOf(unknown, ping + ping + ping) + ping;
  for (size_t slice = 1; slice <= bytes.size(); ++slice) {
    const ReadOutcome outcome = ReadFrames(bytes, slice);
    ASSERT_EQ(outcome.error.text, "") << "slice " << slice;
    ASSERT_EQ(outcome.frames.size(), 2u) << "slice " << slice;
    ASSERT_FALSE(outcome.in_frame) << "slice " << slice;
  }
}

struct BadStream {
  const char* what;
  std::string bytes;
  size_t frames_before;
  GoawayReason reason;
};

TEST(FrameReader, ReportsABrokenStreamOnceAndForGood) {
  FrameHeader unknown;
  unknown.type = 0x11;
  FrameHeader endless = Header(FrameType::kData, kFlagMessage, 1);
  endless.length = 0x00FFFFFF;
  std::string endless_bytes(kHeaderBytes, '\0');
  EncodeHeader(endless, endless_bytes.data());
  endless.type = 0x91;
  std::string endless_skip(kHeaderBytes, '\0');
  EncodeHeader(endless, endless_skip.data());
  const std::string ping = FrameOf(Header(FrameType::kPing));
  const BadStream cases[] = {
      {"first frame is not SETTINGS", ping, 0, GoawayReason::kSettings},
      {"first frame is unknown", FrameOf(unknown), 0, GoawayReason::kSettings},
      {"settings twice", Settings0() + ping + Settings0(), 2, GoawayReason::kSettings},
      {"unknown type", Settings0() + FrameOf(unknown), 1, GoawayReason::kProtocol},
      {"endless frame", Settings0() + endless_bytes, 1, GoawayReason::kFrameSize},
      {"endless frame to be skipped", Settings0() + endless_skip, 1, GoawayReason::kFrameSize},
      {"garbage", Settings0() + std::string(64, '\xEE'), 1, GoawayReason::kFrameSize},
      {"reserved flag", Settings0() + FrameOf(Header(FrameType::kPing, 0x80)), 1,
       GoawayReason::kProtocol},
  };
  for (const BadStream& bad : cases) {
    for (const size_t slice : {size_t{1}, size_t{5}, size_t{1000}}) {
      const ReadOutcome outcome = ReadFrames(bad.bytes + ping, slice);
      EXPECT_EQ(outcome.error.reason, bad.reason) << bad.what << ": " << outcome.error.text;
      EXPECT_EQ(outcome.frames.size(), bad.frames_before) << bad.what;
      EXPECT_EQ(outcome.stash_bytes, 0u) << bad.what;
    }
  }
}

TEST(FrameReader, ErrorsTellWhereTheFrameBegan) {
  const std::string bytes = Settings0() + FrameOf(Header(FrameType::kPing)) +
                            FrameOf(Header(FrameType::kData, kFlagEnd, 2));
  for (const size_t slice : {size_t{1}, size_t{1000}}) {
    const ReadOutcome outcome = ReadFrames(bytes, slice);
    EXPECT_EQ(outcome.error.text, "frame at byte 32: DATA on stream 2: the stream id is even");
  }
}

TEST(FrameReader, AGoawayMayComeInsteadOfSettings) {
  const ReadOutcome outcome =
      ReadFrames(FrameOf(Header(FrameType::kGoaway), Number32(3) + "no"), 1000);
  EXPECT_EQ(outcome.error.text, "");
  ASSERT_EQ(outcome.frames.size(), 1u);
}

TEST(FrameReader, KnowsThatAFrameWasCutOff) {
  const std::string bytes = Settings0() + FrameOf(Header(FrameType::kPing));
  EXPECT_FALSE(ReadFrames(bytes, 3).in_frame);
  for (size_t cut = 1; cut < kHeaderBytes; ++cut) {
    EXPECT_TRUE(ReadFrames(bytes.substr(0, bytes.size() - cut), 3).in_frame);
  }
}

// Seeded: legal streams with a few bytes changed. Whatever comes of it must not depend on the
// slicing, and nothing may read outside its bytes (the sanitizers watch).
TEST(FrameReader, DamagedStreamsEndAlikeInAnySlicing) {
  size_t count = 0;
  const std::string legal = EveryLegalFrame(count);
  std::mt19937 random(20240229);
  size_t broken = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = legal;
    for (unsigned changes = 1 + random() % 3; changes > 0; --changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    bytes.resize(random() % bytes.size());
    const ReadOutcome whole = ReadFrames(bytes, bytes.size() + 1);
    const uint32_t whole_kind = round % 2 == 0 ? kWholeRequest : kWholeReply;
    const ReadOutcome sliced = ReadFrames(bytes, 1 + random() % 120, 0xFF, whole_kind);
    ASSERT_EQ(whole.frames, sliced.frames) << "round " << round;
    ASSERT_EQ(whole.error.text, sliced.error.text) << "round " << round;
    ASSERT_EQ(whole.in_frame && whole.error.text.empty(),
              sliced.in_frame && sliced.error.text.empty());
    broken += whole.error.text.empty() ? 0 : 1;
    for (const OwnedFrame& f : whole.frames) {
      MetadataReader metadata(f.metadata, PlaceOf(f.header));
      while (metadata.Next()) ASSERT_FALSE(metadata.key().empty());
    }
  }
  EXPECT_GT(broken, 200u);
}

}  // namespace
}  // namespace dialtone::dialtone1
