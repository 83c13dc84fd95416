#include "unary_call.h"

#include <algorithm>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/internal/frame_pool.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "server_loop.h"

namespace dialtone::internal {
namespace {

size_t AlignUp(size_t offset, size_t alignment) {
  return (offset + alignment - 1) & ~(alignment - 1);
}

// A reply that is serialised where the protocol wants it.
class ReplyMessage final : public OutgoingMessage {
 public:
  explicit ReplyMessage(const google::protobuf::MessageLite& message)
      : message_(message), size_(message.ByteSizeLong()) {}

  size_t size() const override { return size_; }
  void WriteTo(char* into) const override {
    message_.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(into));
  }
  SharedBytes Share() override {
    auto bytes = std::make_shared_for_overwrite<char[]>(size_);
    WriteTo(bytes.get());
    return bytes;
  }

 private:
  const google::protobuf::MessageLite& message_;
  const size_t size_;
};

// Small requests' bytes stay until the call is over: then they go back to the reactor's pool.
constexpr size_t kKeptUnparsedMax = 4096;

uint32_t Microseconds(absl::Duration duration) {
  return static_cast<uint32_t>(
      std::clamp<int64_t>(absl::ToInt64Microseconds(duration), 0, 0xFFFFFFFF));
}

absl::Status HandlerThrew(std::string_view method, const char* what) {
  static constinit LogKind kind(LogLevel::kError, "handlers that threw");
  if (kind.Admits()) {
    Log(kind.level(), absl::StrCat("handler of ", ToAbsl(method), " threw: ", what),
        {{"method", method}});
  }
  return absl::InternalError(absl::StrCat(ToAbsl(method), ": the handler threw an exception"));
}

// Runs `body`, whose exceptions end with the call.
template <class Body>
absl::Status Guarded(std::string_view method, Body body) {
  try {
    return body();
  } catch (const std::exception& e) {
    return HandlerThrew(method, e.what());
  } catch (...) {
    return HandlerThrew(method, "something that is no std::exception");
  }
}

}  // namespace

UnaryCall* UnaryCall::Make(ServerLoop& loop, const ServerMethod& method) {
  const MethodHandler& handler = *method.handler;
  const size_t request_offset = AlignUp(sizeof(UnaryCall), handler.request.alignment);
  const size_t reply_offset =
      AlignUp(request_offset + handler.request.size, handler.reply.alignment);
  const size_t block_bytes = reply_offset + handler.reply.size;
  char* block = static_cast<char*>(FramePool::Allocate(block_bytes));
  auto* call = ::new (block) UnaryCall(loop, method, block_bytes);
  call->request_ = handler.request.construct(block + request_offset);
  call->reply_ = handler.reply.construct(block + reply_offset);
  return call;
}

UnaryCall::UnaryCall(ServerLoop& loop, const ServerMethod& method, size_t block_bytes)
    : TaskScope(Context()), loop_(loop), method_(method), block_bytes_(block_bytes) {}

void UnaryCall::Destroy() {
  const size_t block_bytes = block_bytes_;
  reply_->~MessageLite();
  request_->~MessageLite();
  this->~UnaryCall();
  FramePool::Free(this, block_bytes);
}

ServerStreamHandler* UnaryCall::Start(ServerStream& stream, ServerRequestHead&& head) {
  stream_ = &stream;
  deadline_ = head.deadline;
  peer_ = stream.connection().peer;
  protocol_ = stream.connection().protocol;
  request_metadata_ = std::move(head.metadata);
  wants_times_ = head.wants_times;
  arrived_ = begun_at_ = head.arrived;
  set_context(Context::Cancellable(deadline_));
  if (!head.whole) ArmDeadline();  // the rest may never come
  return loop_.observers().empty() || TellStart() ? this : nullptr;
}

bool UnaryCall::TellStart() {
  for (const auto& observer : loop_.observers()) {
    absl::Status status = observer->OnStart(*this);
    if (!status.ok()) {
      FinishWith(std::move(status));
      return false;
    }
    ++observers_told_;
  }
  return true;
}

void UnaryCall::TellEnd(const absl::Status& status) {
  const auto& observers = loop_.observers();
  if (status.ok()) {
    for (size_t i = 0; i < observers_told_; ++i) observers[i]->OnMessageOut(*this, *reply_);
  }
  while (observers_told_ > 0) observers[--observers_told_]->OnEnd(*this, status);
}

