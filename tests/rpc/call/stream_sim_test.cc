// Streams in virtual time: what depends on when something happens. Parameter: in process?
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/context.h"
#include "dialtone/rpc/sleep.h"
#include "dialtone/rpc/when_all.h"
#include "sim_servers.h"
#include "stream_service.h"

namespace dialtone {
namespace {

class StreamsInTime : public testing::Test {
 protected:
  ~StreamsInTime() override { channel_.reset(); }

  Channel& Serve(StreamHandlers handlers, bool in_process = false) {
    server_ = std::make_unique<Server>(SimServer::With(process_.runtime));
    server_->Add(std::make_unique<StreamService>(std::move(handlers)));
    auto bound = server_->Listen("127.0.0.1:0");
    EXPECT_TRUE(bound.ok()) << bound.status();
    EXPECT_TRUE(server_->Start().ok());
    const ChannelOptions options = process_.ClientOptions();
    channel_ = in_process ? std::make_unique<Channel>(*server_, options)
                          : std::make_unique<Channel>(bound->ToString(), options);
    return *channel_;
  }

  SimProcess process_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Channel> channel_;
};

class StreamsInTimeBothWays : public StreamsInTime, public testing::WithParamInterface<bool> {};

TEST_P(StreamsInTimeBothWays, FinishingEarlyWaitsForTheHandlerThatRuns) {
  int runs = 0;
  StreamHandlers handlers;
  handlers.down = [&](ServerCall&, const Text& request,
                      Writer<Text>& writer) -> Task<absl::Status> {
    ++runs;
    co_await writer.Write(request);
    absl::Status slept = co_await Sleep(absl::Seconds(1));
    co_await writer.Write(request);
    co_return slept;
  };
  DownCall down = StartDown(Serve(std::move(handlers), GetParam()), "text");
  const auto first = down.Read().Wait();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->value(), "text");
  EXPECT_EQ(down.Finish().Wait(), absl::OkStatus());
  EXPECT_EQ(process_.Time(), absl::Seconds(1));
  EXPECT_EQ(runs, 1);
}

TEST_F(StreamsInTime, WhatHasArrivedCanBeReadWhenTheChannelIsGone) {
  const std::string large(2 << 20, 'l');  // parsed on a worker
  const std::string small(100, 's');
  StreamHandlers handlers;
  handlers.chat = [&](ServerCall&, Reader<Text>&, Writer<Text>& writer) -> Task<absl::Status> {
    Text message = MakeText(large);
    co_await writer.Write(message);
    message.set_value(small);
    co_await writer.Write(message);
    co_return absl::OkStatus();
  };
  ChatCall chat = StartChat(Serve(std::move(handlers)));
  process_.network.RunFor(absl::Seconds(1));
  channel_.reset();
  for (const std::string& text : {large, small}) {
    const auto message = chat.Read().Wait();
    ASSERT_NE(message, nullptr);
    EXPECT_EQ(message->value(), text);
  }
  EXPECT_EQ(chat.Read().Wait(), nullptr);
  EXPECT_EQ(chat.Finish().Wait(), absl::OkStatus());
}

// --- Reads that wait together ---

// Says after so many milliseconds what it was asked for, and again after a second; "fail" fails after 10.
Task<absl::Status> SayLate(ServerCall&, const Text& request, Writer<Text>& writer) {
  if (request.value() == "fail") {
    (co_await Sleep(absl::Milliseconds(10))).IgnoreError();
    co_return absl::NotFoundError("nothing to say");
  }
  absl::Status slept = co_await Sleep(absl::Milliseconds(std::stoi(request.value())));
  if (!slept.ok()) co_return slept;
  co_await writer.Write(request);
  slept = co_await Sleep(absl::Seconds(1));
  co_await writer.Write(request);
  co_return slept;
}

Task<absl::StatusOr<std::string>> ReadOne(DownCall& down) {
  const Text* message = co_await down.Read();
  if (message != nullptr) co_return message->value();
  absl::Status status = Context::Current().status();
  if (status.ok()) status = co_await down.Finish();
  co_return status;
}

Task<absl::StatusOr<std::string>> ReadBoth(DownCall& one, DownCall& other) {
  auto both = co_await WhenAll(ReadOne(one), ReadOne(other));
  if (!both.ok()) co_return both.status();
  auto& [first, second] = *both;
  co_return first + " and " + second;
}

TEST_P(StreamsInTimeBothWays, SeveralAreReadAtOnce) {
  Channel& channel = Serve({SayLate, {}, {}}, GetParam());
  DownCall one = StartDown(channel, "30");
  DownCall other = StartDown(channel, "20");
  EXPECT_EQ(BlockOn(ReadBoth(one, other), process_.runtime).value(), "30 and 20");
  EXPECT_EQ(process_.Time(), absl::Milliseconds(30));
  EXPECT_EQ(BlockOn(ReadBoth(one, other), process_.runtime).value(), "30 and 20");
  EXPECT_EQ(process_.Time(), absl::Milliseconds(1030));
}

TEST_P(StreamsInTimeBothWays, AReadThatIsGivenUpBecauseAnotherFailedTakesNothing) {
  Channel& channel = Serve({SayLate, {}, {}}, GetParam());
  DownCall slow = StartDown(channel, "20");
  DownCall failing = StartDown(channel, "fail");
  EXPECT_EQ(BlockOn(ReadBoth(slow, failing), process_.runtime).status(),
            absl::NotFoundError("nothing to say"));
  EXPECT_EQ(process_.Time(), absl::Milliseconds(10));
  EXPECT_EQ(BlockOn(ReadOne(slow), process_.runtime).value(), "20");
  EXPECT_EQ(process_.Time(), absl::Milliseconds(20));
}

INSTANTIATE_TEST_SUITE_P(Networks, StreamsInTimeBothWays, testing::Bool(),
                         [](const auto& case_info) {
                           return case_info.param ? "InProcess" : "Simulated";
                         });

}  // namespace
}  // namespace dialtone
