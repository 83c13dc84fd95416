// Which messages a client compresses, and with what; and what becomes of replies that cannot be unpacked.
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "compression_peer.h"

namespace dialtone::client_compression_test {
namespace {

class ClientCompression : public CompressionTest {
 protected:
  ClientCompression() {
    OnPeer([&] { peer_ = std::make_unique<dialtone1::RawPeer>(world_.network, *loop_); });
  }
  ~ClientCompression() override {
    calls_.clear();
    channel_.reset();
  }
  void Connect(const ChannelOptions& options = ChannelOptions()) {
    ChannelOptions with_runtime = options;
    with_runtime.runtime = &world_.runtime;
    channel_ = std::make_unique<Channel>(peer_->address().ToString(), with_runtime);
  }
  // Connects, and has the server say what it unpacks.
  void ConnectTo(uint32_t compressions, const ChannelOptions& options = ChannelOptions()) {
    Connect(options);
    Request("first");
    OnPeer([&] { peer_->Send(HelloFrame(compressions)); });
    Run();
  }
  // Begins a call and returns what the server gets.
  Seen Request(const std::string& text, const CallOptions& options = CallOptions(),
               bool coroutine = false) {
    calls_.push_back(coroutine ? StartCoroutine(*channel_, text, options)
                               : StartPlain(*channel_, text, options));
    Run();
    const std::vector<Frame> requests = FramesOf(FrameType::kRequest);
    EXPECT_EQ(requests.size(), calls_.size());
    const Seen seen = Look(requests.back());
    EXPECT_EQ(seen.text, text);
    return seen;
  }
  // Ends the last call with this, and returns how its caller sees it.
  std::string Reply(uint8_t flags, const std::string& part) {
    const uint32_t stream = FramesOf(FrameType::kRequest).back().header.stream;
    std::string frame(dialtone1::kHeaderBytes, '\0');
    dialtone1::WriteFrameHead(
        dialtone1::MakeHeader(FrameType::kResponse,
                              dialtone1::kFlagEnd | dialtone1::kFlagMessage | flags, stream, 0),
        dialtone1::TimePrefix::None(), {}, static_cast<uint32_t>(part.size()), frame.data());
    OnPeer([&] { peer_->Send(frame + part); });
    return Show(std::move(calls_.back()).Wait());
  }
  std::string CompressedReply(Compression algorithm, size_t original_bytes,
                              std::string_view packed) {
    Request("next");
    return Reply(dialtone1::kFlagCompressed, CompressedPart(algorithm, original_bytes, packed));
  }

