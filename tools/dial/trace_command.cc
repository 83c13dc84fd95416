// dial trace: one call on a connection of its own, told as a timeline.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "commands.h"
#include "dialtone/rpc/connection_observer.h"
#include "dialtone/rpc/observer.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/transport/absl_strings.h"
#include "exit_code.h"
#include "interrupt.h"
#include "json_writer.h"
#include "kernel_state.h"
#include "timeline.h"

namespace dial {
namespace {

using dialtone::Instant;

Instant Now() { return dialtone::Runtime::Default().network().Now(); }

std::string Took(absl::Duration duration) {
  return absl::StrFormat("%.3f ms", absl::ToDoubleMilliseconds(duration));
}

// The life of the channel's sockets.
class ConnectionSteps final : public dialtone::ConnectionObserver {
 public:
  explicit ConnectionSteps(std::shared_ptr<Timeline> timeline) : timeline_(std::move(timeline)) {}

  void OnLookUp(std::string_view target, Instant at) override {
    asked_ = at;
    timeline_->Mark(Step(at, "look up", absl::StrCat("looks up: ", dialtone::ToAbsl(target))));
  }
  void OnResolved(std::string_view, const absl::StatusOr<std::vector<dialtone::Address>>& found,
                  Instant at) override {
    std::vector<std::string> names;
    if (found.ok()) {
      for (const dialtone::Address& address : *found) names.push_back(address.ToString());
    }
    const std::string text = found.ok() ? absl::StrCat("resolved: ", absl::StrJoin(names, ", "))
                                        : absl::StrCat("not resolved: ", found.status().message());
    timeline_->Mark(Step(at, "resolved", absl::StrCat(text, ", after ", Took(at - asked_))));
  }
  void OnConnecting(const dialtone::ConnectionView& connection) override {
    const dialtone::ConnectionMetrics now = connection.Metrics();
    Step step(connection.at(), "connecting",
              absl::StrCat("socket made, connects to ", now.peer.ToString()));
    if (now.tcp.has_value())
      step.notes.push_back(absl::StrCat("the kernel says ", dialtone::ToAbsl(now.tcp->state)));
    Mark(connection, std::move(step));
  }
  void OnConnected(const dialtone::ConnectionView& connection) override {
    const dialtone::ConnectionMetrics now = connection.Metrics();
    const std::string ends = connection.local().is_ip()
                                 ? absl::StrCat(now.local.ToString(), " to ", now.peer.ToString())
                                 : now.peer.ToString();
    Mark(connection, Step(connection.at(), "connected",
                          absl::StrCat("connected: ", ends, ", after ", Took(now.age)))
                         .With(now.tcp));
  }
  void OnSettingsWritten(const dialtone::ConnectionView& connection) override {
    Mark(connection, Step(connection.at(), "settings written", "own preface and SETTINGS written"));
  }
  void OnSettingsRead(const dialtone::ConnectionView& connection) override {
    Mark(connection, Step(connection.at(), "settings read", "the server's SETTINGS read"));
  }
  void OnDraining(const dialtone::ConnectionView& connection) override {
    Mark(connection,
         Step(connection.at(), "draining", "GOAWAY read: the server takes no more calls here"));
  }
  void OnClosing(const dialtone::ConnectionView& connection) override {
    const dialtone::ConnectionMetrics now = connection.Metrics();
    Step step(connection.at(), "closing", "closes the socket");
    if (now.tcp.has_value())
      step.notes.push_back(absl::StrCat("the kernel says ", dialtone::ToAbsl(now.tcp->state)));
    Mark(connection, std::move(step));
  }
  // On the timeline's end, as the kernel is asked: it looks through a table.
  void OnClosed(const dialtone::ConnectionView& connection, const absl::Status& status) override {
    dialtone::MutexLock lock(mutex_);
    if (closed_.size() == kClosedMax) return;
    std::string why = status.ok() ? "" : absl::StrCat(": ", status.message());
    closed_.push_back({connection.id(), connection.at(), connection.local(), std::move(why)});
  }

