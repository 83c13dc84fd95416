// g++ 12 traps on purpose.
// The ways in which users will write streams, on either side, compiled without and with optimisation:
// none of them may be a pattern that g++ 12 miscompiles, or all of it must be cured
// (docs/gcc12-coroutines.md). Each runs in a world where awaits suspend and in one where most do not.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/sleep.h"
#include "sim_servers.h"
#include "stream_service.h"

namespace dialtone {
namespace {

// Longer than a string keeps within itself: what is destroyed twice shows.
const std::string& Long() {
  static const std::string& text = *new std::string(100, 't');
  return text;
}

// --- Handlers ---

// A condition that awaits is all there is.
Task<absl::Status> OneCondition(ServerCall&, const Text& request, Writer<Text>& writer) {
  if (!co_await writer.Write(MakeText(request.value() + "!"))) co_return absl::AbortedError("no");
  co_return absl::OkStatus();
}
Task<absl::Status> ConditionsInARow(ServerCall&, const Text& request, Writer<Text>& writer) {
  if (!co_await writer.Write(request)) co_return absl::AbortedError("1");
  if (co_await writer.Write(request) && co_await writer.Write(MakeText(Long())))
    co_return absl::OkStatus();
  co_return absl::AbortedError("2");
}
Task<absl::Status> OneLoop(ServerCall&, Reader<Text>& reader, Text& reply) {
  while (auto message = co_await reader.Read()) reply.mutable_value()->append(message->value());
  co_return absl::OkStatus();
}
Task<absl::Status> ForLoop(ServerCall&, Reader<Text>& reader, Text& reply) {
  for (Text* message = co_await reader.Read(); message != nullptr; message = co_await reader.Read())
    reply.set_value(reply.value() + message->value());
  co_return absl::OkStatus();
}
Task<absl::Status> WriteInTheLoopsCondition(ServerCall&, Reader<Text>& reader,
                                            Writer<Text>& writer) {
  while (auto message = co_await reader.Read()) {
    if (!co_await writer.Write(MakeText("re: " + message->value()))) break;
  }
  co_return absl::OkStatus();
}
Task<absl::Status> ReadInsideWrite(ServerCall&, Reader<Text>& reader, Writer<Text>& writer) {
  if (!co_await writer.Write(MakeText("re: " + (co_await reader.Read())->value())))
    co_return absl::AbortedError("no");
  co_return absl::OkStatus();
}
// In a task of its own, which the handler awaits.
Task<bool> Answer(Reader<Text>& reader, Writer<Text>& writer) {
  if (Text* message = co_await reader.Read())
    co_return co_await writer.Write(MakeText("re: " + message->value()));
  co_return false;
}
Task<absl::Status> InATaskOfItsOwn(ServerCall&, Reader<Text>& reader, Writer<Text>& writer) {
  while (co_await Answer(reader, writer)) {
  }
  co_return absl::OkStatus();
}

// --- Clients ---

using Result = absl::StatusOr<std::string>;

CallOptions WithMetadata() {
  CallOptions options = Timeout(absl::Seconds(10));
  EXPECT_TRUE(options.metadata.Add("a-key-that-is-longer-than-small", Long()).ok());
  return options;
}

Task<Result> ReadAll(Channel& channel) {
  std::string all;
  auto down = StartDown(channel, Long(), WithMetadata());
  while (auto reply = co_await down.Read()) all += reply->value();
  all += (co_await down.Finish()).ToString();
  co_return all;
}
Task<Result> ReadOneOfATemporary(Channel& channel) {
  if (co_await StartDown(channel, Long(), WithMetadata()).Read() != nullptr) co_return "read";
  co_return "nothing";
}
Task<absl::Status> FinishATemporary(Channel& channel) {
  co_return co_await StartDown(channel, Long(), WithMetadata()).Finish();
}
Task<Result> WriteAll(Channel& channel) {
  auto up = StartUp(channel, WithMetadata());
  if (co_await up.Write(MakeText(Long())) && co_await up.Write(MakeText(Long() + "+")))
    co_return (co_await up.Finish())->value();
  co_return "nobody reads";
}
Task<Result> WriteLastAndFinish(Channel& channel) {
  CallInfo info;
  auto up = StartUp(channel, WithMetadata()).Capture(info);
  if (!co_await up.WriteLast(MakeText(Long()))) co_return "nobody reads";
  absl::StatusOr<Text> reply = co_await up.Finish();
  if (!reply.ok()) co_return reply.status();
  co_return reply->value();
}
Task<Result> Talk(Channel& channel) {
  auto chat = StartChat(channel);
  std::string all;
  for (int i = 0; i < 3; ++i) {
    if (!co_await chat.Write(MakeText(Long()))) break;
    all += (co_await chat.Read())->value();
  }
  chat.HalfClose();
  if (co_await chat.Read() != nullptr) co_return "more than was asked for";
  if (absl::Status status = co_await chat.Finish(); !status.ok()) co_return status;
  co_return all;
}
// A stream that is handed on, and one left in the middle.
Task<Result> TalkOn(ChatCall chat) {
  if (!co_await chat.Write(MakeText(Long()))) co_return "nobody reads";
  if (Text* reply = co_await chat.Read()) co_return reply->value();
  co_return "nothing";
}
Task<Result> HandOn(Channel& channel) { co_return co_await TalkOn(StartChat(channel)); }

// --- In a world ---

struct World {
  explicit World(bool slow, StreamHandlers handlers)
      : process(Options(slow)), server(SimServer::With(process.runtime)) {
    server.Add(std::make_unique<StreamService>(std::move(handlers)));
    auto bound = server.Listen("127.0.0.1:0");
    EXPECT_TRUE(bound.ok()) << bound.status();
    EXPECT_TRUE(server.Start().ok());
    channel = std::make_unique<Channel>(bound->ToString(), process.ClientOptions());
  }
  static SimOptions Options(bool slow) { return slow ? SimOptions(7) : InstantOptions(); }

