// Streams in virtual time: what depends on when something happens. Parameter: in process?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/context.h"
#include "dialtone/rpc/sleep.h"
#include "dialtone/rpc/when_all.h"
#include "dialtone/rpc/with_timeout.h"
#include "sim_servers.h"
#include "stream_service.h"

namespace dialtone {
namespace {

using testing::ElementsAre;

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

// --- Ends behind writes that wait ---

// A chat whose handler notes what it reads.
class StreamEndsInTime : public StreamsInTime {
 protected:
  static constexpr char kTarget[] = "127.0.0.1:7000";

  ChatCall Chat() {
    channel_ = std::make_unique<Channel>(kTarget, process_.ClientOptions());
    return StartChat(*channel_, WaitForReady());
  }
  void StartServer(absl::Duration rest = absl::ZeroDuration()) {
    StreamHandlers handlers;
    handlers.chat = [this, rest](ServerCall&, Reader<Text>& reader, Writer<Text>&) {
      return Note(reader, rest);
    };
    server_ = std::make_unique<Server>(SimServer::With(process_.runtime));
    server_->Add(std::make_unique<StreamService>(std::move(handlers)));
    EXPECT_TRUE(server_->Listen(kTarget).ok());
    EXPECT_TRUE(server_->Start().ok());
  }
  Task<void> StartServerLater() {
    (co_await Sleep(absl::Seconds(1))).IgnoreError();
    StartServer();
  }
  Task<void> Write(ChatCall& chat, std::string text, bool* written) {
    *written = co_await chat.Write(MakeText(text));
  }
  Task<void> WriteLast(ChatCall& chat, std::string text, bool* written) {
    *written = co_await chat.WriteLast(MakeText(text));
  }
  // Gives up one that has not gone after so long.
  Task<void> WriteFor(absl::Duration time, Task<void> write) {
    (co_await WithTimeout(time, std::move(write))).IgnoreError();
  }
  // The one up to where it waits, then the other.
  Task<void> Both(Task<void> one, Task<void> other) {
    co_await WhenAll(std::move(one), std::move(other));
  }
  void Run(Task<void> task) { BlockOn(std::move(task), process_.runtime); }
  Task<void> Finish(ChatCall& chat) { status_ = co_await chat.Finish(); }

  bool written_ = false;
  absl::Status status_ = absl::UnknownError("no end");
  std::vector<std::string> read_;  // "" is the end

 private:
  Task<absl::Status> Note(Reader<Text>& reader, absl::Duration rest) {
    absl::Status slept = co_await Sleep(rest);
    while (const auto message = co_await reader.Read()) read_.push_back(message->value());
    read_.emplace_back();
    co_return slept;
  }
};

TEST_F(StreamEndsInTime, FinishGoesBehindAWriteThatWaitsForAConnection) {
  ChatCall chat = Chat();
  Run(Both(Both(Write(chat, "m", &written_), Finish(chat)), StartServerLater()));
  EXPECT_TRUE(written_);
  EXPECT_THAT(read_, ElementsAre("m", ""));
  EXPECT_EQ(status_, absl::OkStatus());
}

TEST_F(StreamEndsInTime, FinishGoesWithALastMessageThatWaitsForAConnection) {
  ChatCall chat = Chat();
  Run(Both(Both(WriteLast(chat, "m", &written_), Finish(chat)), StartServerLater()));
  EXPECT_TRUE(written_);
  EXPECT_THAT(read_, ElementsAre("m", ""));
  EXPECT_EQ(status_, absl::OkStatus());
}

TEST_F(StreamEndsInTime, FinishIsNotTakenBackWithTheWriteBeforeIt) {
  for (const bool last : {false, true}) {
    SCOPED_TRACE(last);
    read_.clear();
    ChatCall chat = Chat();
    Task<void> write = last ? WriteLast(chat, "m", &written_) : Write(chat, "m", &written_);
    write = WriteFor(absl::Milliseconds(10), std::move(write));
    Run(Both(Both(std::move(write), Finish(chat)), StartServerLater()));
    EXPECT_FALSE(written_);
    EXPECT_THAT(read_, ElementsAre(""));
    EXPECT_EQ(status_, absl::OkStatus());
    server_.reset();
  }
}

// The large one has left as far as the server lets it, so that the last one waits for it.
TEST_F(StreamEndsInTime, FinishGoesBehindAWriteThatWaitsForAnotherThatWasGivenUp) {
  const std::string large(3'000'000, 'l');
  for (const bool is_given_up_too : {false, true}) {
    SCOPED_TRACE(is_given_up_too);
    read_.clear();
    StartServer(absl::Seconds(1));
    ChatCall chat = Chat();
    EXPECT_TRUE(chat.Write(MakeText("first")).Wait());
    Run(WriteFor(absl::Milliseconds(10), Write(chat, large, &written_)));
    EXPECT_FALSE(written_);
    Task<void> write = Write(chat, "last", &written_);
    if (is_given_up_too) write = WriteFor(absl::Milliseconds(10), std::move(write));
    Run(Both(std::move(write), Finish(chat)));
    EXPECT_EQ(written_, !is_given_up_too);
    EXPECT_EQ(status_, absl::OkStatus());
    std::vector<std::string> sent = {"first", large, "last", ""};
    if (is_given_up_too) sent.erase(sent.begin() + 2);
    EXPECT_TRUE(read_ == sent) << read_.size();
    server_.reset();
  }
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