  // When all are.
  void MarkClosed() {
    dialtone::MutexLock lock(mutex_);
    for (const Closed& closed : closed_) {
      Step step(closed.at, "closed", absl::StrCat("closed", closed.why));
      if (closed.local.is_ip()) {
        const std::string state = KernelState(closed.local);
        absl::StrAppend(&step.what, "; the kernel says ", state);
        absl::StrAppend(&step.fields, ",\"kernel_state\":", JsonQuoted(state));
      }
      timeline_->Mark(std::move(step).With("connection", closed.id));
    }
  }

 private:
  static constexpr size_t kClosedMax = Timeline::kOthersAtEachEnd;
  struct Closed {
    uint64_t id;
    Instant at;
    dialtone::Address local;
    std::string why;
  };

  void Mark(const dialtone::ConnectionView& connection, Step step) {
    timeline_->Mark(std::move(step).With("connection", connection.id()));
  }

  const std::shared_ptr<Timeline> timeline_;
  Instant asked_;
  dialtone::Mutex mutex_;
  std::vector<Closed> closed_ ABSL_GUARDED_BY(mutex_);
};

class CallSteps final : public dialtone::ClientObserver {
 public:
  CallSteps(std::shared_ptr<Timeline> timeline, const dialtone::Method& method)
      : timeline_(std::move(timeline)),
        client_streams_(method.kind == dialtone::MethodKind::kClientStreaming ||
                        method.kind == dialtone::MethodKind::kBidirectionalStreaming),
        server_streams_(method.kind == dialtone::MethodKind::kServerStreaming ||
                        method.kind == dialtone::MethodKind::kBidirectionalStreaming) {}

  bool WantsWritten() const override { return true; }
  void OnMessageOut(const dialtone::ClientCallView&,
                    const google::protobuf::MessageLite& request) override {
    const uint64_t bytes = request.ByteSizeLong();
    if (!client_streams_) {
      return timeline_->Mark(
          Step(Now(), "request serialised", absl::StrCat("request serialised: ", bytes, " bytes"))
              .With("bytes", bytes));
    }
    ++sent_;
    timeline_->MarkMessage(
        Step(Now(), "message sent", absl::StrCat("message ", sent_, " sent: ", bytes, " bytes"))
            .With("number", sent_)
            .With("bytes", bytes));
  }
  void OnWritten(const dialtone::ClientCallView&, const dialtone::Address& server,
                 Instant when) override {
    written_ = when;
    timeline_->Mark(
        Step(when, "request written", absl::StrCat("request written to ", server.ToString())));
  }
  void OnMessageIn(const dialtone::ClientCallView&,
                   const google::protobuf::MessageLite& reply) override {
    if (server_streams_) return;  // see OnReply()
    replied_ = Now();
    const uint64_t bytes = reply.ByteSizeLong();
    timeline_->Mark(Step(*replied_, "reply read", absl::StrCat("reply read: ", bytes, " bytes"))
                        .With("bytes", bytes));
  }

  // By who reads a stream: observers are not told of messages that are read behind the call's end.
  void OnReply(const google::protobuf::Message& reply) {
    if (!server_streams_) return;
    ++read_;
    const uint64_t bytes = reply.ByteSizeLong();
    timeline_->MarkMessage(
        Step(Now(), "message read", absl::StrCat("message ", read_, " read: ", bytes, " bytes"))
            .With("number", read_)
            .With("bytes", bytes));
  }
  // When the call has ended. The server's own account of it lies before its answer, which the timeline shows so.
  void MarkServer(const dialtone::CallInfo& info, Instant ended) {
    if (!info.server_handler_time.has_value()) return;
    const absl::Duration queue = info.server_queue_time.value_or(absl::ZeroDuration());
    const absl::Duration handler = *info.server_handler_time;
    std::string text =
        absl::StrCat("in the server: queued ", Took(queue), ", handler ", Took(handler));
    const Instant answered = replied_.value_or(ended);
    if (written_.has_value() && !client_streams_ && !server_streams_) {
      const absl::Duration way = answered - *written_ - queue - handler;
      absl::StrAppend(&text,
                      "; on the way, there and back: ", Took(std::max(way, absl::ZeroDuration())));
    }
    Step step(answered + absl::Nanoseconds(-1), "server", std::move(text));
    step.has_time = false;
    timeline_->Mark(std::move(step)
                        .With("queue_milliseconds", absl::ToDoubleMilliseconds(queue))
                        .With("handler_milliseconds", absl::ToDoubleMilliseconds(handler)));
  }

