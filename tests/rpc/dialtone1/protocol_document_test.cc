// The hex dumps of docs/protocol.md are what the codec reads and writes.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "frame_writer.h"
#include "metadata_block.h"
#include "preface.h"
#include "settings.h"
#include "wire_test_support.h"

namespace dialtone::dialtone1 {
namespace {

// What one side says in the examples, all of them end to end: they are one connection.
std::string BytesOf(const std::string& side) {
  std::ifstream document(DIALTONE_PROTOCOL_DOCUMENT);
  EXPECT_TRUE(document.is_open());
  std::string bytes;
  std::string line;
  bool inside = false;
  while (std::getline(document, line)) {
    if (line.starts_with("```")) {
      inside = line == "```hex " + side;
      continue;
    }
    if (!inside) continue;
    std::string digits;
    for (const char c : line.substr(0, line.find(';'))) {
      if (c != ' ') digits.push_back(c);
    }
    for (size_t i = 0; i + 1 < digits.size(); i += 2) {
      bytes.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
    }
  }
  return bytes;
}

std::vector<OwnedFrame> FramesOf(const std::string& side) {
  const std::string bytes = BytesOf(side);
  EXPECT_EQ(MatchPreface(bytes).match, PrefaceMatch::kMine);
  const ReadOutcome outcome =
      ReadFrames(std::string_view(bytes).substr(kPrefaceBytes), 11, Settings().accepted_flags());
  EXPECT_EQ(outcome.error.text, "");
  EXPECT_FALSE(outcome.in_frame);
  return outcome.frames;
}

TEST(ProtocolDocument, TheClientSaysWhatTheAnnotationsSay) {
  const auto frames = FramesOf("client");
  ASSERT_EQ(frames.size(), 5u);
  Settings settings;
  ASSERT_FALSE(DecodeSettings(frames[0].message, settings).has_value());
  EXPECT_EQ(settings.max_message_bytes, 4u * 1024 * 1024);
  EXPECT_TRUE(settings.wants_times);
  EXPECT_EQ(frames[1].header.flags, kFlagEnd | kFlagMessage | kFlagDeadline);
  EXPECT_EQ(frames[1].deadline_us, 15'000'000u);
  EXPECT_EQ(FindPath(frames[1].metadata), "/greeter.Greeter/Greet");
  EXPECT_EQ(frames[1].message,
            "\x0A\x03"
            "Ada");
  EXPECT_EQ(frames[2].header.argument, frames[1].header.argument);
  EXPECT_TRUE(frames[2].header.has(kFlagMessage));
  EXPECT_EQ(frames[2].message, "");
  EXPECT_TRUE(frames[4].header.is(FrameType::kCancel));
  EXPECT_EQ(frames[4].header.stream, frames[3].header.stream);
}

TEST(ProtocolDocument, TheServerSaysWhatTheAnnotationsSay) {
  const auto frames = FramesOf("server");
  ASSERT_EQ(frames.size(), 5u);
  Settings settings;
  ASSERT_FALSE(DecodeSettings(frames[0].message, settings).has_value());
  EXPECT_EQ(settings.max_streams, 1024u);
  EXPECT_EQ(frames[1].queue_us, 12u);
  EXPECT_EQ(frames[1].handler_us, 7u);
  EXPECT_EQ(frames[1].message, "\x0A\x09hello Ada");
  EXPECT_EQ(frames[2].header.argument, 3u);
  MetadataReader reader(frames[2].metadata, MetadataPlace::kTrailing);
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.value(), "name is empty");
  ASSERT_TRUE(reader.Next());
  DetailsReader details(reader.value());
  StatusDetail detail;
  ASSERT_TRUE(details.Next(detail));
  EXPECT_EQ(detail.type_url, "type.googleapis.com/greeter.BadName");
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.key(), "hint");
  EXPECT_FALSE(reader.Next());
  EXPECT_FALSE(reader.failed());
  EXPECT_EQ(frames[3].header.argument, 1u);
  Frame goaway;
  goaway.header = frames[4].header;
  goaway.message = frames[4].message;
  GoawayInfo info;
  ASSERT_TRUE(ReadGoaway(goaway, info));
  EXPECT_EQ(info.last_stream, 5u);
  EXPECT_EQ(info.text, "shutting down");
}

// Every frame of the dumps is legal for the streams' states, at its receiver.
TEST(ProtocolDocument, TheExchangesKeepToTheStates) {
  for (const Role role : {Role::kServer, Role::kClient}) {
    StreamState state[6];
    for (const OwnedFrame& f : FramesOf(role == Role::kServer ? "client" : "server")) {
      if (f.header.stream == 0) continue;
      StreamState& s = state[f.header.stream];
      if (role == Role::kClient) s.phase = StreamPhase::kHalfClosedLocal;
      const auto result = Transition(role, Direction::kReceive, s,
                                     static_cast<FrameType>(f.header.type), f.header.flags);
      EXPECT_EQ(result.verdict, Verdict::kTake);
      s = result.next;
    }
  }
}