void UnaryCall::Reset() {
  request_->Clear();
  reply_->Clear();
  request_metadata_.Clear();
  initial_metadata_.Clear();
  trailing_metadata_.Clear();
  has_request_ = false;
  begun_ = false;
  admitted_at_ = Instant();
  message_bytes_ = 0;
  status_ = absl::OkStatus();
  set_context(Context());
}

void UnaryCall::OnMessage(IncomingMessage& message) {
  message_bytes_ = message.bytes.size();
  if (has_request_)
    return FinishWith(
        absl::InvalidArgumentError(absl::StrCat(ToAbsl(method()), ": more than one request")));
  has_request_ = true;
  // Observers see requests on the reactor.
  if (method_.run_on_workers && observers_told_ == 0) return KeepUnparsed(message.bytes);
  if (absl::Status status = ParseRequest(message.bytes); !status.ok())
    return FinishWith(std::move(status));
  for (size_t i = 0; i < observers_told_; ++i) loop_.observers()[i]->OnMessageIn(*this, *request_);
}

absl::Status UnaryCall::ParseRequest(std::string_view bytes) {
  if (request_->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(method()), ": the request is no valid ", request_->GetTypeName()));
}

void UnaryCall::KeepUnparsed(std::string_view bytes) {
  ByteBudget& budget = loop_.runtime().bytes_in_flight();
  if (budget.spent()) {
    return FinishWith(
        absl::ResourceExhaustedError(absl::StrCat(ToAbsl(method()), ": more than ", budget.max(),
                                                  " bytes are in flight in this process "
                                                  "(RuntimeOptions::bytes_in_flight_max)")),
        /*refused=*/true);
  }
  unparsed_bytes_ = bytes.size();
  unparsed_ = static_cast<char*>(FramePool::Allocate(std::max<size_t>(unparsed_bytes_, 1)));
  std::copy(bytes.begin(), bytes.end(), unparsed_);
  budget.Add(unparsed_bytes_);
}

void UnaryCall::FreeUnparsed() {
  if (unparsed_ == nullptr) return;
  loop_.runtime().bytes_in_flight().Subtract(unparsed_bytes_);
  FramePool::Free(std::exchange(unparsed_, nullptr), std::max<size_t>(unparsed_bytes_, 1));
}

void UnaryCall::OnHalfClose() {
  if (!has_request_) {
    return FinishWith(absl::InvalidArgumentError(
        absl::StrCat(ToAbsl(method()), ": the call came without a request")));
  }
  BeginHandler();
}

void UnaryCall::BeginHandler() {
  begun_ = true;
  if (wants_times_) begun_at_ = loop_.loop().Now();
  if (method_.handler->coroutine != nullptr) {
    RunCoroutine();
  } else if (method_.run_on_workers) {
    ArmDeadline();
    if (!workers().Post(worker_work_)) {
      FinishWith(
          absl::ResourceExhaustedError(absl::StrCat(
              ToAbsl(method()), ": the workers' queue is full (RuntimeOptions::worker_queue_max)")),
          /*refused=*/true);
    }
  } else {
    RunInline();
  }
}

void UnaryCall::RunInline() {
  ServerLoop::RunningMethod running(loop_, method_);
  RunPlainHandler();
  FinishWith(std::move(status_));
}

void UnaryCall::RunPlainHandler() {
  Context::Scope install(context());
  status_ = Guarded(method(), [&] {
    return method_.handler->plain(*method_.service, *this, *request_, *reply_);
  });
}

// What nobody waits for any more is not even parsed.
absl::Status UnaryCall::ParseOnWorker() {
  if (context().cancelled()) return context().status();
  if (!deadline_.infinite() && deadline_ <= loop_.loop().CoarseNow()) {
    return absl::DeadlineExceededError(absl::StrCat(
        ToAbsl(method()), ": the client's deadline has passed while the call waited for a worker"));
  }
  return unparsed_ == nullptr ? absl::OkStatus()
                              : ParseRequest(std::string_view(unparsed_, unparsed_bytes_));
}

void UnaryCall::RunOnWorker() {
  status_ = ParseOnWorker();
  if (unparsed_bytes_ > kKeptUnparsedMax) FreeUnparsed();
  if (status_.ok()) RunPlainHandler();
  loop_.loop().Post(finish_work_);
}

void UnaryCall::FinishPosted() { FinishWith(std::move(status_)); }

