#include "calls.h"

#include <signal.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/call_options.h"
#include "dialtone/rpc/status_details.h"
#include "dialtone/rpc/task.h"

namespace echo {
namespace {

EchoRequest TextRequest(const std::string& text) {
  EchoRequest request;
  request.set_text(text);
  return request;
}

SleepRequest SleepRequestOf(absl::Duration duration) {
  SleepRequest request;
  request.mutable_duration()->set_seconds(absl::ToInt64Seconds(duration));
  request.mutable_duration()->set_nanos(
      static_cast<int32_t>((duration % absl::Seconds(1)) / absl::Nanoseconds(1)));
  return request;
}

std::string Quoted(const std::string& text) { return absl::StrCat("\"", text, "\""); }

std::string Describe(const absl::Status& status) {
  if (status.ok()) return "OK";
  return absl::StrCat(absl::StatusCodeToString(status.code()), ": ", status.message());
}

std::string Describe(const absl::StatusOr<EchoReply>& reply) {
  return reply.ok() ? Quoted(reply->text()) : Describe(reply.status());
}

// Two calls, the second with what the first one brought.
dialtone::Task<absl::StatusOr<EchoReply>> EchoTwice(const Echo::Client& client,
                                                    const EchoRequest& request) {
  const absl::StatusOr<EchoReply> first = co_await client.Echo(request);
  if (!first.ok()) co_return first.status();
  const EchoRequest second = TextRequest(absl::StrCat(first->text(), ", and again"));
  absl::StatusOr<EchoReply> reply = co_await client.Echo(second);
  co_return reply;
}

// The result of a call that was left to a callback, for a thread that waits with a bound.
template <class Reply>
class Delivered {
 public:
  auto Callback() {
    return [state = state_](absl::StatusOr<Reply> reply) {
      state->thread = std::this_thread::get_id();
      state->reply.set_value(std::move(reply));
    };
  }
  bool IsThereWithin(absl::Duration duration) {
    return future_.wait_for(absl::ToChronoMilliseconds(duration)) == std::future_status::ready;
  }
  // Once.
  absl::StatusOr<Reply> Take() {
    if (!IsThereWithin(kPatience)) return absl::InternalError("the callback was never called");
    return future_.get();
  }
  // The callback's, once it has run.
  std::thread::id thread() const { return state_->thread; }

