// World's handlers of streams.
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/event.h"
#include "handler_run.h"
#include "stream_player.h"
#include "stream_run.h"

namespace dialtone::simulation {
namespace {

// The same methods once more, whose handlers are plain and block worker threads.
class PlainStreams final : public Service {
 public:
  explicit PlainStreams(PlainStreamHandlers handlers)
      : Service("test.PlainStreams"), handlers_(std::move(handlers)) {
    AddMethod<&PlainStreams::Down>(kPlainDown);
    AddMethod<&PlainStreams::Up>(kPlainUp);
    AddMethod<&PlainStreams::Chat>(kPlainChat);
  }

 private:
  absl::Status Down(ServerCall& call, const Text& request, Writer<Text>& writer) {
    return handlers_.down(call, request, writer);
  }
  absl::Status Up(ServerCall& call, Reader<Text>& reader, Text& reply) {
    return handlers_.up(call, reader, reply);
  }
  absl::Status Chat(ServerCall& call, Reader<Text>& reader, Writer<Text>& writer) {
    return handlers_.chat(call, reader, writer);
  }
  PlainStreamHandlers handlers_;
};

// All three are handled alike.
template <class Result, class Handle>
StreamHandlersOf<Result> HandlersOf(Handle handle) {
  StreamHandlersOf<Result> handlers;
  handlers.down = [handle](ServerCall& call, const Text& request, Writer<Text>& writer) {
    return handle(call, StreamParts{nullptr, &writer, &request, nullptr});
  };
  handlers.up = [handle](ServerCall& call, Reader<Text>& reader, Text& reply) {
    return handle(call, StreamParts{&reader, nullptr, nullptr, &reply});
  };
  handlers.chat = [handle](ServerCall& call, Reader<Text>& reader, Writer<Text>& writer) {
    return handle(call, StreamParts{&reader, &writer, nullptr, nullptr});
  };
  return handlers;
}

}  // namespace

void World::AddStreamServices(Server& server, int index) {
  server.Add(std::make_unique<StreamService>(
      HandlersOf<Task<absl::Status>>([this, index](ServerCall& call, const StreamParts& parts) {
        return HandleStream(index, call, parts);
      })));
  server.Add(std::make_unique<PlainStreams>(
      HandlersOf<absl::Status>([this, index](ServerCall& call, const StreamParts& parts) {
        return HandlePlainStream(index, call, parts);
      })));
}

bool World::FailsFirst(int id, ServerCall& call) {
  StreamRecord& stream = records_[id].stream;
  if (stream.failures > 0 && (stream.server.writes_begun > 0 || stream.client.reads > 0))
    stream.wrong = "its handler ran again behind a message";
  if (stream.failures == program_.calls[id].stream->failures || records_[id].runs > 0) return false;
  ++stream.failures;
  call.initial_metadata().AddUnchecked("failed", absl::StrCat(id));  // nobody is to see it
  return true;
}

Task<absl::Status> World::FailStream(int id, StreamParts parts) {
  const CallPlan& plan = program_.calls[id];
  SideRecord& mine = records_[id].stream.server;
  Text message;
  for (size_t i = 0; i < plan.stream->failure_writes; ++i) {
    message.set_value(StreamReplyOf(plan, id, mine.writes_begun++));
    co_await parts.writer->Write(message);
  }
  co_return PlannedFailure();
}

Task<absl::Status> World::HandleStream(int server, ServerCall& call, StreamParts parts) {
  const int id = IdOf(call, parts.request);
  if (FailsFirst(id, call)) {
    absl::Status failed = co_await FailStream(id, parts);
    co_return failed;
  }
  HandlerRun run(*this, server, id, call, parts.request);
  StreamPlayer player(*this, id, parts);
  const absl::Status played = co_await player.Play(run.plan().stream->handler);
  if (run.plan().until_cancelled && played.ok()) {
    UntilCancelled cancelled;
    co_await cancelled;
  }
  if (call.context().cancelled()) co_return run.End(call.context().status());
  if (!played.ok()) co_return run.End(played);
  if (run.calls_on()) {
    run.AwaitChild(true);
    absl::Status status = co_await AwaitStream(run.plan().child, call.context());
    run.AwaitChild(false);
    if (!status.ok()) co_return run.End(std::move(status));
  }
  co_return run.Finish(parts.reply);
}

absl::Status World::HandlePlainStream(int server, ServerCall& call, StreamParts parts) {
  const int id = IdOf(call, parts.request);
  if (FailsFirst(id, call)) return PlannedFailure();
  HandlerRun run(*this, server, id, call, parts.request);
  ++blocked_;
  StreamPlayer player(*this, id, parts);
  player.PlayBlocking(run.plan().stream->handler);
  if (call.context().cancelled()) return run.End(call.context().status());
  return run.Finish(parts.reply);
}

}  // namespace dialtone::simulation
