// The bytes of Dialtone/1: frames, metadata, settings.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dialtone/transport/write_queue.h"
#include "frame.h"
#include "frame_reader.h"
#include "frame_writer.h"
#include "message_splitter.h"
#include "metadata_block.h"
#include "settings.h"

namespace dialtone::dialtone1 {
namespace {

// As many as one read brings, of an echo's size each.
constexpr uint32_t kFrames = 64;
const std::string kMessage(42, 'm');

void AppendRequest(WriteQueue& queue, uint32_t stream) {
  Piece piece;
  piece.flags = kFlagMessage;
  piece.size = static_cast<uint32_t>(kMessage.size());
  AppendPiece(queue, MakeHeader(FrameType::kRequest, kFlagEnd, stream, 1),
              TimePrefix::Deadline(15'000'000), {}, piece, kMessage);
}

void EncodeRequests(benchmark::State& state) {
  WriteQueue queue;
  while (state.KeepRunningBatch(kFrames)) {
    for (uint32_t i = 0; i < kFrames; ++i) AppendRequest(queue, 2 * i + 1);
    benchmark::DoNotOptimize(queue);
    queue.Clear();
  }
}
BENCHMARK(EncodeRequests);

std::string FrameBytesOf(uint32_t stream) {
  FrameHeader header =
      MakeHeader(FrameType::kRequest, kFlagEnd | kFlagMessage | kFlagDeadline, stream, 1);
  header.length = kTimePrefixBytes + static_cast<uint32_t>(kMessage.size());
  std::string bytes(kHeaderBytes + kTimePrefixBytes, '\0');
  EncodeHeader(header, bytes.data());
  return bytes + kMessage;
}

void ReadRequests(benchmark::State& state) {
  std::string begin;
  AppendSettingsFrame(Settings(), begin);
  std::string batch;
  for (uint32_t i = 0; i < kFrames; ++i) batch += FrameBytesOf(2 * i + 1);
  FrameReader reader(Settings().accepted_flags());
  Frame frame;
  reader.Feed(begin);
  while (reader.Next(frame) == FrameReader::Result::kFrame) {
  }
  while (state.KeepRunningBatch(kFrames)) {
    reader.Feed(batch);
    uint32_t frames = 0;
    while (reader.Next(frame) == FrameReader::Result::kFrame) {
      benchmark::DoNotOptimize(frame);
      ++frames;
    }
    if (frames != kFrames) state.SkipWithError("frames are missing");
  }
}
BENCHMARK(ReadRequests);

// A path and two pairs of a user's, as the first call of a method has them.
std::string MakeBlock() {
  std::string block;
  AppendPair(block, kPathKey, "/echo.Echo/Echo");
  AppendPair(block, "trace-id", "0123456789abcdef0123456789abcdef");
  AppendPair(block, "tenant", "blue");
  return block;
}

void EncodeMetadata(benchmark::State& state) {
  for (auto _ : state) {
    std::string block = MakeBlock();
    benchmark::DoNotOptimize(block);
  }
}
BENCHMARK(EncodeMetadata);

void ReadMetadata(benchmark::State& state) {
  const std::string block = MakeBlock();
  for (auto _ : state) {
    MetadataReader reader(block, MetadataPlace::kRequest);
    while (reader.Next()) benchmark::DoNotOptimize(reader.value());
    if (reader.failed()) state.SkipWithError("the block is wrong");
  }
}
BENCHMARK(ReadMetadata);

// Once a connection.
void SettingsThereAndBack(benchmark::State& state) {
  Settings said;
  said.max_streams = 1024;
  said.stream_window = 1024 * 1024;
  said.features = kFeatureAttached;
  for (auto _ : state) {
    std::string payload;
    EncodeSettings(said, payload);
    Settings heard;
    const std::optional<WireError> error = DecodeSettings(payload, heard);
    benchmark::DoNotOptimize(heard);
    if (error) state.SkipWithError("the settings are wrong");
  }
}
BENCHMARK(SettingsThereAndBack);

}  // namespace
}  // namespace dialtone::dialtone1
