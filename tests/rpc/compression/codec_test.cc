// What the algorithms make of good bytes, and of bytes that a peer has made to do harm.
#include "codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <thread>

namespace dialtone::internal {
namespace {

std::string Text(size_t bytes) {
  std::mt19937 random(9);
  std::string text;
  while (text.size() < bytes) text += "line " + std::to_string(random() % 1000) + "; ";
  text.resize(bytes);
  return text;
}

std::string Noise(size_t bytes, int seed) {
  std::mt19937 random(seed);
  std::string noise(bytes, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  return noise;
}

// Enough for anything that these tests pack.
std::string Pack(const Codec& codec, std::string_view bytes, int level = 1) {
  std::string packed(bytes.size() + bytes.size() / 10 + 1024, '\0');
  packed.resize(codec.Pack(bytes, level, std::span<char>(packed)));
  return packed;
}

// A block with bytes behind its end that must stay as they are.
class GuardedBlock {
 public:
  explicit GuardedBlock(size_t bytes) : bytes_(bytes), block_(bytes + kGuardBytes, kGuard) {}
  std::span<char> span() { return std::span<char>(block_.data(), bytes_); }
  std::string_view view() const { return std::string_view(block_.data(), bytes_); }
  bool guard_is_whole() const {
    return std::all_of(block_.begin() + static_cast<ptrdiff_t>(bytes_), block_.end(),
                       [](char byte) { return byte == kGuard; });
  }

 private:
  static constexpr size_t kGuardBytes = 4096;
  static constexpr char kGuard = 0x5A;
  size_t bytes_;
  std::string block_;
};

// One algorithm a run; those that this build has not are another test's business.
class CodecTest : public testing::TestWithParam<Compression> {
 protected:
  void SetUp() override {
    if (CodecFor(GetParam()) == nullptr) GTEST_SKIP() << "not in this build";
  }
  const Codec& codec() const { return *CodecFor(GetParam()); }

  // Neither wrong nor written beyond the end.
  void ExpectMalformed(std::string_view packed, size_t declared, std::string_view why = "") {
    GuardedBlock block(declared);
    const absl::Status status = codec().Unpack(packed, block.span());
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_NE(status.message().find(absl::string_view(why.data(), why.size())),
              absl::string_view::npos)
        << status;
    EXPECT_TRUE(block.guard_is_whole());
  }
};

INSTANTIATE_TEST_SUITE_P(Algorithms, CodecTest,
                         testing::Values(Compression::kGzip, Compression::kZstd),
                         [](const auto& one) { return std::string(CompressionName(one.param)); });

// What a thread has of its own ends in the order opposite to that in which it began.
TEST_P(CodecTest, ServesWhatAThreadDestroysAfterItsOwnMemory) {
  struct Last {
    const Codec* codec = nullptr;
    bool* right = nullptr;
    ~Last() {
      const std::string text = Text(1000);
      const std::string packed = Pack(*codec, text);
      GuardedBlock block(text.size());
      *right = codec->Unpack(packed, block.span()).ok() && block.view() == text;
    }
  };
  bool right = false;
  std::thread([&] {
    thread_local Last last;
    last.codec = &codec();
    last.right = &right;
    Pack(codec(), "the thread's memory begins after that object");
    GuardedBlock block(1);
    EXPECT_TRUE(codec().Unpack(Pack(codec(), "x"), block.span()).ok());
  }).join();
  EXPECT_TRUE(right);
}

TEST_P(CodecTest, WhatIsPackedComesBack) {
  for (const size_t bytes : {0u, 1u, 2u, 255u, 1024u, 65535u, 65536u, 65537u, 1000000u}) {
    for (const std::string& message : {Text(bytes), Noise(bytes, 5), std::string(bytes, '\0')}) {
      const std::string packed = Pack(codec(), message);
      ASSERT_FALSE(packed.empty());
      EXPECT_TRUE(codec().Judge(packed, bytes).ok()) << codec().Judge(packed, bytes);
      GuardedBlock block(bytes);
      const absl::Status status = codec().Unpack(packed, block.span());
      EXPECT_TRUE(status.ok()) << status;
      EXPECT_EQ(block.view(), message);
      EXPECT_TRUE(block.guard_is_whole());
    }
  }
}

TEST_P(CodecTest, EveryLevelIsTakenForTheNearestThereIs) {
  const std::string message = Text(20000);
  for (const int level : {-1000000, -1, 0, 1, 2, 6, 9, 10, 1000000}) {
    const std::string packed = Pack(codec(), message, level);
    EXPECT_LT(packed.size(), message.size()) << level;
    GuardedBlock block(message.size());
    EXPECT_TRUE(codec().Unpack(packed, block.span()).ok()) << level;
    EXPECT_EQ(block.view(), message) << level;
  }
  EXPECT_LT(Pack(codec(), message, 9).size(), Pack(codec(), message, 1).size());
}

TEST_P(CodecTest, WhatDoesNotBecomeSmallEnoughIsToldApart) {
  const std::string noise = Noise(10000, 1);
  GuardedBlock block(noise.size() - 1);
  EXPECT_EQ(codec().Pack(noise, 1, block.span()), 0u);
  EXPECT_TRUE(block.guard_is_whole());
  // And does no harm to the next message of this thread.
  const std::string packed = Pack(codec(), Text(10000));
  GuardedBlock next(10000);
  EXPECT_TRUE(codec().Unpack(packed, next.span()).ok());
  EXPECT_EQ(next.view(), Text(10000));
}

TEST_P(CodecTest, ABombIsStoppedAtTheDeclaredSize) {
  // 64 MiB of nothing, which become some kilobytes.
  const std::string bomb = Pack(codec(), std::string(64 << 20, '\0'));
  EXPECT_LT(bomb.size(), 300000u);
  for (const size_t declared : {0u, 1u, 1000u, 65536u, 1000000u}) {
    ExpectMalformed(bomb, declared, "larger than was declared");
    // Mostly it is not even begun with.
    EXPECT_EQ(codec().Judge(bomb, declared).code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_P(CodecTest, WhatIsLessThanDeclaredIsMalformed) {
  const std::string packed = Pack(codec(), Text(5000));
  ExpectMalformed(packed, 5001, "smaller than was declared");
  EXPECT_EQ(codec().Judge(packed, 5001).code(), absl::StatusCode::kInvalidArgument);
}

TEST_P(CodecTest, WhatIsCutOffAnywhereIsMalformed) {
  const std::string packed = Pack(codec(), Text(3000));
  for (size_t bytes = 0; bytes < packed.size(); ++bytes) {
    ExpectMalformed(std::string_view(packed).substr(0, bytes), 3000);
  }
}

TEST_P(CodecTest, WhatStandsBehindTheEndIsMalformed) {
  const std::string message = Text(3000);
  const std::string packed = Pack(codec(), message);
  for (const std::string& tail : {std::string(1, '\0'), std::string("x"), Noise(100, 2), packed}) {
    ExpectMalformed(packed + tail, 3000, "behind its end");
  }
  ExpectMalformed(packed + packed, 6000);
}

TEST_P(CodecTest, DamagedBytesAreMalformedOrAnotherMessageOfTheSameSize) {
  const std::string packed = Pack(codec(), Text(3000));
  std::mt19937 random(3);
  int malformed = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = packed;
    damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
    GuardedBlock block(3000);
    malformed += codec().Unpack(damaged, block.span()).ok() ? 0 : 1;
    EXPECT_TRUE(block.guard_is_whole());
  }
  EXPECT_GT(malformed, 0);
  ExpectMalformed(Noise(3000, 4), 3000);
}

TEST(ZstdTest, WhatTheLibraryWouldPassOverIsMalformed) {
  if (ZstdCodec() == nullptr) GTEST_SKIP() << "not in this build";
  const std::string message = Text(3000);
  const std::string packed = Pack(*ZstdCodec(), message);
  const std::string skippable("\x50\x2A\x4D\x18\x04\x00\x00\x00none", 12);
  GuardedBlock block(3000);
  EXPECT_EQ(ZstdCodec()->Unpack(skippable + packed, block.span()).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ZstdCodec()->Unpack(packed + skippable, block.span()).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(Compressions, KnowTheirNamesAndWhetherTheyAreThere) {
  EXPECT_EQ(CompressionName(Compression::kNone), "none");
  EXPECT_EQ(CompressionName(Compression::kGzip), "gzip");
  EXPECT_EQ(CompressionName(Compression::kZstd), "zstd");
  EXPECT_TRUE(CompressionAvailable(Compression::kNone));
  EXPECT_EQ(CodecFor(Compression::kNone), nullptr);
  EXPECT_EQ(CompressionAvailable(Compression::kGzip), GzipCodec() != nullptr);
  EXPECT_EQ(CompressionAvailable(Compression::kZstd), ZstdCodec() != nullptr);
}

}  // namespace
}  // namespace dialtone::internal
