#include "handled_call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/rpc/trace_context.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "guarded.h"
#include "large_message.h"
#include "serialised_message.h"
#include "server_loop.h"
#include "stream_call.h"
#include "unary_call.h"
#include "unshared_status.h"

namespace dialtone::internal {
namespace {

uint32_t Microseconds(absl::Duration duration) {
  return static_cast<uint32_t>(
      std::clamp<int64_t>(absl::ToInt64Microseconds(duration), 0, 0xFFFFFFFF));
}

}  // namespace

absl::Status HandlerThrew(const ServerMethod& method, const char* what) {
  const std::string_view path = method.handler->method->path;
  static constinit LogKind kind(LogLevel::kError, "handlers that threw");
  if (kind.Admits()) {
    Log(kind.level(), absl::StrCat("handler of ", ToAbsl(path), " threw: ", what),
        {{"method", path}});
  }
  return absl::InternalError(absl::StrCat(ToAbsl(path), ": the handler threw an exception"));
}

HandledCall* HandledCall::Make(ServerLoop& loop, const ServerMethod& method) {
  if (method.handler->method->kind == MethodKind::kUnary)
    return MakeInBlock<UnaryCall>(loop, method);
  return MakeInBlock<StreamCall>(loop, method);
}

HandledCall::HandledCall(ServerLoop& loop, const ServerMethod& method, size_t block_bytes)
    : TaskScope(Context()),
      loop_(loop),
      method_(method),
      block_bytes_(block_bytes),
      counters_(loop.counters().Of(method)) {}

ServerStreamHandler* HandledCall::Start(ServerStream& stream, ServerRequestHead&& head) {
  Open(stream, head.deadline, head.arrived, head.wants_times);
  if (!head.metadata.empty()) TakeMetadata(std::move(head.metadata));
  if (!head.whole) ArmDeadline();  // the rest may never come
  if (!loop_.observers().empty() && !TellStart()) return nullptr;
  return OnStarted() ? this : nullptr;
}

void HandledCall::Open(ServerStream& stream, Instant deadline, Instant arrived, bool wants_times) {
  stream_ = &stream;
  deadline_ = deadline;
  connection_ = &stream.connection();
  wants_times_ = wants_times;
  arrived_ = arrived;
  if (counters_ != nullptr) {
    const bool is_first = arrived_ != Instant() && loop_.counters().IsFirstOfBatch(arrived_);
    measured_for_ = counters_->CountStart(method_.always_measured(), is_first);
    if (measured_for_ != 0 && arrived_ == Instant()) arrived_ = loop_.loop().Now();
  }
  begun_at_ = arrived_;
  if (context().state() != nullptr) {
    context().state()->Renew(deadline_);
  } else {
    set_context(Context::Cancellable(deadline_));
  }
}

void HandledCall::TakeMetadata(Metadata&& metadata) {
  add_extras().request_metadata = std::move(metadata);
  if (std::optional<TraceContext> trace = TraceOf(this->metadata()); trace.has_value())
    set_trace(std::make_shared<const TraceContext>(*std::move(trace)));
}

bool HandledCall::TellStart() {
  for (const auto& observer : loop_.observers()) {
    absl::Status status =
        Catching([&] { return observer->OnStart(*this); },
                 [&](const char* what) { return ObserverThrew(*method_.handler->method, what); });
    if (!status.ok()) [[unlikely]] {
      FinishWith(std::move(status));
      return false;
    }
    ++observers_told_;
  }
  return true;
}

void HandledCall::TellEnd(const absl::Status& status) {
  if (const auto* const reply = status.ok() ? ReplyToSend() : nullptr; reply != nullptr)
    TellMessageOut(*reply);
  const auto* const observers = loop_.observers().data();
  for (size_t i = std::exchange(observers_told_, 0); i-- > 0;)
    RunUsers(kAnObserver, [&] { observers[i]->OnEnd(*this, status); });
}

void HandledCall::TellMessageIn(const google::protobuf::MessageLite& message) {
  const auto* const observers = loop_.observers().data();
  for (size_t i = 0; i < observers_told_; ++i)
    RunUsers(kAnObserver, [&] { observers[i]->OnMessageIn(*this, message); });
}

void HandledCall::TellMessageOut(const google::protobuf::MessageLite& message) {
  const auto* const observers = loop_.observers().data();
  for (size_t i = 0; i < observers_told_; ++i)
    RunUsers(kAnObserver, [&] { observers[i]->OnMessageOut(*this, message); });
}

void HandledCall::Reset() {
  reply_->Clear();  // the request is cleared when the next one is parsed
  extras_.reset();
  notes_.Clear();
  begun_ = answering_ = false;
  admitted_at_ = Instant();
  message_bytes_ = 0;
  headers_sent_ = has_request_ = request_ended_ = parses_later_ = false;
  status_ = absl::OkStatus();
  failure_ = absl::OkStatus();
  // One that has not ended is known to nobody else, and serves the next call; unless an observer of the end has kept it.
  if (context().cancelled() || (!loop_.observers().empty() && context().state()->shared()))
    set_context(Context());
}

bool HandledCall::BeginHandler() {
  if (!method_.run_on_workers && (parses_later_ || WaitsForTurn())) [[unlikely]] {
    return WaitForTurn();
  }
  begun_ = true;
  if (measured_for_ != 0 || wants_times_ ||
      (counters_ != nullptr && counters_->expects_suspension()))
    begun_at_ = loop_.loop().Now();
  if (!method_.run_on_workers) {
    if (loop_.handlers().Measures(method_)) [[unlikely]]
      return RunMeasured();
    return RunOnReactor();
  }
  ArmDeadline();
  if (workers().Post(worker_work_)) return true;
  loop_.counters().Count(ServerLimit::kWorkerQueue);
  FinishWith(
      absl::ResourceExhaustedError(absl::StrCat(
          ToAbsl(method()), ": the workers' queue is full (RuntimeOptions::worker_queue_max)")),
      /*refused=*/true);
  return false;
}

// One whose request came in several frames was not judged since its first one.
bool HandledCall::WaitForTurn() {
  if (absl::Status status = loop_.JudgeWait(method_, deadline_); !status.ok()) {
    FinishWith(std::move(status), /*refused=*/true);
    return false;
  }
  ArmDeadline();
  loop_.handlers().Add(*this);
  return true;
}

bool HandledCall::RunMeasured() {
  HandlerQueue::Measured measured(loop_.handlers(), method_);
  return RunOnReactor();
}

void HandledCall::BeginInTurn() {
  begun_ = true;
  begun_at_ = loop_.loop().Now();
  if (arrived_ == Instant()) arrived_ = begun_at_;
  if (absl::Status status = JudgeAfterWait(); !status.ok()) return FinishWith(std::move(status));
  RunMeasured();
}

void HandledCall::RunInline() {
  ServerLoop::RunningMethod running(loop_, method_);
  FinishWith(RunPlainHandler());
}

absl::Status HandledCall::RunPlainHandler() {
  Context::Scope install(context());
  return Guarded(method_, [&] { return CallPlain(); });
}

// What nobody waits for any more does not run.
absl::Status HandledCall::JudgeAfterWait() {
  if (context().cancelled()) return context().status();
  if (!deadline_.infinite() && deadline_ <= loop_.loop().CoarseNow()) {
    return absl::DeadlineExceededError(absl::StrCat(
        ToAbsl(method()), ": the client's deadline has passed while the call waited for ",
        method_.run_on_workers ? "a worker" : "its turn"));
  }
  return Prepare();
}

void HandledCall::RunOnWorker() {
  status_ = JudgeAfterWait();
  if (status_.ok()) status_ = RunPlainHandler();
  // The worker has the time for it.
  const google::protobuf::MessageLite* const reply = status_.ok() ? ReplyToSend() : nullptr;
  if (reply != nullptr) {
    const size_t bytes = reply->ByteSizeLong();
    if (bytes > kLargeMessageBytes || packing().Wants(bytes)) Serialise();
  }
  loop_.loop().Post(finish_work_);
}

void HandledCall::FinishPosted() { FinishWith(std::move(status_)); }

void HandledCall::CountTimes(Instant answered) {
  if (begun_) {
    counters_->CountTimes(arrived_, begun_at_, answered, measured_for_);
  } else {
    counters_->CountTimes(arrived_, answered, measured_for_);
  }
}

void HandledCall::PostResume(Work& work) { loop_.loop().Defer(work); }
Loop& HandledCall::timer_loop() { return loop_.loop(); }
Loop& HandledCall::loop() const { return loop_.loop(); }
Workers& HandledCall::workers() { return loop_.runtime().workers(); }

void HandledCall::ArmDeadline() {
  if (!deadline_.infinite()) loop_.loop().Arm(deadline_timer_, deadline_);
}

void HandledCall::OnDeadline() {
  GiveUp(absl::DeadlineExceededError(
      absl::StrCat(ToAbsl(method()), ": the client's deadline has passed")));
}

void HandledCall::OnCancel(CancelReason reason) {
  if (reason == CancelReason::kDeadlineExceeded) return OnDeadline();
  GiveUp(absl::CancelledError(absl::StrCat(ToAbsl(method()), reason == CancelReason::kShutdown
                                                                 ? ": the server shuts down"
                                                                 : ": the client gave up")));
}

void HandledCall::Fail(absl::Status status) {
  if (answering_ || !failure_.ok()) return;
  failure_ = std::move(status);
  GiveUp(Unshared(failure_));
}

void HandledCall::GiveUp(const absl::Status& reason) {
  if (answering_) return;
  if (!begun_) {
    Context(context()).Cancel(reason);
    return FinishWith(reason);
  }
  // First the context, so that a handler that is woken because of this can tell; that may finish the
  // call, and this object is the loop's again.
  bool finished = false;
  bool* const outer = std::exchange(finished_, &finished);
  Context(context()).Cancel(reason);
  if (finished) {
    if (outer != nullptr) *outer = true;
    return;
  }
  finished_ = outer;
  OnGivenUp();
}

absl::Duration HandledCall::time_left() const {
  return std::max(absl::ZeroDuration(), deadline_ - loop_.loop().Now());
}

void HandledCall::FinishWith(absl::Status status, bool refused) {
  if (working_) {
    finish_wanted_ = true;
    status_ = std::move(status);
    refused_ = refused;
    return;
  }
  if (!failure_.ok()) status = std::move(failure_);
  if (status.ok() && begun_ && context().cancelled() && IsCutShortByItsContext())
    status = context().status();
  const google::protobuf::MessageLite* const message = status.ok() ? ReplyToSend() : nullptr;
  if (message == nullptr) return Answer(std::move(status), refused, nullptr);
  if (serialised_ != nullptr)
    return Answer(std::move(status), refused, &serialised_->For(unpacks()));
  SerialisedMessage reply(*message);
  if (has_extras()) reply.Attach(extras().reply_attachment);
  if (reply.size() > kLargeMessageBytes && BeginWork(serialise_work_)) return;
  if (may_pack()) [[unlikely]] {
    PackedMessage packed;
    if (packed.Pack(packing(), reply)) return Answer(std::move(status), refused, &packed);
  }
  Answer(std::move(status), refused, &reply);
}

void HandledCall::Answer(absl::Status&& status, bool refused, OutgoingMessage* reply) {
  answering_ = true;
  if (finished_ != nullptr) *std::exchange(finished_, nullptr) = true;
  if (in_turn_) loop_.handlers().Remove(*this);
  if (deadline_timer_.armed()) loop_.loop().Disarm(deadline_timer_);
  // Whatever the handler left behind (callbacks, calls of its own) ends with it.
  context().state()->EndIfShared("the handler that this was a part of has ended");
  // Before anybody is told how the call ends.
  if (IsToBeJudged(reply)) [[unlikely]] {
    if (absl::Status judged = Judge(reply); !judged.ok()) {
      status = std::move(judged);
      reply = nullptr;
      refused = false;
    }
  }
  if (observers_told_ > 0) TellEnd(status);
  SendHeaders();
  ServerEnd end;
  end.status = std::move(status);
  end.refused = refused;
  if (has_extras()) {
    if (!extras().trailing_metadata.empty()) end.trailing = &extras().trailing_metadata;
    end.pushback = extras().retry_pushback;
  }
  end.reply = reply;
  if (reply != nullptr) CountMessageOut(*reply);
  const absl::StatusCode code = end.status.ok() ? absl::StatusCode::kOk : end.status.code();
  if (measured_for_ != 0 || wants_times_) {
    const Instant now = loop_.loop().Now();
    if (wants_times_) {
      end.queue_us = Microseconds(begun_at_ - arrived_);
      if (begun_) end.handler_us = Microseconds(now - begun_at_);
    }
    if (measured_for_ != 0) CountTimes(now);
  }
  if (counters_ != nullptr) counters_->CountEnd(code);
  std::exchange(stream_, nullptr)->Finish(end);
  serialised_.reset();
  OnFinished();
  loop_.Recycle(*this, code);
}

}  // namespace dialtone::internal
