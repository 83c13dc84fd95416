// What tests of compression share: a peer that speaks in bytes, and looks into them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "codec.h"
#include "compressions.h"
#include "counting_new.h"
#include "raw_peer.h"
#include "sim_servers.h"
#include "stream_service.h"

namespace dialtone {

using dialtone1::Frame;
using dialtone1::FrameType;

inline constexpr uint32_t kBoth = dialtone1::AlgorithmBit(dialtone1::kAlgorithmGzip) |
                                  dialtone1::AlgorithmBit(dialtone1::kAlgorithmZstd);
inline std::string Noise(size_t bytes) {
  std::string noise(bytes, '\0');
  uint32_t x = 1;
  for (char& c : noise) c = static_cast<char>((x = x * 1664525u + 1013904223u) >> 24);
  return noise;
}
inline const std::string kLong(5000, 'x');

inline std::string HelloFrame(uint32_t compressions) {
  dialtone1::Settings settings;
  settings.features = dialtone1::kFeatureAttached | dialtone1::kFeatureCompressed;
  settings.compressions = compressions;
  std::string bytes(dialtone1::kPreface);
  dialtone1::AppendSettingsFrame(settings, bytes);
  return bytes;
}

inline std::string PackedBy(const internal::Codec& codec, std::string_view bytes, int level = 9) {
  std::string packed(bytes.size() + 1000, '\0');
  packed.resize(codec.Pack(bytes, level, std::span<char>(packed)));
  return packed;
}

// The message part of a frame whose message is compressed, or says so.
inline std::string CompressedPart(Compression algorithm, size_t original_bytes,
                                  std::string_view packed) {
  std::string part(5, static_cast<char>(dialtone1::AlgorithmNumber(algorithm)));
  dialtone1::Store32(part.data() + 1, static_cast<uint32_t>(original_bytes));
  return part.append(packed);
}

// What a frame says of how its message is compressed, and what the message is without.
struct Seen {
  Compression algorithm = Compression::kNone;
  std::string text;
};
inline Seen Look(const Frame& frame) {
  Seen seen;
  std::string_view bytes = frame.message;
  std::string original;
  if (frame.has(dialtone1::kFlagCompressed)) {
    seen.algorithm = dialtone1::AlgorithmOf(static_cast<uint8_t>(bytes[0]));
    original.resize(dialtone1::Load32(bytes.data() + 1));
    const absl::Status status =
        internal::CodecFor(seen.algorithm)->Unpack(bytes.substr(5), std::span<char>(original));
    EXPECT_TRUE(status.ok()) << status;
    bytes = original;
  }
  Text message;
  EXPECT_TRUE(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  seen.text = message.value();
  return seen;
}

class CompressionTest : public testing::Test {
 protected:
  CompressionTest() : loop_(world_.network.NewReactor("raw/0")) {}
  ~CompressionTest() override {
    OnPeer([&] { peer_.reset(); });
    world_.network.RunFor(absl::Seconds(1));
  }
  void SetUp() override {
    if (internal::GzipCodec() == nullptr || internal::ZstdCodec() == nullptr)
      GTEST_SKIP() << "an algorithm is not in this build";
  }
  void OnPeer(absl::FunctionRef<void()> f) { world_.network.RunOn(*loop_, f); }
  void Run() { world_.network.RunFor(absl::Milliseconds(5)); }
  std::vector<Frame> FramesOf(FrameType type) {
    std::vector<Frame> found;
    for (const Frame& frame : peer_->Frames()) {
      if (frame.type() == type) found.push_back(frame);
    }
    return found;
  }

  SimProcess world_{InstantOptions()};
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<dialtone1::RawPeer> peer_;
};

}  // namespace dialtone