class NoHandler final : public ByteStream::Handler {
 public:
  void OnConnected(const absl::Status&) override {}
  void OnReadable() override {}
  void OnWritable() override {}
};

// Takes what a queue holds, as a stream would.
class Drain final : public ByteStream {
 public:
  explicit Drain(Handler& handler) : ByteStream(handler) {}
  IoResult Read(std::span<char>) override { return {IoResult::State::kWouldBlock}; }
  IoResult Write(std::span<const iovec> from) override {
    size_t bytes = 0;
    for (const iovec& part : from) {
      written.append(static_cast<const char*>(part.iov_base), part.iov_len);
      bytes += part.iov_len;
    }
    return {IoResult::State::kDone, bytes};
  }
  void ShutdownWrite() override {}
  void SetReading(bool) override {}
  absl::Status status() const override { return absl::OkStatus(); }
  const Address& peer() const override { return address_; }
  Address local() const override { return address_; }

  std::string written;

 private:
  Address address_;
};

std::string Written(WriteQueue& queue) {
  NoHandler handler;
  Drain drain(handler);
  EXPECT_EQ(queue.Flush(drain).state, IoResult::State::kDone);
  return drain.written;
}

void AppendMessageFrame(WriteQueue& queue, const FrameHeader& header, const TimePrefix& time,
                        std::string_view metadata, std::string_view message) {
  PieceCursor cursor(message.size());
  Piece piece;
  ASSERT_TRUE(cursor.Next(kMinStreamWindow, piece));
  AppendPiece(queue, header, time, metadata, piece, message);
}

TEST(ProtocolDocument, TheWriterMakesTheClientsBytes) {
  WriteQueue queue;
  queue.Append(kPreface);
  Settings settings;
  settings.max_message_bytes = 4 * 1024 * 1024;
  settings.wants_times = true;
  AppendSettings(queue, settings);
  std::string path;
  AppendPair(path, kPathKey, "/greeter.Greeter/Greet");
  const TimePrefix deadline = TimePrefix::Deadline(15'000'000);
  AppendMessageFrame(queue, MakeHeader(FrameType::kRequest, kFlagEnd, 1, 1), deadline, path,
                     "\x0A\x03"
                     "Ada");
  AppendMessageFrame(queue, MakeHeader(FrameType::kRequest, kFlagEnd, 3, 1), deadline, {}, {});
  AppendMessageFrame(queue, MakeHeader(FrameType::kRequest, kFlagEnd, 5, 1), TimePrefix::None(), {},
                     "\x0A\x03"
                     "Bob");
  AppendCancel(queue, 5, CancelReason::kCaller);
  EXPECT_EQ(Written(queue), BytesOf("client"));
}

TEST(ProtocolDocument, TheWriterMakesTheServersBytes) {
  WriteQueue queue;
  queue.Append(kPreface);
  Settings settings;
  settings.max_streams = 1024;
  settings.max_message_bytes = 4 * 1024 * 1024;
  AppendSettings(queue, settings);
  AppendMessageFrame(queue, MakeHeader(FrameType::kResponse, kFlagEnd, 1, 0),
                     TimePrefix::Times(12, 7), {}, "\x0A\x09hello Ada");
  std::string details;
  AppendDetail(details, {"type.googleapis.com/greeter.BadName", "\x0A\x04name"});
  std::string own;
  AppendPair(own, "hint", "try again");
  const TrailerBlock trailer = TrailerBlock::Build("name is empty", details, own, 8192);
  AppendFrame(queue, MakeHeader(FrameType::kResponse, kFlagEnd, 3, 3), TimePrefix::Times(9, 3),
              trailer.bytes());
  AppendFrame(queue, MakeHeader(FrameType::kResponse, kFlagEnd, 5, 1), TimePrefix::Times(10, 5000));
  AppendGoaway(queue, 5, GoawayReason::kNone, "shutting down");
  EXPECT_EQ(Written(queue), BytesOf("server"));
}

TEST(FrameWriter, WindowsPingsAndLongGoawaysAreLegalFrames) {
  WriteQueue queue;
  AppendSettings(queue, Settings());
  AppendWindow(queue, 0, 512 * 1024);
  AppendWindow(queue, 7, 1);
  AppendPing(queue, 99, false);
  AppendPing(queue, 99, true);
  AppendGoaway(queue, kNoLastStream, GoawayReason::kLimit, std::string(5000, 'g'));
  const ReadOutcome outcome = ReadFrames(Written(queue), 1000);
  ASSERT_EQ(outcome.error.text, "");
  ASSERT_EQ(outcome.frames.size(), 6u);
  EXPECT_EQ(outcome.frames[1].header.argument, 512u * 1024);
  EXPECT_EQ(outcome.frames[4].header.flags, kFlagEnd);
  EXPECT_EQ(outcome.frames[5].message.size(), 4 + kMaxGoawayTextBytes);
}

}  // namespace
}  // namespace dialtone::dialtone1
