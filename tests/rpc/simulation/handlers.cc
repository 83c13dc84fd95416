// World's handlers: what the other side of each call does.
#include <charconv>
#include <utility>

#include "dialtone/rpc/sleep.h"
#include "dialtone/transport/event.h"
#include "handler_run.h"
#include "world.h"

namespace dialtone::simulation {
int World::IdOf(ServerCall& call, const Text* request) {
  const std::optional<std::string_view> named = call.metadata().Get("call");
  const std::string_view unnamed =
      request == nullptr ? std::string_view() : std::string_view(request->value()).substr(0, 8);
  const std::string_view text = named.has_value() ? *named : unnamed;
  int id = kNone;
  std::from_chars(text.data(), text.data() + text.size(), id);
  if (id >= 0 && id < static_cast<int>(records_.size())) return id;
  Complain("a handler got a request that nobody has sent");
  return 0;
}

Task<absl::Status> World::HandleCoroutine(int server, ServerCall& call, const Text& request,
                                          Text& reply) {
  HandlerRun run(*this, server, IdOf(call, &request), call, &request);
  if (run.plan().until_cancelled) {
    UntilCancelled cancelled;
    co_await cancelled;
    co_return run.End(call.context().status());
  }
  if (run.plan().handler_time > absl::ZeroDuration()) {
    absl::Status slept = co_await Sleep(run.plan().handler_time);
    if (!slept.ok()) co_return run.End(std::move(slept));
  }
  if (run.calls_on()) {
    Call<Text> child = run.StartChild();
    const absl::StatusOr<Text> answer = co_await child;
    absl::Status status = run.ChildEnded(answer);
    if (!status.ok()) co_return run.End(std::move(status));
  }
  co_return run.Finish(&reply);
}

absl::Status World::HandlePlain(int server, ServerCall& call, const Text& request, Text& reply) {
  HandlerRun run(*this, server, IdOf(call, &request), call, &request);
  return run.Finish(&reply);
}

absl::Status World::HandleOnWorkers(int server, ServerCall& call, const Text& request,
                                    Text& reply) {
  HandlerRun run(*this, server, IdOf(call, &request), call, &request);
  ++blocked_;
  Event never;
  sim_.Wait(never, sim_.Now() + run.plan().handler_time);
  if (run.calls_on()) {
    absl::Status status = run.ChildEnded(run.StartChild().Wait());
    if (!status.ok()) return run.End(std::move(status));
  }
  return run.Finish(&reply);
}

}  // namespace dialtone::simulation
