// Which replies a server compresses, and with what; and what becomes of requests that cannot be unpacked.
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "compression_peer.h"

namespace dialtone {
namespace {

class ServerCompression : public CompressionTest {
 protected:
  ~ServerCompression() override {
    OnPeer([&] { peer_.reset(); });
    server_.reset();
  }
  void Serve(ServerOptions options = ServerOptions(), PlainHandler plain = EchoPlain,
             bool on_workers = false, ServiceOptions service_options = ServiceOptions()) {
    options.runtime = &world_.runtime;
    server_ = std::make_unique<Server>(options);
    server_->Add(std::make_unique<CoroutineService>(Echo), service_options);
    ServiceOptions plain_options;
    plain_options.run_on_workers = on_workers;
    server_->Add(std::make_unique<PlainService>(std::move(plain)), plain_options);
    server_->Add(MakeStreamService());
    auto bound = server_->Listen("127.0.0.1:0");
    ASSERT_TRUE(bound.ok()) << bound.status();
    ASSERT_TRUE(server_->Start().ok());
    OnPeer([&] { peer_ = std::make_unique<dialtone1::RawPeer>(*loop_, *bound); });
  }
  // Sends a call's request; its answer, which comes.
  Frame Ask(const Method& method, uint8_t flags, std::string_view part) {
    std::string block;
    dialtone1::AppendPair(block, dialtone1::kPathKey, method.path);
    std::string frame(dialtone1::kHeaderBytes + block.size(), '\0');
    dialtone1::WriteFrameHead(
        dialtone1::MakeHeader(FrameType::kRequest,
                              dialtone1::kFlagEnd | dialtone1::kFlagMessage | flags, next_stream_,
                              0),
        dialtone1::TimePrefix::None(), block, static_cast<uint32_t>(part.size()), frame.data());
    OnPeer([&] { peer_->Send(frame.append(part)); });
    EXPECT_TRUE(world_.network.RunUntil(
        [&] { return peer_->Count(FrameType::kResponse, next_stream_) == 1; }, absl::Seconds(10)));
    next_stream_ += 2;
    return FramesOf(FrameType::kResponse).back();
  }
  Frame Ask(const Method& method, const std::string& text) {
    return Ask(method, 0, MakeText(text).SerializeAsString());
  }
  static absl::StatusCode CodeOf(const Frame& frame) {
    return static_cast<absl::StatusCode>(frame.header.argument);
  }

  static Task<absl::Status> Echo(ServerCall&, const Text& request, Text& reply) {
    reply = request;
    co_return absl::OkStatus();
  }
  static absl::Status EchoPlain(ServerCall&, const Text& request, Text& reply) {
    reply = request;
    return absl::OkStatus();
  }