  std::string Run(Task<Result> task) {
    Result result = BlockOn(std::move(task), process.runtime);
    return result.ok() ? *result : result.status().ToString();
  }
  absl::Status Run(Task<absl::Status> task) { return BlockOn(std::move(task), process.runtime); }

  SimProcess process;
  Server server;
  std::unique_ptr<Channel> channel;
};

class Gcc12Streams : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Worlds, Gcc12Streams, testing::Bool(),
                         [](const auto& slow) { return slow.param ? "Slow" : "Instant"; });

TEST_P(Gcc12Streams, HandlersThatWrite) {
  for (auto down : {OneCondition, ConditionsInARow}) {
    StreamHandlers handlers;
    handlers.down = down;
    World world(GetParam(), handlers);
    const std::string t = Long();
    const std::string expected = down == OneCondition ? t + "!" : t + t + t;
    for (int round = 0; round < 3; ++round) {
      EXPECT_EQ(world.Run(ReadAll(*world.channel)), expected + "OK");
      EXPECT_EQ(world.Run(ReadOneOfATemporary(*world.channel)), "read");
      EXPECT_EQ(world.Run(FinishATemporary(*world.channel)), absl::OkStatus());
    }
  }
}

TEST_P(Gcc12Streams, HandlersThatRead) {
  for (auto up : {OneLoop, ForLoop}) {
    StreamHandlers handlers;
    handlers.up = up;
    World world(GetParam(), handlers);
    for (int round = 0; round < 3; ++round) {
      EXPECT_EQ(world.Run(WriteAll(*world.channel)), Long() + Long() + "+");
      EXPECT_EQ(world.Run(WriteLastAndFinish(*world.channel)), Long());
    }
  }
}

TEST_P(Gcc12Streams, HandlersThatDoBoth) {
  for (auto chat : {WriteInTheLoopsCondition, InATaskOfItsOwn}) {
    StreamHandlers handlers;
    handlers.chat = chat;
    World world(GetParam(), handlers);
    const std::string answer = "re: " + Long();
    for (int round = 0; round < 3; ++round) {
      EXPECT_EQ(world.Run(Talk(*world.channel)), answer + answer + answer);
      EXPECT_EQ(world.Run(HandOn(*world.channel)), answer);
    }
  }
}

TEST_P(Gcc12Streams, AReadInsideOfAWrite) {
  StreamHandlers handlers;
  handlers.chat = ReadInsideWrite;
  World world(GetParam(), handlers);
  for (int round = 0; round < 3; ++round)
    EXPECT_EQ(world.Run(HandOn(*world.channel)), "re: " + Long());
}

// Handlers are destroyed where they are suspended, with all that they hold.
TEST_P(Gcc12Streams, HandlersThatAreAbandonedInAnAwait) {
  for (auto chat : {WriteInTheLoopsCondition, InATaskOfItsOwn}) {
    StreamHandlers handlers;
    handlers.chat = [chat](ServerCall& call, Reader<Text>& reader,
                           Writer<Text>& writer) -> Task<absl::Status> {
      absl::Status status = co_await chat(call, reader, writer);
      // Goes on though its context has ended.
      for (int i = 0; i < 1000; ++i) {
        if ((co_await Sleep(absl::Milliseconds(1))).ok()) break;
        co_await reader.Read();
      }
      co_return status;
    };
    World world(GetParam(), handlers);
    ChatCall open = StartChat(*world.channel);
    EXPECT_EQ(world.Run(HandOn(*world.channel)), "re: " + Long());
    EXPECT_TRUE(open.Write(MakeText(Long())).Wait());
    world.server.Shutdown(absl::Milliseconds(1)).IgnoreError();
    EXPECT_FALSE(open.Finish().Wait().ok());
  }
}

}  // namespace
}  // namespace dialtone