void UnaryCall::RunCoroutine() {
  absl::Status started = Guarded(method(), [&] {
    Context::Scope install(context());  // what returns the task need not be a coroutine itself
    task_ = method_.handler->coroutine(*method_.service, *this, *request_, *reply_);
    return absl::OkStatus();
  });
  if (!started.ok() || !task_.valid()) {
    if (started.ok())
      started = absl::InternalError("the handler returned a task that was moved from");
    return FinishWith(std::move(started));
  }
  PromiseBase& root = task_.promise();
  root.BecomeRoot(*this);
  ServerLoop::RunningMethod running(loop_, method_);
  bool finished = false;
  finished_ = &finished;
  Resume(root);
  if (finished) return;  // and this object is the loop's again
  finished_ = nullptr;
  ArmDeadline();
}

void UnaryCall::RunPosted(PromiseBase& promise) {
  ServerLoop::RunningMethod running(loop_, method_);
  Resume(promise);
}

void UnaryCall::OnTaskDone() {
  absl::Status status = Guarded(method(), [&] { return task_.await_resume(); });
  task_ = Task<absl::Status>();
  FinishWith(std::move(status));
}

void UnaryCall::OnTaskLost() {
  lost_ = true;
  static constinit LogKind kind(LogLevel::kError, "handlers that the compiler has lost");
  if (kind.Admits()) {
    Log(kind.level(),
        absl::StrCat(ToAbsl(method()),
                     ": the compiler has lost the handler's coroutine; see "
                     "docs/gcc12-coroutines.md for the pattern and its cure"),
        {{"method", method()}});
  }
  FinishWith(
      absl::InternalError(absl::StrCat(ToAbsl(method()), ": the handler's coroutine was lost")));
}

void UnaryCall::AbandonHandler(const absl::Status& reason) {
  if (task_.valid()) Abandon(reason);
}

void UnaryCall::OnTaskAbandoned() {
  {
    ServerLoop::RunningMethod running(loop_, method_);
    Context::Scope install(context());  // for destructors
    task_ = Task<absl::Status>();
  }
  FinishWith(context().status());
}

void UnaryCall::PostResume(Work& work) { loop_.loop().Post(work); }
Loop& UnaryCall::timer_loop() { return loop_.loop(); }
Workers& UnaryCall::workers() { return loop_.runtime().workers(); }

void UnaryCall::ArmDeadline() {
  if (!deadline_.infinite()) loop_.loop().Arm(deadline_timer_, deadline_);
}

void UnaryCall::OnDeadline() {
  GiveUp(absl::DeadlineExceededError(
      absl::StrCat(ToAbsl(method()), ": the client's deadline has passed")));
}

void UnaryCall::OnCancel(CancelReason reason) {
  if (reason == CancelReason::kDeadlineExceeded) return OnDeadline();
  GiveUp(absl::CancelledError(absl::StrCat(ToAbsl(method()), reason == CancelReason::kShutdown
                                                                 ? ": the server shuts down"
                                                                 : ": the client gave up")));
}

void UnaryCall::GiveUp(const absl::Status& reason) {
  const bool begun = begun_;
  Context(context()).Cancel(reason);  // may finish the call, if its handler has begun
  if (!begun) FinishWith(reason);
}

absl::Duration UnaryCall::time_left() const {
  return std::max(absl::ZeroDuration(), deadline_ - loop_.loop().Now());
}

void UnaryCall::FinishWith(absl::Status status, bool refused) {
  if (finished_ != nullptr) *std::exchange(finished_, nullptr) = true;
  if (deadline_timer_.armed()) loop_.loop().Disarm(deadline_timer_);
  // Whatever the handler left behind (callbacks, calls of its own) ends with it.
  context().state()->EndIfShared("the handler that this was a part of has ended");
  if (observers_told_ > 0) TellEnd(status);
  if (!initial_metadata_.empty()) stream_->SendHeaders(initial_metadata_);
  ServerEnd end;
  end.status = std::move(status);
  end.trailing = trailing_metadata_.empty() ? nullptr : &trailing_metadata_;
  end.refused = refused;
  if (wants_times_) {
    end.queue_us = Microseconds(begun_at_ - arrived_);
    if (begun_) end.handler_us = Microseconds(loop_.loop().Now() - begun_at_);
  }
  const absl::StatusCode code = end.status.code();
  ServerStream& stream = *std::exchange(stream_, nullptr);
  if (end.status.ok()) {
    ReplyMessage reply(*reply_);
    message_bytes_ += reply.size();
    end.reply = &reply;
    stream.Finish(end);
  } else {
    stream.Finish(end);
  }
  FreeUnparsed();
  loop_.Recycle(*this, code);
}

}  // namespace dialtone::internal