  std::unique_ptr<Server> server_;
  uint32_t next_stream_ = 1;
};

ServerOptions ServerWith(Compression algorithm) {
  ServerOptions options;
  options.compression.algorithm = algorithm;
  return options;
}

TEST_F(ServerCompression, RepliesAreCompressedForClientsThatUnpackThem) {
  for (const bool on_workers : {false, true}) {
    Serve(ServerWith(Compression::kGzip), EchoPlain, on_workers);
    OnPeer([&] { peer_->Send(HelloFrame(kBoth)); });
    for (const Method* method : {&kPlainMethod, &kCoroutineMethod}) {
      EXPECT_EQ(Look(Ask(*method, kLong)).algorithm, Compression::kGzip);
      EXPECT_EQ(Look(Ask(*method, "short")).algorithm, Compression::kNone);
      EXPECT_EQ(Look(Ask(*method, kLong)).text, kLong);
    }
    OnPeer([&] { peer_.reset(); });
    server_.reset();
    next_stream_ = 1;
  }
}

TEST_F(ServerCompression, AClientThatSaysNothingGetsRepliesAsTheyAre) {
  Serve(ServerWith(Compression::kGzip));
  OnPeer([&] { peer_->Send(HelloFrame(dialtone1::AlgorithmBit(dialtone1::kAlgorithmZstd))); });
  EXPECT_EQ(Look(Ask(kPlainMethod, kLong)).algorithm, Compression::kNone);
}

TEST_F(ServerCompression, TheHandlerChoosesBeforeItsMethodThatBeforeItsServiceThatBeforeTheServer) {
  ServiceOptions service_options;
  service_options.compression = Compression::kZstd;
  Serve(
      ServerWith(Compression::kGzip),
      [](ServerCall& call, const Text& request, Text& reply) {
        reply = request;
        if (request.value()[0] == 'z') call.set_compression(Compression::kZstd);
        if (request.value()[0] == 'n') call.set_compression(Compression::kNone);
        return absl::OkStatus();
      },
      false, service_options);
  OnPeer([&] { peer_->Send(HelloFrame(kBoth)); });
  EXPECT_EQ(Look(Ask(kPlainMethod, kLong)).algorithm, Compression::kGzip);
  EXPECT_EQ(Look(Ask(kPlainMethod, "z" + kLong)).algorithm, Compression::kZstd);
  EXPECT_EQ(Look(Ask(kPlainMethod, "n" + kLong)).algorithm, Compression::kNone);
  EXPECT_EQ(Look(Ask(kPlainMethod, kLong)).algorithm, Compression::kGzip) << "of that call alone";
  EXPECT_EQ(Look(Ask(kCoroutineMethod, kLong)).algorithm, Compression::kZstd);
}

TEST_F(ServerCompression, AMethodChoosesBeforeItsService) {
  ServiceOptions service_options;
  service_options.compression = Compression::kZstd;
  service_options.method_compression["Coroutine"] = Compression::kGzip;
  Serve(ServerOptions(), EchoPlain, false, service_options);
  OnPeer([&] { peer_->Send(HelloFrame(kBoth)); });
  EXPECT_EQ(Look(Ask(kCoroutineMethod, kLong)).algorithm, Compression::kGzip);
  EXPECT_EQ(Look(Ask(kPlainMethod, kLong)).algorithm, Compression::kNone);
}

TEST_F(ServerCompression, RequestsAreUnpackedOnReactorsAndOnWorkers) {
  const std::string message = MakeText(kLong).SerializeAsString();
  for (const bool on_workers : {false, true}) {
    Serve(ServerOptions(), EchoPlain, on_workers);
    OnPeer([&] { peer_->Send(HelloFrame(0)); });
    for (const Compression algorithm : {Compression::kGzip, Compression::kZstd}) {
      const std::string part = CompressedPart(algorithm, message.size(),
                                              PackedBy(*internal::CodecFor(algorithm), message));
      for (const Method* method : {&kPlainMethod, &kCoroutineMethod})
        EXPECT_EQ(Look(Ask(*method, dialtone1::kFlagCompressed, part)).text, kLong);
    }
    OnPeer([&] { peer_.reset(); });
    server_.reset();
    next_stream_ = 1;
  }
}

TEST_F(ServerCompression, ARequestThatCannotBeUnpackedEndsItsCallAlone) {
  const std::string message = MakeText(kLong).SerializeAsString();
  for (const bool on_workers : {false, true}) {
    Serve(ServerOptions(), EchoPlain, on_workers);
    OnPeer([&] { peer_->Send(HelloFrame(0)); });
    for (const Compression algorithm : {Compression::kGzip, Compression::kZstd}) {
      const std::string packed = PackedBy(*internal::CodecFor(algorithm), message);
      for (const std::string& part :
           {CompressedPart(algorithm, message.size(), packed.substr(0, packed.size() - 1)),
            CompressedPart(algorithm, message.size(), packed + "x"),
            CompressedPart(algorithm, message.size() + 1, packed),
            CompressedPart(algorithm, 0, packed)}) {
        const Frame answer = Ask(kPlainMethod, dialtone1::kFlagCompressed, part);
        EXPECT_EQ(CodeOf(answer), absl::StatusCode::kInvalidArgument);
        EXPECT_NE(answer.metadata.find("cannot be unpacked"), std::string_view::npos);
      }
    }
    EXPECT_EQ(Look(Ask(kPlainMethod, "still")).text, "still");
    OnPeer([&] { peer_.reset(); });
    server_.reset();
    next_stream_ = 1;
  }
}

TEST_F(ServerCompression, ABombIsStoppedBeforeItTakesMemory) {
  Serve();
  OnPeer([&] { peer_->Send(HelloFrame(0)); });
  constexpr size_t kBlown = 16 << 20;
  const std::string zeros(kBlown, '\0');
  for (const Compression algorithm : {Compression::kGzip, Compression::kZstd}) {
    const std::string bomb = PackedBy(*internal::CodecFor(algorithm), zeros);
    largest_allocation_of_this_thread = 0;
    EXPECT_EQ(CodeOf(Ask(kPlainMethod, dialtone1::kFlagCompressed,
                         CompressedPart(algorithm, kBlown, bomb))),
              absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(CodeOf(Ask(kPlainMethod, dialtone1::kFlagCompressed,
                         CompressedPart(algorithm, 1000, bomb))),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(CodeOf(Ask(kCoroutineMethod, dialtone1::kFlagCompressed,
                         CompressedPart(algorithm, 4u << 20, bomb))),
              absl::StatusCode::kInvalidArgument);
    EXPECT_LT(largest_allocation_of_this_thread, 1'000'000u);
  }
}

TEST_F(ServerCompression, AStreamsMessagesAreUnpackedAsTheyAreRead) {
  Serve(ServerWith(Compression::kZstd));
  OnPeer([&] { peer_->Send(HelloFrame(kBoth)); });
  const std::string message = MakeText(kLong).SerializeAsString();
  const Frame answer = Ask(kUpMethod, dialtone1::kFlagCompressed,
                           CompressedPart(Compression::kGzip, message.size(),
                                          PackedBy(*internal::GzipCodec(), message)));
  EXPECT_EQ(Look(answer).text, kLong);
  EXPECT_EQ(Look(answer).algorithm, Compression::kZstd);
  const Frame broken = Ask(kUpMethod, dialtone1::kFlagCompressed,
                           CompressedPart(Compression::kGzip, message.size(), "nonsense"));
  EXPECT_EQ(CodeOf(broken), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(broken.metadata.find("a message cannot be unpacked: gzip"), std::string_view::npos);
}

}  // namespace
}  // namespace dialtone