 private:
  // Shared with the callback, which may come after this object is gone.
  struct State {
    std::thread::id thread;
    std::promise<absl::StatusOr<Reply>> reply;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
  std::future<absl::StatusOr<Reply>> future_ = state_->reply.get_future();
};

}  // namespace

void CallBlocking(const Echo::Client& client, Story& story) {
  story.Begin("A call that blocks: this thread connects, sends and waits for the answer itself.");
  story.Line("called", "client.Echo(\"hello\").Wait()");
  const Stopwatch watch;
  const absl::StatusOr<EchoReply> reply = client.Echo(TextRequest("hello")).Wait();
  const absl::Duration took = watch.Elapsed();
  story.Line("came back", Describe(reply));
  story.Took(took);
  story.Expect(reply.ok() && reply->text() == "hello", "the answer should be \"hello\"");
}

void CallFromCoroutine(const Echo::Client& client, Story& story) {
  story.Begin(
      "Two calls from a coroutine, which is suspended while it waits; the second sends the first "
      "one's answer.");
  story.Line(
      "called",
      "co_await client.Echo(\"hello\"), then co_await client.Echo(answer + \", and again\")");
  const EchoRequest request = TextRequest("hello");
  const Stopwatch watch;
  const absl::StatusOr<EchoReply> reply = dialtone::BlockOn(EchoTwice(client, request));
  const absl::Duration took = watch.Elapsed();
  story.Line("came back", Describe(reply));
  story.Took(took);
  story.Expect(reply.ok() && reply->text() == "hello, and again",
               "the answer should be \"hello, and again\"");
}

void CallWithCallback(const Echo::Client& client, Story& story) {
  story.Begin(
      "A call with a callback: this thread is free at once, another one runs the callback.");
  story.Line("called", "client.Echo(\"hello\").Then(callback)");
  Delivered<EchoReply> delivered;
  const Stopwatch watch;
  client.Echo(TextRequest("hello")).Then(delivered.Callback());
  const absl::Duration handed_over = watch.Elapsed();
  const absl::StatusOr<EchoReply> reply = delivered.Take();
  const absl::Duration took = watch.Elapsed();
  story.Line("came back",
             absl::StrCat(Describe(reply), ", on another thread; Then() itself had returned after ",
                          absl::FormatDuration(absl::Floor(handed_over, absl::Microseconds(1)))));
  story.Took(took);
  story.Expect(reply.ok() && reply->text() == "hello", "the answer should be \"hello\"");
  story.Expect(reply.ok() && delivered.thread() != std::this_thread::get_id(),
               "it should come on another thread");
}

void CallThatFails(const Echo::Client& client, Story& story) {
  story.Begin(
      "A call that fails: the status arrives as the handler gave it, with a message of its own "
      "type in it.");
  story.Line("called", "client.Fail(NOT_FOUND, \"no such user\", detail {id: 42}).Wait()");
  FailRequest request;
  request.set_code(static_cast<int>(absl::StatusCode::kNotFound));
  request.set_message("no such user");
  EchoRequest detail;
  detail.set_id(42);
  request.add_details()->PackFrom(detail);
  const Stopwatch watch;
  const absl::Status status = client.Fail(request).Wait().status();
  const absl::Duration took = watch.Elapsed();
  const std::optional<EchoRequest> came_back = dialtone::GetDetail<EchoRequest>(status);
  story.Line("came back",
             absl::StrCat(Describe(status),
                          came_back ? absl::StrCat(" {id: ", came_back->id(), "}") : ""));
  story.Took(took);
  story.Expect(absl::IsNotFound(status) && status.message() == "no such user",
               "the status should be NOT_FOUND: no such user");
  story.Expect(came_back && came_back->id() == 42, "the detail should say 42");
}

void CallThatMeetsItsDeadline(const Echo::Client& client, Story& story) {
  constexpr absl::Duration kTimeout = absl::Milliseconds(100);
  story.Begin(
      "A call that meets its deadline: the server would sleep for 10 s, the caller gives it 100 "
      "ms.");
  story.Line("called", "client.Sleep(10s, dialtone::Timeout(100ms)).Wait()");
  const Stopwatch watch;
  const absl::Status status =
      client.Sleep(SleepRequestOf(absl::Seconds(10)), dialtone::Timeout(kTimeout)).Wait().status();
  const absl::Duration took = watch.Elapsed();
  story.Line("came back", Describe(status));
  story.Took(took);
  story.Expect(absl::IsDeadlineExceeded(status), "the status should be DEADLINE_EXCEEDED");
  story.Expect(took >= kTimeout - absl::Milliseconds(1) && took < absl::Seconds(5),
               "it should take about 100 ms");
}

void CallThatIsCancelled(const Echo::Client& client, Story& story) {
  story.Begin(
      "A call that is cancelled: after 50 ms the caller has changed its mind, and the server is "
      "told.");
  story.Line("called", "handle = client.Sleep(10s).Then(callback), then handle.Cancel()");
  Delivered<SleepReply> delivered;
  const Stopwatch watch;
  dialtone::CancelHandle handle =
      client.Sleep(SleepRequestOf(absl::Seconds(10))).Then(delivered.Callback());
  const bool too_early = delivered.IsThereWithin(absl::Milliseconds(50));
  handle.Cancel();
  const absl::Status status = delivered.Take().status();
  const absl::Duration took = watch.Elapsed();
  story.Line("came back", Describe(status));
  story.Took(took);
  story.Expect(!too_early, "it should not end before it is cancelled");
  story.Expect(absl::IsCancelled(status), "the status should be CANCELLED");
  story.Expect(took < absl::Seconds(5), "it should end at once");
}

void StopDuringACall(const Echo::Client& client, ServerProcess& server, Story& story) {
  story.Begin("SIGTERM while a call is under way: the server finishes the call, then leaves.");
  story.Line("called",
             absl::StrCat("client.Sleep(300ms).Then(callback), then kill -TERM ", server.pid()));
  Delivered<SleepReply> delivered;
  const Stopwatch watch;
  client.Sleep(SleepRequestOf(absl::Milliseconds(300))).Then(delivered.Callback());
  // Its answer shows that the server has the call that was sent before it on the same connection.
  const absl::StatusOr<EchoReply> barrier = client.Echo(TextRequest("are you there?")).Wait();
  const bool was_under_way = !delivered.IsThereWithin(absl::ZeroDuration());
  server.Signal(SIGTERM);
  const absl::Status status = delivered.Take().status();
  const absl::Duration took = watch.Elapsed();
  const absl::StatusOr<int> exit_code = server.WaitForExit(kPatience);
  story.Line("came back", absl::StrCat(Describe(status), " to the call; the server left with ",
                                       exit_code.ok() ? absl::StrCat(*exit_code)
                                                      : Describe(exit_code.status())));
  story.Took(took);
  story.Expect(barrier.ok(), "the server should answer while the call sleeps");
  story.Expect(was_under_way, "the call should be under way when the signal is sent");
  story.Expect(status.ok(), "the call should be answered");
  story.Expect(exit_code.ok() && *exit_code == 0, "the server should leave with 0");
}

}  // namespace echo
