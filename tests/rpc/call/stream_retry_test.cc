// Streams of marked methods are tried again as long as nothing has passed that could be missed or doubled: in virtual time.
// Parameter: in process?
#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "count_calls.h"
#include "dialtone/rpc/sleep.h"
#include "sim_servers.h"
#include "stream_service.h"

namespace dialtone {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Method kMarkedDown{"/test.Streams/Down", MethodKind::kServerStreaming,
                             Idempotency::kNoSideEffects};
constexpr Method kMarkedUp{"/test.Streams/Up", MethodKind::kClientStreaming,
                           Idempotency::kIdempotent};
constexpr Method kMarkedChat{"/test.Streams/Chat", MethodKind::kBidirectionalStreaming,
                             Idempotency::kNoSideEffects};

class StreamRetry : public testing::TestWithParam<bool> {
 protected:
  // What an attempt does: passes so many messages, waits, and ends so.
  struct Meets {
    int messages = 0;
    absl::Status status = absl::UnavailableError("busy");
    absl::Duration takes = absl::ZeroDuration();
  };
  static Meets Answers(int messages) { return {messages, absl::OkStatus()}; }

  ~StreamRetry() override { channel_.reset(); }

  Channel& Serve(std::vector<Meets> script, ChannelOptions options = ChannelOptions()) {
    script_ = std::move(script);
    StreamHandlers handlers;
    handlers.down = [this](ServerCall& call, const Text&, Writer<Text>& writer) {
      return Down(call, writer);
    };
    handlers.up = [this](ServerCall&, Reader<Text>& reader, Text& reply) {
      return Up(reader, reply);
    };
    handlers.chat = [this](ServerCall&, Reader<Text>& reader, Writer<Text>& writer) {
      return Chat(reader, writer);
    };
    server_ = std::make_unique<Server>(SimServer::With(process_.runtime));
    server_->Add(std::make_unique<StreamService>(std::move(handlers)));
    auto bound = server_->Listen("127.0.0.1:0");
    EXPECT_TRUE(bound.ok()) << bound.status();
    EXPECT_TRUE(server_->Start().ok());
    options.runtime = &process_.runtime;
    options.observers.push_back(watch_);
    channel_ = GetParam() ? std::make_unique<Channel>(*server_, options)
                          : std::make_unique<Channel>(bound->ToString(), options);
    return *channel_;
  }
  DownCall StartDown(Channel& channel, const CallOptions& options = CallOptions(),
                     const Method& method = kMarkedDown) {
    return DownCall(channel, method, MakeText("x"), options).Capture(info_);
  }
  UpCall StartUp(Channel& channel) {
    return UpCall(channel, kMarkedUp, CallOptions()).Capture(info_);
  }
  // All that comes, then the status: "0 1 OK".
  static std::string ReadAll(DownCall& down) {
    std::string all;
    while (auto message = down.Read().Wait()) all += message->value() + " ";
    const absl::Status status = down.Finish().Wait();
    return all + (status.ok() ? "OK" : std::string(ToStd(status.message())));
  }
  void RunFor(absl::Duration time) { process_.network.RunFor(time); }

  SimProcess process_;
  std::shared_ptr<CountCalls> watch_ = std::make_shared<CountCalls>();
  std::vector<Meets> script_;  // its last entry goes for all further attempts
  size_t runs_ = 0;
  std::vector<std::string> received_;  // by all attempts
  CallInfo info_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Channel> channel_;