 private:
  const std::shared_ptr<Timeline> timeline_;
  const bool client_streams_;
  const bool server_streams_;
  // Written by one thread each, and read when the call has ended.
  uint64_t sent_ = 0;
  uint64_t read_ = 0;
  std::optional<Instant> written_;
  std::optional<Instant> replied_;
};

// The connection to `peer`, as it is at the call's end.
Step EndStep(const absl::Status& status, dialtone::Channel& channel, const dialtone::Address& peer,
             Instant at) {
  Step step(at, "ended", absl::StrCat("ended: ", absl::StatusCodeToString(status.code())));
  for (const dialtone::ConnectionMetrics& connection : channel.Connections()) {
    if (!(connection.peer == peer)) continue;
    return std::move(step)
        .With("bytes_out", connection.bytes_out)
        .With("bytes_in", connection.bytes_in)
        .Note(absl::StrCat("the connection: ", connection.bytes_out, " bytes written, ",
                           connection.bytes_in, " read"))
        .With(connection.tcp);
  }
  return step;
}

// From the connection's first packet to its last.
absl::Status RunCallOf(Session& session, const DynamicMethod& method,
                       const dialtone::CallOptions& call_options,
                       const std::shared_ptr<Timeline>& timeline, std::string& reply) {
  std::vector<std::string> words;
  for (size_t i = 1; i < session.names(); ++i) words.push_back(session.name(i));
  Requests requests(MessageWords(std::move(words), method.descriptor()), session.line().form,
                    session.surroundings().input);
  const auto connection_steps = std::make_shared<ConnectionSteps>(timeline);
  const auto call_steps = std::make_shared<CallSteps>(timeline, method.method());
  dialtone::ChannelOptions options;
  options.want_server_times = true;
  options.connection_observers.push_back(connection_steps);
  options.observers.push_back(call_steps);
  std::unique_ptr<dialtone::Channel> channel = session.NewChannel(std::move(options));
  dialtone::CallInfo info;
  JsonForm form;
  form.pretty = !session.output().json();
  const auto on_reply = [&](const google::protobuf::Message& message) {
    session.surroundings().on_reply(message);
    call_steps->OnReply(message);
    if (!method.descriptor().server_streaming()) reply = ToJson(message, form);
  };
  DynamicCall call(*channel, method, requests);
  call.set_on_all_sent(
      [&timeline] { timeline->Mark(Step(Now(), "half-closed", "half-closed: no more messages")); });
  const absl::Status status = call.Run(
      call_options, on_reply, [&](const absl::Status& mistake) { session.Fail(mistake); }, info);
  if (IsUsageError(status)) return status;
  const Instant ended = Now();
  call_steps->MarkServer(info, ended);
  timeline->Mark(EndStep(status, *channel, info.peer, ended));
  channel.reset();
  connection_steps->MarkClosed();
  return status;
}

}  // namespace

int RunTrace(Session& session) {
  constexpr size_t kMessagesMax = 1'000'000;
  absl::Status read = session.ReadWords(1, kMessagesMax, true);
  if (!read.ok()) return session.Fail(read);
  const absl::StatusOr<dialtone::CallOptions> options = session.call_options();
  if (!options.ok()) return session.Fail(options.status());
  const absl::StatusOr<const DynamicMethod*> method = session.FindMethod(session.name(0));
  if (!method.ok()) return session.Fail(method.status());
  const Instant begin = Now();
  // Shared with observers, whom an answer to a name may still reach when the channel is gone.
  const auto timeline = std::make_shared<Timeline>(begin);
  timeline->Mark(Step(
      begin, "begins",
      absl::StrCat("begins: ", (*method)->descriptor().full_name(), " at ", session.address())));
  std::string reply;
  const absl::Status status = RunCallOf(session, **method, *options, timeline, reply);
  if (IsUsageError(status)) return session.Fail(status);
  timeline->Print(session.output());
  if (Interrupted()) return kExitInterrupted;
  if (!status.ok()) return session.Fail(status);
  if (reply.empty()) return 0;
  session.output().Line(session.output().json() ? absl::StrCat("{\"reply\":", reply, "}") : reply);
  return 0;
}

}  // namespace dial
