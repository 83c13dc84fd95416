// What travels with a call: messages of every size, statuses, details, metadata, limits; the same
// over sockets and in process.
#include <gmock/gmock.h>
#include <google/protobuf/duration.pb.h>

#include "call_fixture.h"
#include "dialtone/rpc/status_details.h"

namespace dialtone {
namespace {

using google::protobuf::BytesValue;
using google::protobuf::Duration;

class CallContent : public BothWays {
 protected:
  // A handler that answers with what it was asked.
  static absl::Status Echo(ServerCall&, const Text& request, Text& reply) {
    reply.set_value(request.value());
    return absl::OkStatus();
  }
};
INSTANTIATE_TEST_SUITE_P(Networks, CallContent, testing::Bool(), NetworkName);

// A text whose message serialises to exactly `bytes` bytes.
std::string TextOf(size_t bytes) {
  for (size_t length = bytes; length + 8 > bytes; --length) {
    const std::string text(length, 'x');
    if (MakeText(text).ByteSizeLong() == bytes) return text;
    if (length == 0) break;
  }
  ADD_FAILURE() << "no message of " << bytes << " bytes";
  return "";
}

TEST_P(CallContent, MessagesOfEverySize) {
  Serve(Hello, Echo);
  auto channel = MakeChannel();
  constexpr size_t kMax = 4 * 1024 * 1024;
  for (size_t bytes : {size_t{0}, size_t{3}, size_t{1000}, size_t{64 * 1024 - 1}, size_t{64 * 1024},
                       size_t{64 * 1024 + 1}, size_t{1024 * 1024}, kMax}) {
    const std::string text = TextOf(bytes);
    const absl::StatusOr<Text> reply = StartPlain(*channel, text).Wait();
    ASSERT_TRUE(reply.ok()) << bytes << ": " << reply.status();
    EXPECT_TRUE(reply->value() == text) << bytes;
  }
  const absl::Status above = StartPlain(*channel, TextOf(kMax + 1)).Wait().status();
  EXPECT_TRUE(absl::IsResourceExhausted(above)) << above;
  EXPECT_NE(above.message().find("4194305"), absl::string_view::npos) << above;
  EXPECT_NE(above.message().find("4194304"), absl::string_view::npos) << above;
  EXPECT_EQ(Show(StartPlain(*channel, "still").Wait()), "OK: still");
}

TEST_P(CallContent, AReplyAboveTheClientsLimit) {
  Serve(Hello, [](ServerCall&, const Text&, Text& reply) {
    reply.set_value(std::string(100'000, 'x'));
    return absl::OkStatus();
  });
  ChannelOptions options;
  options.limits.message_bytes_max = 50'000;
  auto channel = MakeChannel(options);
  const absl::Status above = StartPlain(*channel, "x").Wait().status();
  EXPECT_TRUE(absl::IsResourceExhausted(above)) << above;
  EXPECT_NE(above.message().find("50000"), absl::string_view::npos) << above;
  EXPECT_EQ(Show(StartCoroutine(*channel, "still").Wait()), "OK: hello still");
}

TEST_P(CallContent, ARequestAboveTheServersLimit) {
  ServerOptions options;
  options.limits.message_bytes_max = 50'000;
  Serve(Hello, Echo, false, RealServer::TwoReactors(), options);
  auto channel = MakeChannel();
  ASSERT_TRUE(StartPlain(*channel, "the server tells its limit").Wait().ok());
  const absl::Status above = StartPlain(*channel, std::string(60'000, 'x')).Wait().status();
  EXPECT_TRUE(absl::IsResourceExhausted(above)) << above;
  EXPECT_NE(above.message().find("50000"), absl::string_view::npos) << above;
  EXPECT_EQ(Show(StartPlain(*channel, "still").Wait()), "OK: still");
}

TEST_P(CallContent, EveryStatusCodeItsTextAndItsDetails) {
  Serve(Hello, [](ServerCall&, const Text& request, Text&) {
    absl::Status status(static_cast<absl::StatusCode>(std::stoi(request.value())),
                        "text of " + request.value());
    Duration detail;
    detail.set_seconds(std::stoi(request.value()));
    AddDetail(status, detail);
    return status;
  });
  auto channel = MakeChannel();
  for (int code = 1; code <= 16; ++code) {
    const absl::Status status = StartPlain(*channel, std::to_string(code)).Wait().status();
    EXPECT_EQ(static_cast<int>(status.code()), code);
    EXPECT_EQ(ToStd(status.message()), "text of " + std::to_string(code));
    const std::optional<Duration> detail = GetDetail<Duration>(status);
    ASSERT_TRUE(detail.has_value()) << code;
    EXPECT_EQ(detail->seconds(), code);
    EXPECT_FALSE(GetDetail<Text>(status).has_value());
  }
}

TEST_P(CallContent, AMethodThatTheServerDoesNotHave) {
  Serve();
  auto channel = MakeChannel();
  const absl::Status status =
      Call<Text>(*channel, kMissingMethod, MakeText("x"), CallOptions()).Wait().status();
  EXPECT_TRUE(absl::IsUnimplemented(status)) << status;
  EXPECT_NE(status.message().find("/test.Service/Missing"), absl::string_view::npos) << status;
}

TEST_P(CallContent, ARequestThatIsNoValidProtobuf) {
  Serve();
  auto channel = MakeChannel();
  BytesValue broken;  // a string field must be UTF-8, bytes need not be: this parses as no Text
  broken.set_value("\xFF\xFE");
  const absl::Status status =
      Call<Text>(*channel, kPlainMethod, broken, CallOptions()).Wait().status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_NE(status.message().find("google.protobuf.StringValue"), absl::string_view::npos)
      << status;
  EXPECT_EQ(Show(StartPlain(*channel, "still").Wait()), "OK: hello still");
}

TEST_P(CallContent, MetadataGoesBothWaysTextAndBinary) {
  std::string binary("\0\x01\xFF,", 4);
  Serve(Hello, [&](ServerCall& call, const Text&, Text& reply) {
    reply.set_value(std::string(call.metadata().Get("token").value_or("none")));
    EXPECT_EQ(call.metadata().Get("blob-bin"), binary);
    EXPECT_EQ(call.metadata().GetAll("many").size(), 2u);
    EXPECT_EQ(call.method(), "/test.Plain/Plain");
    EXPECT_EQ(call.protocol(), GetParam() ? "in-process" : "dialtone/1");
    EXPECT_GT(call.time_left(), absl::Seconds(1));
    EXPECT_LE(call.time_left(), absl::Seconds(15));
    EXPECT_TRUE(call.initial_metadata().Add("first", "1").ok());
    EXPECT_TRUE(call.trailing_metadata().Add("last-bin", binary).ok());
    return absl::OkStatus();
  });
  auto channel = MakeChannel();
  CallOptions options;
  ASSERT_TRUE(options.metadata.Add("token", "secret").ok());
  ASSERT_TRUE(options.metadata.Add("blob-bin", binary).ok());
  ASSERT_TRUE(options.metadata.Add("many", "1").ok());
  ASSERT_TRUE(options.metadata.Add("many", "2").ok());
  for (int way = 0; way < 3; ++way) {
    CallInfo info;
    std::string shown;
    Call<Text> call = StartPlain(*channel, "x", options).Capture(info);
    if (way == 0) {
      shown = Show(call.Wait());
    } else if (way == 1) {
      Event ended;
      std::move(call).Then([&](absl::StatusOr<Text> reply) {
        shown = Show(reply);
        ended.Set();
      });
      ASSERT_TRUE(WaitFor(ended));
    } else {
      auto await = [](Call<Text> awaited, std::string& into) -> Task<absl::Status> {
        absl::StatusOr<Text> reply = co_await awaited;
        into = Show(reply);
        co_return absl::OkStatus();
      };
      EXPECT_TRUE(BlockOn(await(std::move(call), shown), real().runtime).ok());
    }
    EXPECT_EQ(shown, "OK: secret") << way;
    EXPECT_EQ(info.initial_metadata.Get("first"), "1") << way;
    EXPECT_EQ(info.trailing_metadata.Get("last-bin"), binary) << way;
    EXPECT_EQ(info.peer.ToString(), GetParam() ? Address().ToString() : real().target) << way;
  }
}

TEST_P(CallContent, ACallInfoThatIsUsedAgainKeepsNothingOfTheCallBefore) {
  Serve(Hello, [](ServerCall& call, const Text& request, Text&) {
    if (request.value() != "first") return absl::OkStatus();
    EXPECT_TRUE(call.initial_metadata().Add("first", "1").ok());
    EXPECT_TRUE(call.trailing_metadata().Add("last", "1").ok());
    call.set_reply_attachment(Attachment(std::string("beside")));
    return absl::OkStatus();
  });
  ChannelOptions with_times;
  with_times.want_server_times = true;
  const auto timed = MakeChannel(with_times);
  const auto channel = MakeChannel();
  CallInfo info;
  EXPECT_TRUE(StartPlain(*timed, "first").Capture(info).Wait().ok());
  EXPECT_EQ(info.initial_metadata.size() + info.trailing_metadata.size(), 2u);
  EXPECT_FALSE(info.attachment.empty());
  EXPECT_EQ(info.server_handler_time.has_value(), !GetParam());
  EXPECT_TRUE(StartPlain(*channel, "second").Capture(info).Wait().ok());
  EXPECT_TRUE(info.initial_metadata.empty());
  EXPECT_TRUE(info.trailing_metadata.empty());
  EXPECT_TRUE(info.attachment.empty());
  EXPECT_FALSE(info.server_queue_time.has_value() || info.server_handler_time.has_value());
  EXPECT_EQ(info.attempts, 1u);
}

TEST_P(CallContent, FailuresCarryTrailingMetadataToo) {
  Serve(Hello, [&](ServerCall& call, const Text&, Text&) {
    EXPECT_TRUE(call.trailing_metadata().Add("why", "because").ok());
    return absl::AbortedError("no");
  });
  auto channel = MakeChannel();
  CallInfo info;
  EXPECT_EQ(Show(StartPlain(*channel, "x").Capture(info).Wait()), "ABORTED: no");
  EXPECT_EQ(info.trailing_metadata.Get("why"), "because");
}

TEST_P(CallContent, TheFirstCallMayHaveAsMuchMetadataAsAnyOther) {
  Serve();
  auto channel = MakeChannel();
  CallOptions options;
  ASSERT_TRUE(options.metadata.Add("big", std::string(16'000, 'x')).ok());
  EXPECT_EQ(Show(StartPlain(*channel, "x", options).Wait()), "OK: hello x");
}

TEST_P(CallContent, RequestMetadataAboveTheLimitFailsItsCallAlone) {
  Serve();
  auto channel = MakeChannel();
  ASSERT_TRUE(StartPlain(*channel, "x").Wait().ok());
  CallOptions options;
  ASSERT_TRUE(options.metadata.Add("big", std::string(20'000, 'x')).ok());
  const absl::Status status = StartPlain(*channel, "x", options).Wait().status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_NE(status.message().find("metadata"), absl::string_view::npos) << status;
  EXPECT_EQ(Show(StartPlain(*channel, "still").Wait()), "OK: hello still");
}

TEST_P(CallContent, RequestMetadataOfTooManyPairsFailsItsCallAlone) {
  Serve();
  auto channel = MakeChannel();
  CallOptions options;
  for (int i = 0; i < 250; ++i) ASSERT_TRUE(options.metadata.Add("key", absl::StrCat(i)).ok());
  EXPECT_EQ(Show(StartPlain(*channel, "x", options).Wait()), "OK: hello x");
  const absl::Status refused = options.metadata.Add("key", "250");
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_EQ(options.metadata.size(), 250u);
  if (GetParam()) return;  // in process nothing has to be framed
  options.metadata.AddUnchecked("key", "250");
  CallInfo info;
  const absl::Status status = StartPlain(*channel, "x", options).Capture(info).Wait().status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_NE(status.message().find("251 pairs"), absl::string_view::npos) << status;
  EXPECT_EQ(info.attempts, 1u);
  EXPECT_EQ(Show(StartPlain(*channel, "still").Wait()), "OK: hello still");
}

TEST_P(CallContent, LimitsAboveWhatTheProtocolCanSayAreItsOwn) {
  ServerOptions options;
  options.limits.streams_max = options.limits.methods_max = options.limits.metadata_bytes_max =
      UINT32_MAX;
  options.limits.stream_window_bytes = options.limits.connection_window_bytes = UINT32_MAX;
  options.limits.message_bytes_max = UINT64_MAX;
  Serve(Hello, PlainHello, false, RealServer::TwoReactors(), options);
  auto channel = MakeChannel();
  EXPECT_EQ(Show(StartPlain(*channel, "x").Wait()), "OK: hello x");
}

TEST_P(CallContent, LimitsOfNothingLetSmallCallsPass) {
  ServerOptions options;
  options.limits.methods_max = options.limits.metadata_bytes_max = 0;
  options.limits.stream_window_bytes = options.limits.connection_window_bytes = 0;
  options.limits.write_queue_bytes_max = 0;
  Serve(Hello, PlainHello, false, RealServer::TwoReactors(), options);
  auto channel = MakeChannel();
  EXPECT_EQ(Show(StartPlain(*channel, "x").Wait()), "OK: hello x");
}

TEST_P(CallContent, ServicesOnWorkersBlockFreelyAndPlainOnesRunInline) {
  std::atomic<bool> on_reactor{false};
  Serve(Hello, [&](ServerCall&, const Text&, Text&) {
    on_reactor = Loop::OnReactor();
    return absl::OkStatus();
  });
  EXPECT_TRUE(StartPlain(*MakeChannel(), "x").Wait().ok());
  EXPECT_TRUE(on_reactor);
  std::atomic<int> blocked{0};
  Serve(
      Hello,
      [&](ServerCall&, const Text&, Text&) {
        on_reactor = Loop::OnReactor();
        ++blocked;
        Eventually([&] { return blocked == 8; });  // until all of them block at once
        return absl::OkStatus();
      },
      /*plain_on_workers=*/true);
  auto channel = MakeChannel();
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 8; ++i) calls.push_back(StartPlain(*channel, "x"));
  for (Call<Text>& call : calls) EXPECT_TRUE(call.Wait().ok());
  EXPECT_FALSE(on_reactor);
}

}  // namespace
}  // namespace dialtone