 private:
  Meets Next() { return script_[std::min(runs_++, script_.size() - 1)]; }
  static Task<absl::Status> End(Meets meets) {
    absl::Status slept = absl::OkStatus();
    if (meets.takes > absl::ZeroDuration()) slept = co_await Sleep(meets.takes);
    co_return slept.ok() ? meets.status : slept;
  }
  Task<absl::Status> Down(ServerCall& call, Writer<Text>& writer) {
    const Meets meets = Next();
    call.initial_metadata().Add("attempt", std::to_string(runs_)).IgnoreError();
    Text message;
    for (int i = 0; i < meets.messages; ++i) {
      message.set_value(std::to_string(i));
      const bool open = co_await writer.Write(message);
      if (!open) break;
    }
    absl::Status ended = co_await End(meets);
    co_return ended;
  }
  Task<absl::Status> Up(Reader<Text>& reader, Text& reply) {
    const Meets meets = Next();
    for (int i = 0; i < meets.messages; ++i) {
      const Text* message = co_await reader.Read();
      if (message == nullptr) break;
      received_.push_back(message->value());
      reply.mutable_value()->append(message->value());
    }
    absl::Status ended = co_await End(meets);
    co_return ended;
  }
  Task<absl::Status> Chat(Reader<Text>& reader, Writer<Text>& writer) {
    const Meets meets = Next();
    for (int i = 0; i < meets.messages; ++i) {
      const Text* message = co_await reader.Read();
      if (message == nullptr) break;
      const bool open = co_await writer.Write(*message);
      if (!open) break;
    }
    absl::Status ended = co_await End(meets);
    co_return ended;
  }
};

TEST_P(StreamRetry, AServersStreamThatFailsBeforeItsFirstMessageIsTriedAgain) {
  Channel& channel = Serve({Meets(), Meets(), Answers(2)});
  DownCall down = StartDown(channel);
  EXPECT_EQ(ReadAll(down), "0 1 OK");
  EXPECT_EQ(runs_, 3u);
  EXPECT_EQ(info_.attempts, 3u);
  EXPECT_EQ(info_.initial_metadata.Get("attempt"), "3") << "failed attempts leave nothing behind";
  EXPECT_EQ(channel.stats().retries, 2u);
  EXPECT_EQ(watch_->starts, 1) << "observers see calls, not attempts";
  EXPECT_EQ(watch_->ends, 1);
}

TEST_P(StreamRetry, AfterSoManyAttemptsTheLastOnesStatusIsTheEnd) {
  DownCall down = StartDown(Serve({Meets()}));
  EXPECT_EQ(ReadAll(down), "busy; tried 3 times (RetryOptions::attempts_max)");
  EXPECT_EQ(runs_, 3u);
  EXPECT_EQ(watch_->ends, 1);
}

TEST_P(StreamRetry, NotBehindItsFirstMessage) {
  DownCall down = StartDown(Serve({Meets{1}, Answers(2)}));
  EXPECT_EQ(ReadAll(down), "0 busy");
  EXPECT_EQ(runs_, 1u);
}

TEST_P(StreamRetry, NorBehindOneThatNobodyWantedToRead) {
  DownCall down = StartDown(Serve({Meets{1}, Answers(2)}));
  EXPECT_THAT(down.Finish().Wait().message(), HasSubstr("busy"));
  EXPECT_EQ(runs_, 1u);
}

TEST_P(StreamRetry, AnUnmarkedMethodsStreamIsSentOnceUnlessItsCallerSaysMore) {
  Channel& channel = Serve({Meets()});
  DownCall unmarked = StartDown(channel, CallOptions(), kDownMethod);
  EXPECT_EQ(ReadAll(unmarked), "busy");
  EXPECT_EQ(runs_, 1u);
  DownCall told = StartDown(channel, CallOptions().set_retry(RetryOptions()), kDownMethod);
  EXPECT_THAT(ReadAll(told), HasSubstr("tried 3 times"));
  EXPECT_EQ(runs_, 4u);
}

TEST_P(StreamRetry, StreamsAreNotHedged) {
  ChannelOptions options;
  options.hedging = HedgeAfter(absl::Milliseconds(1));
  Channel& channel = Serve({Meets{1, absl::OkStatus(), absl::Seconds(1)}}, options);
  DownCall down = StartDown(channel, CallOptions().set_hedging(HedgeAfter(absl::Milliseconds(1))));
  EXPECT_EQ(ReadAll(down), "0 OK");
  EXPECT_EQ(runs_, 1u);
  EXPECT_EQ(channel.stats().hedges, 0u);
}

TEST_P(StreamRetry, AClientsStreamIsTriedAgainWhileNothingIsWritten) {
  UpCall up = StartUp(Serve({Meets(), Answers(2)}));
  RunFor(absl::Seconds(1));
  EXPECT_EQ(runs_, 2u);
  EXPECT_TRUE(up.Write(MakeText("a")).Wait());
  EXPECT_TRUE(up.WriteLast(MakeText("b")).Wait());
  EXPECT_EQ(Show(up.Finish().Wait()), "OK: ab");
  EXPECT_EQ(info_.attempts, 2u);
}

TEST_P(StreamRetry, WhatIsWrittenBetweenTwoAttemptsGoesToTheNext) {
  UpCall up = StartUp(Serve({Meets(), Answers(1)}));
  RunFor(absl::Milliseconds(1));
  ASSERT_EQ(runs_, 1u);
  EXPECT_TRUE(up.WriteLast(MakeText("a")).Wait());
  EXPECT_EQ(Show(up.Finish().Wait()), "OK: a");
  EXPECT_THAT(received_, ElementsAre("a"));
  EXPECT_EQ(runs_, 2u);
}

TEST_P(StreamRetry, OnceSomethingIsWrittenTheCallerHearsOfTheFailure) {
  UpCall up = StartUp(Serve({Meets{1}, Answers(1)}));
  EXPECT_TRUE(up.Write(MakeText("a")).Wait());
  EXPECT_EQ(Show(up.Finish().Wait()), "UNAVAILABLE: busy");
  EXPECT_THAT(received_, ElementsAre("a"));
  EXPECT_EQ(runs_, 1u);
}

TEST_P(StreamRetry, SoItDoesOnceTheClientHasHalfClosed) {
  UpCall up = StartUp(Serve({Meets{1}, Answers(1)}));
  EXPECT_EQ(Show(up.Finish().Wait()), "UNAVAILABLE: busy");
  EXPECT_EQ(runs_, 1u);
}

TEST_P(StreamRetry, AConversationIsTriedAgainUntilEitherSideHasSpoken) {
  Channel& channel = Serve({Meets(), Meets{1}, Answers(1)});
  ChatCall chat = ChatCall(channel, kMarkedChat, CallOptions()).Capture(info_);
  RunFor(absl::Seconds(1));
  EXPECT_EQ(runs_, 2u);
  EXPECT_TRUE(chat.Write(MakeText("a")).Wait());
  const Text* const echo = chat.Read().Wait();
  ASSERT_NE(echo, nullptr);
  EXPECT_EQ(echo->value(), "a");
  EXPECT_EQ(chat.Read().Wait(), nullptr);
  EXPECT_EQ(chat.Finish().Wait().message(), "busy");
  EXPECT_EQ(runs_, 2u);
}

TEST_P(StreamRetry, ADeadlineBoundsAllAttempts) {
  DownCall down = StartDown(Serve({Meets(), Meets{0, absl::OkStatus(), absl::Hours(1)}}),
                            Timeout(absl::Milliseconds(60)));
  EXPECT_THAT(ReadAll(down), HasSubstr("deadline"));
  EXPECT_EQ(runs_, 2u);
  EXPECT_LE(process_.Time(), absl::Milliseconds(60));
  EXPECT_GE(process_.Time(), absl::Milliseconds(59));
}

TEST_P(StreamRetry, AStreamThatRestsMayBeCancelled) {
  DownCall down = StartDown(Serve({Meets()}));
  RunFor(absl::Milliseconds(1));
  down.Cancel();
  EXPECT_EQ(down.Read().Wait(), nullptr);
  EXPECT_TRUE(absl::IsCancelled(down.Finish().Wait()));
  EXPECT_EQ(runs_, 1u);
}

TEST_P(StreamRetry, AStreamThatRestsEndsWithItsChannel) {
  DownCall down = StartDown(Serve({Meets()}));
  RunFor(absl::Milliseconds(1));
  channel_.reset();
  EXPECT_EQ(ReadAll(down), "the channel was destroyed");
  EXPECT_EQ(runs_, 1u);
}

class StreamRetryOnAWire : public StreamRetry {};

TEST_P(StreamRetryOnAWire, AStreamWhoseConnectionIsLostBeforeItsFirstMessageIsTriedAgain) {
  DownCall down = StartDown(Serve({Meets{0, absl::OkStatus(), absl::Hours(1)}, Answers(2)}));
  RunFor(absl::Milliseconds(1));
  ASSERT_EQ(runs_, 1u);
  process_.network.ResetConnections();
  EXPECT_EQ(ReadAll(down), "0 1 OK");
  EXPECT_EQ(runs_, 2u);
}

std::string Name(const testing::TestParamInfo<bool>& tested) {
  return tested.param ? "InProcess" : "Simulated";
}
INSTANTIATE_TEST_SUITE_P(Networks, StreamRetry, testing::Bool(), Name);
INSTANTIATE_TEST_SUITE_P(Networks, StreamRetryOnAWire, testing::Values(false), Name);

}  // namespace
}  // namespace dialtone