  std::unique_ptr<Channel> channel_;
  std::vector<Call<Text>> calls_;
};

ChannelOptions With(Compression algorithm) {
  ChannelOptions options;
  options.compression.algorithm = algorithm;
  return options;
}

TEST_F(ClientCompression, RequestsGoAsTheyAreUntilTheServerHasSaidWhatItUnpacks) {
  Connect(With(Compression::kZstd));
  EXPECT_EQ(Request(kLong).algorithm, Compression::kNone);
  OnPeer([&] { peer_->Send(HelloFrame(kBoth)); });
  Run();
  EXPECT_EQ(Request(kLong).algorithm, Compression::kZstd);
  EXPECT_LT(FramesOf(FrameType::kRequest).back().message.size(), 100u);
}

TEST_F(ClientCompression, OnlyWhatTheServerUnpacksIsUsed) {
  ConnectTo(dialtone1::AlgorithmBit(dialtone1::kAlgorithmGzip), With(Compression::kZstd));
  EXPECT_EQ(Request(kLong).algorithm, Compression::kNone);
  EXPECT_EQ(Request(kLong, CallOptions().set_compression(Compression::kGzip)).algorithm,
            Compression::kGzip);
}

TEST_F(ClientCompression, SmallMessagesGoAsTheyAre) {
  ChannelOptions options = With(Compression::kGzip);
  options.compression.bytes_min = 500;
  ConnectTo(kBoth, options);
  // 3 bytes around the text.
  EXPECT_EQ(Request(std::string(496, 'x')).algorithm, Compression::kNone);
  EXPECT_EQ(Request(std::string(497, 'x')).algorithm, Compression::kGzip);
}

TEST_F(ClientCompression, AMessageThatWouldNotBecomeSmallerGoesAsItIs) {
  ChannelOptions options = With(Compression::kGzip);
  options.compression.bytes_min = 0;
  ConnectTo(kBoth, options);
  EXPECT_EQ(Request("").algorithm, Compression::kNone);
  EXPECT_EQ(Request("abcdefgh").algorithm, Compression::kNone);
  EXPECT_EQ(Request(std::string(100, 'x')).algorithm, Compression::kGzip);
}

TEST_F(ClientCompression, TheCallChoosesBeforeItsMethodThatBeforeItsServiceThatBeforeTheChannel) {
  ChannelOptions options = With(Compression::kGzip);
  options.methods["test.Service"].compression = Compression::kNone;
  options.methods["test.Service/Coroutine"].compression = Compression::kZstd;
  options.methods["test.Plain"].retry = NoRetries();  // says nothing of compression
  ConnectTo(kBoth, options);
  EXPECT_EQ(Request(kLong).algorithm, Compression::kGzip);
  EXPECT_EQ(Request(kLong, CallOptions(), /*coroutine=*/true).algorithm, Compression::kZstd);
  EXPECT_EQ(Request(kLong, CallOptions().set_compression(Compression::kGzip), true).algorithm,
            Compression::kGzip);
  EXPECT_EQ(Request(kLong, CallOptions().set_compression(Compression::kNone), true).algorithm,
            Compression::kNone);
  channel_.reset();
  calls_.clear();
}

TEST_F(ClientCompression, EachMessageOfAStreamIsCompressedByItself) {
  ConnectTo(kBoth, With(Compression::kZstd));
  UpCall call = StartUp(*channel_);
  EXPECT_TRUE(call.Write(MakeText(kLong)).Wait());
  EXPECT_TRUE(call.Write(MakeText("small")).Wait());
  EXPECT_TRUE(call.WriteLast(MakeText(kLong + "2")).Wait());
  Run();
  const std::vector<Frame> data = FramesOf(FrameType::kData);
  ASSERT_EQ(data.size(), 3u);
  EXPECT_EQ(Look(data[0]).algorithm, Compression::kZstd);
  EXPECT_EQ(Look(data[0]).text, kLong);
  EXPECT_EQ(Look(data[1]).algorithm, Compression::kNone);
  EXPECT_EQ(Look(data[2]).algorithm, Compression::kZstd);
  EXPECT_EQ(Look(data[2]).text, kLong + "2");
}

TEST_F(ClientCompression, AStreamMayBeWrittenToWhenItsChannelIsGone) {
  ConnectTo(kBoth, With(Compression::kZstd));
  ChatCall chat = StartChat(*channel_);
  Run();
  channel_.reset();
  EXPECT_FALSE(chat.Write(MakeText(kLong)).Wait());
  EXPECT_EQ(chat.Finish().Wait(), absl::CancelledError("the channel was destroyed"));
}

// --- What a client unpacks ---

TEST_F(ClientCompression, RepliesAreUnpackedWhateverTheClientItselfSends) {
  ConnectTo(0);
  const std::string message = MakeText(kLong).SerializeAsString();
  for (const Compression algorithm : {Compression::kGzip, Compression::kZstd}) {
    EXPECT_EQ(CompressedReply(algorithm, message.size(),
                              PackedBy(*internal::CodecFor(algorithm), message)),
              "OK: " + kLong);
  }
}

TEST_F(ClientCompression, AReplyThatCannotBeUnpackedEndsItsCallAlone) {
  ConnectTo(0);
  const std::string message = MakeText(kLong).SerializeAsString();
  for (const Compression algorithm : {Compression::kGzip, Compression::kZstd}) {
    const std::string packed = PackedBy(*internal::CodecFor(algorithm), message);
    for (const auto& [what, bytes, declared] :
         std::vector<std::tuple<std::string, std::string, size_t>>{
             {"cut off", packed.substr(0, packed.size() - 1), message.size()},
             {"followed by something", packed + "x", message.size()},
             {"smaller than declared", packed, message.size() + 1},
             {"larger than declared", packed, message.size() - 1},
             {"empty", "", message.size()},
             {"noise", Noise(100), message.size()}}) {
      const std::string shown = CompressedReply(algorithm, declared, bytes);
      EXPECT_EQ(shown.rfind("INTERNAL: ", 0), 0u) << what << ": " << shown;
      EXPECT_NE(shown.find("cannot be unpacked"), std::string::npos) << what << ": " << shown;
    }
    // Of a connection that goes on.
    EXPECT_EQ(CompressedReply(algorithm, message.size(), packed), "OK: " + kLong);
  }
}

TEST_F(ClientCompression, ABombIsStoppedBeforeItTakesMemory) {
  ConnectTo(0);
  constexpr size_t kBlown = 16 << 20;
  const std::string zeros(kBlown, '\0');
  for (const Compression algorithm : {Compression::kGzip, Compression::kZstd}) {
    const std::string bomb = PackedBy(*internal::CodecFor(algorithm), zeros);
    ASSERT_LT(bomb.size(), 20'000u);
    // One that says a small size at its end, too, is found when it is unpacked.
    std::string lying = bomb;
    if (algorithm == Compression::kGzip) dialtone1::Store32(lying.data() + lying.size() - 4, 1000);
    largest_allocation_of_this_thread = 0;
    EXPECT_EQ(CompressedReply(algorithm, kBlown, bomb).rfind("RESOURCE_EXHAUSTED: ", 0), 0u);
    EXPECT_EQ(CompressedReply(algorithm, 1000, bomb).rfind("INTERNAL: ", 0), 0u);
    EXPECT_EQ(CompressedReply(algorithm, 1000, lying).rfind("INTERNAL: ", 0), 0u);
    EXPECT_EQ(CompressedReply(algorithm, 4u << 20, bomb).rfind("INTERNAL: ", 0), 0u)
        << "it says itself that it becomes more";
    EXPECT_LT(largest_allocation_of_this_thread, 1'000'000u);
  }
}

}  // namespace
}  // namespace dialtone::client_compression_test
