#include "dialtone/rpc/internal/stream_op.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/context.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "gathering_scope.h"
#include "message_port.h"
#include "request_bytes.h"

namespace dialtone::internal {
namespace {

void LogWouldBlock(std::string_view method) {
  static constinit LogKind kind(LogLevel::kError, "streams that would block their reactor");
  if (!kind.Admits()) return;
  Log(kind.level(),
      absl::StrCat(ToAbsl(method),
                   ": Wait() on a reactor would stop everything that runs there: co_await the "
                   "Read() or Write(), or use a plain service, which runs on workers"),
      {{"method", method}});
}

}  // namespace

StreamOp::StreamOp(MessagePort& port, google::protobuf::MessageLite* incoming,
                   const google::protobuf::MessageLite* outgoing, bool last, Attachment attachment)
    : port_(port),
      incoming_(incoming),
      outgoing_(outgoing),
      last_(last),
      attachment_(std::move(attachment)) {}

StreamOp::~StreamOp() = default;

const Attachment& AttachmentOf(const MessagePort& port) { return port.attachment(); }

bool StreamOp::Suspend(PromiseBase& promise) {
  promise_ = &promise;
  context_ = promise.scope().context().state();
  if (outgoing_ != nullptr && Loop::OnReactor() && outgoing_->ByteSizeLong() > kLargeMessageBytes) {
    workers_ = &port_.workers();
  }
  return !Start();
}

void StreamOp::WaitForEnd() {
  GatheringScope::FlushCurrent();
  if (Loop::OnReactor()) return LogWouldBlock(port_.method());
  Event event;
  event_ = &event;
  context_ = Context::Current().state();
  if (!Start()) port_.loop().DriveForInput(event);
}

bool StreamOp::Start() {
  DIALTONE_CHECK(!done_, "a Read() or Write() is awaited twice");
  if (context_ == port_.context()) context_ = nullptr;
  Loop& loop = port_.loop();
  if (workers_ != nullptr) {
    // First: the worker, and then the loop, may be done with it before this thread goes on.
    attended_ = promise_ != nullptr && !promise_->scope().Drives(loop);
    if (attended_) loop.Attend(1);
    if (workers_->Post(serialise_work_)) return false;
    if (std::exchange(attended_, false)) loop.Attend(-1);
  }
  // On a thread for which no loop waits.
  if (outgoing_ != nullptr && !Loop::OnReactor() && port_.packs()) Serialise();
  if (LeadScope lead(loop); lead.leading()) {
    beginning_ = true;
    Begin();
    beginning_ = false;
    if (done_) return true;
    attended_ = promise_ != nullptr && !promise_->scope().Drives(loop);
    if (attended_) loop.Attend(1);
    return false;
  }
  if (outgoing_ != nullptr && bytes_ == nullptr) Serialise();
  attended_ = promise_ != nullptr && !promise_->scope().Drives(loop);
  if (attended_) loop.Attend(1);
  loop.Post(begin_work_);
  return false;
}

void StreamOp::Serialise() {
  bytes_ = std::make_unique<RequestBytes>(*outgoing_, attachment_);
  port_.PackAhead(*bytes_);
}

void StreamOp::SerialiseOnWorker() {
  Serialise();
  port_.loop().Post(begin_work_);
}

void StreamOp::Begin() { port_.Begin(*this); }

// The port keeps this operation.
void StreamOp::Pend() {
  if (context_ == nullptr || registered_) return;
  registered_ = context_->Add(*this);
  if (!registered_ && port_.Withdraw(*this)) Complete(false);
}

void StreamOp::OnContextEnded(const absl::Status&) {
  withdrawal_posted_.store(true, std::memory_order_relaxed);
  port_.loop().Post(withdraw_work_);
}

void StreamOp::Withdraw() {
  withdrawal_posted_.store(false, std::memory_order_relaxed);
  if (done_) return Finish();
  if (port_.Withdraw(*this)) Complete(false);
}

void StreamOp::Complete(bool succeeded) {
  done_ = true;
  succeeded_ = succeeded;
  if (registered_) {
    context_->Remove(*this);
    // Posted, it refers to this object: the last word is its.
    if (withdrawal_posted_.load(std::memory_order_relaxed)) return;
  }
  Finish();
}

void StreamOp::Finish() {
  if (beginning_) return;
  Loop& loop = port_.loop();
  const bool attended = attended_;
  if (promise_ != nullptr) {
    promise_->ResumeLater();
  } else {
    event_->Set();
  }
  // This object may be gone.
  if (attended) loop.Attend(-1);
}

}  // namespace dialtone::internal
