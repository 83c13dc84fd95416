// dial trace: one call on a connection of its own, told as a timeline.
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "commands.h"
#include "dialtone/rpc/observer.h"
#include "dialtone/transport/mutex.h"
#include "exit_code.h"
#include "interrupt.h"
#include "json_writer.h"
#include "socket_view.h"

namespace dial {
namespace {

constexpr absl::Duration kConnectMax = absl::Seconds(15);

double Milliseconds(absl::Duration duration) { return absl::ToDoubleMilliseconds(duration); }

struct Step {
  double at_ms = 0;
  std::string what;
  std::vector<std::string> notes;
};

// Thread-safe: the call's own steps come from its loop. Steps are in the order in which they were marked.
class Timeline {
 public:
  void Mark(const std::string& what, std::vector<std::string> notes = {}) {
    const auto now = std::chrono::steady_clock::now();
    dialtone::MutexLock lock(mutex_);
    steps_.push_back(
        {std::chrono::duration<double, std::milli>(now - begin_).count(), what, std::move(notes)});
  }
  std::vector<Step> Take() {
    dialtone::MutexLock lock(mutex_);
    return std::move(steps_);
  }

 private:
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  dialtone::Mutex mutex_;
  std::vector<Step> steps_ ABSL_GUARDED_BY(mutex_);
};

class Observer final : public dialtone::ClientObserver {
 public:
  explicit Observer(Timeline& timeline) : timeline_(timeline) {}
  void OnMessageOut(const dialtone::ClientCallView&,
                    const google::protobuf::MessageLite& request) override {
    timeline_.Mark(absl::StrCat("request serialised: ", request.ByteSizeLong(), " bytes"));
  }
  void OnMessageIn(const dialtone::ClientCallView&,
                   const google::protobuf::MessageLite& reply) override {
    timeline_.Mark(absl::StrCat("reply read: ", reply.ByteSizeLong(), " bytes"));
  }

 private:
  Timeline& timeline_;
};

std::string SocketText(const SocketView& socket) {
  return absl::StrFormat(
      "kernel: %s, round trip %.3f ms (variation %.3f ms), congestion window %d segments, %d sent "
      "again, %d bytes out, %d in",
      socket.state, socket.round_trip_ms, socket.round_trip_variation_ms, socket.congestion_window,
      socket.segments_sent_again, socket.bytes_sent, socket.bytes_received);
}

std::vector<std::string> SocketNotes(const std::set<std::string>& others) {
  const std::optional<SocketView> socket = NewSocket(others);
  if (!socket.has_value()) return {};
  return {SocketText(*socket)};
}

std::vector<std::string> ServerNotes(const dialtone::CallInfo& info) {
  if (!info.server_handler_time.has_value()) return {};
  return {absl::StrFormat("before that, in the server: queued %.3f ms, handler %.3f ms",
                          Milliseconds(info.server_queue_time.value_or(absl::ZeroDuration())),
                          Milliseconds(*info.server_handler_time))};
}

void Print(const Output& output, const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    if (output.json()) {
      std::vector<std::string> notes;
      notes.reserve(step.notes.size());
      for (const std::string& note : step.notes) notes.push_back(JsonQuoted(note));
      output.Line(absl::StrCat("{\"milliseconds\":", JsonNumber(step.at_ms),
                               ",\"step\":", JsonQuoted(step.what), ",\"notes\":[",
                               absl::StrJoin(notes, ","), "]}"));
      continue;
    }
    output.Line(absl::StrFormat("%9.3f ms  %s", step.at_ms, step.what));
    for (const std::string& note : step.notes) {
      output.Line(output.In(Output::Tone::kFaint, absl::StrCat("              ", note)));
    }
  }
}

// True: it is connected. False: it cannot be, or not in that time; a call says why.
bool Connect(dialtone::Channel& channel, absl::Duration timeout) {
  std::promise<bool> decided;
  bool told = false;
  const auto watch = channel.WatchState([&](dialtone::ChannelState state) {
    const bool ready = state == dialtone::ChannelState::kReady;
    if (told || (!ready && state != dialtone::ChannelState::kTransientFailure)) return;
    told = true;
    decided.set_value(ready);
  });
  channel.Connect();
  std::future<bool> ready = decided.get_future();
  return ready.wait_for(absl::ToChronoNanoseconds(timeout)) == std::future_status::ready &&
         ready.get();
}

// From the connection's first packet to its last.
absl::Status RunCallOf(Session& session, const DynamicMethod& method,
                       const dialtone::CallOptions& call_options, Timeline& timeline,
                       std::string& reply) {
  const std::set<std::string> others = OwnSockets();
  std::vector<std::string> words;
  if (session.names() > 1) words.push_back(session.name(1));
  Requests requests(std::move(words), session.line().form);
  dialtone::ChannelOptions options;
  options.want_server_times = true;
  options.observers.push_back(std::make_shared<Observer>(timeline));
  timeline.Mark(absl::StrCat("begins: ", session.address()));
  std::unique_ptr<dialtone::Channel> channel = session.NewChannel(std::move(options));
  std::string local;
  if (Connect(*channel, session.line().timeout.value_or(kConnectMax))) {
    const std::optional<SocketView> socket = NewSocket(others);
    if (socket.has_value()) local = socket->local;
    timeline.Mark(socket.has_value()
                      ? absl::StrCat("connected: ", socket->local, " to ", socket->peer)
                      : "connected",
                  SocketNotes(others));
  }
  dialtone::CallInfo info;
  JsonForm form;
  form.pretty = !session.output().json();
  const auto on_reply = [&](const google::protobuf::Message& message) {
    reply = ToJson(message, form);
  };
  absl::Status status = DynamicCall(*channel, method, requests)
                            .Run(call_options, on_reply, [](const absl::Status&) {}, info);
  if (IsUsageError(status)) return status;
  std::vector<std::string> notes = ServerNotes(info);
  for (std::string& note : SocketNotes(others)) notes.push_back(std::move(note));
  timeline.Mark(absl::StrCat("ended: ", absl::StatusCodeToString(status.code())), std::move(notes));
  channel.reset();
  timeline.Mark(local.empty() ? "closed"
                              : absl::StrCat("closed: the kernel says ", KernelState(local)));
  return status;
}

}  // namespace

int RunTrace(Session& session) {
  absl::Status read = session.ReadWords(1, 2, true);
  if (!read.ok()) return session.Fail(read);
  const absl::StatusOr<dialtone::CallOptions> options = session.call_options();
  if (!options.ok()) return session.Fail(options.status());
  const absl::StatusOr<const DynamicMethod*> method = session.FindMethod(session.name(0));
  if (!method.ok()) return session.Fail(method.status());
  if ((*method)->method().kind != dialtone::MethodKind::kUnary) {
    return session.Fail(UsageError(absl::StrCat((*method)->descriptor().full_name(),
                                                " streams: dial trace tells of unary methods")));
  }
  Timeline timeline;
  std::string reply;
  const absl::Status status = RunCallOf(session, **method, *options, timeline, reply);
  if (IsUsageError(status)) return session.Fail(status);
  Print(session.output(), timeline.Take());
  if (Interrupted()) return kExitInterrupted;
  if (!status.ok()) return session.Fail(status);
  session.output().Line(session.output().json() ? absl::StrCat("{\"reply\":", reply, "}") : reply);
  return 0;
}

}  // namespace dial
