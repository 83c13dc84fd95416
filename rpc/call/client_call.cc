#include "client_call.h"

#include <algorithm>
#include <limits>
#include <new>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "channel_core.h"
#include "client_call_large.h"
#include "delivery_scope.h"
#include "dialtone/rpc/trace_context.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "gathering_scope.h"
#include "guarded.h"
#include "loop_channel.h"
#include "subchannel.h"
#include "unshared_status.h"

namespace dialtone::internal {
namespace {

void CallbackThrew(const Method& method, const char* what) {
  static constinit LogKind kind(LogLevel::kError, "callbacks that threw");
  if (!kind.Admits()) return;
  Log(kind.level(), absl::StrCat("callback of ", ToAbsl(method.path), " threw: ", what),
      {{"method", method.path}});
}

// In nanoseconds.
int64_t TimeoutOf(const ChannelCore& channel, const Method& method, const CallOptions& options) {
  if (options.timeout().has_value()) return absl::ToInt64Nanoseconds(*options.timeout());
  return method.kind == MethodKind::kUnary ? channel.default_timeout_ns()
                                           : std::numeric_limits<int64_t>::max();
}

std::unique_ptr<CallRetry> OwnRetry(const CallOptions& options) {
  MethodOptions set;
  set.retry = options.retry();
  set.hedging = options.hedging();
  return std::make_unique<CallRetry>(set);
}

}  // namespace

// --- Making and destroying ---

ClientCall* ClientCall::Make(ChannelCore& channel, const Method& method,
                             const FirstMessage& request, const CallOptions& options,
                             const ReplyType& reply_type) {
  return MakeInBlock<ClientCall>(channel, method, request, options, reply_type);
}

ClientCall::ClientCall(ChannelCore& channel, const Method& method, const FirstMessage& request,
                       const CallOptions& options, const ReplyType& reply_type)
    : wait_for_ready_(options.wait_for_ready()),
      channel_(channel),
      method_(method),
      context_(Context::Current()),
      timeout_ns_(TimeoutOf(channel, method, options)),
      packing_(channel.PackingFor(method, options.compression())),
      request_(request.message == nullptr
                   ? RequestBytes()
                   : RequestBytes(*request.message, options.attachment(), request.take)),
      reply_type_(reply_type) {
  if (options.retry().has_value() || options.hedging().has_value()) {
    rare().own_retry = OwnRetry(options);
  }
  if (!options.metadata.empty()) {
    request_metadata_ = options.metadata;
    own_pairs_ = request_metadata_.size();
  }
  if (request.message == nullptr && !options.attachment().empty()) {
    status_ = absl::InvalidArgumentError(
        absl::StrCat(ToAbsl(method.path),
                     ": the call begins without a message that an attachment could travel "
                     "with: give it to Write()"));
  }
}

ClientCall::~ClientCall() { GiveReplyBack(); }

void ClientCall::Destroy() { DestroyInBlock(*this); }

void ClientCall::MakeRare() { rare_ = std::make_unique<Rare>(*this); }

// --- The handle's side ---

void ClientCall::Begin(const google::protobuf::MessageLite* request) {
  loop_ = &channel_.LoopForThisThread();
  const Instant now = made_at_ = loop_->Now();
  deadline_ = std::min(now.PlusNanoseconds(timeout_ns_), context_.deadline());
  expired_ = deadline_ <= now;
  if (streams()) OnBegun();
  if (status_.ok() && !channel_.options().observers.empty()) status_ = TellStart(request);
  if (context_.trace() != nullptr) SendTrace();
  if (packing_.Wants(request_.size())) PackAhead();
  if (!loop_->IsLeading()) {
    // On the loop's background thread, which leads when its callbacks have run, or one of them waits for something: the
    // calls that they make leave in one write.
    if (DeliveryScope::Current() == loop_) return loop_->PostBeforeLeading(start_work_);
    // Or with those of the coroutines that this thread runs next.
    if (GatheringScope::Post(*loop_, start_work_)) return;
  }
  if (LeadScope lead(*loop_); lead.leading()) {
    StartOnLoop();
  } else {
    keep_channel_ = channel_.shared_from_this();
    loop_->Post(start_work_);
  }
}

// Unless an observer, or the caller, has put the call under a span of its own.
void ClientCall::SendTrace() {
  if (!request_metadata_.Get("traceparent").has_value())
    AddTrace(*context_.trace(), request_metadata_);
}

absl::Status ClientCall::TellStart(const google::protobuf::MessageLite* request) {
  ClientCallView view = View();
  for (const auto& observer : channel_.options().observers) {
    absl::Status status = Catching([&] { return observer->OnStart(view); },
                                   [&](const char* what) { return ObserverThrew(method_, what); });
    if (!status.ok()) return status;
    ++observers_told_;
  }
  if (request_.waits()) request = request_.source();  // what was given has been moved from
  if (request != nullptr) {
    for (const auto& observer : channel_.options().observers)
      RunUsers(kAnObserver, [&] { observer->OnMessageOut(view, *request); });
  }
  return absl::OkStatus();
}

void ClientCall::TellEnd() {
  const ClientCallView view = View();
  const auto* const observers = channel_.options().observers.data();
  for (size_t i = std::exchange(observers_told_, 0); i-- > 0;)
    RunUsers(kAnObserver, [&] { observers[i]->OnEnd(view, status_); });
}

void ClientCall::RequestCancel() {
  if (done() || cancel_requested_.exchange(true, std::memory_order_relaxed)) return;
  Ref();
  if (LeadScope lead(*loop_); lead.leading()) {
    CancelOnLoop();
  } else {
    loop_->Post(cancel_work_);
  }
}

bool ClientCall::ClaimAs(Claim claim) {
  uint8_t before = 0;
  if (loop_->IsLeading()) {  // so nobody else ends it now
    before = state_.load(std::memory_order_relaxed);
    state_.store(before | claim, std::memory_order_release);
  } else {
    before = state_.fetch_or(claim, std::memory_order_acq_rel);
  }
  DIALTONE_CHECK((before & ~kDone) == kUnclaimed, "a call is waited for twice");
  return (before & kDone) != 0;
}

ClientCall::Claim ClientCall::MarkDone() {
  // The handle claims once, so a call that is claimed is changed by nobody else.
  const uint8_t claim = state_.load(std::memory_order_acquire);
  if (claim == kUnclaimed)
    return static_cast<Claim>(state_.fetch_or(kDone, std::memory_order_acq_rel));
  state_.store(claim | kDone, std::memory_order_release);
  return static_cast<Claim>(claim);
}

void ClientCall::Wait() {
  GatheringScope::FlushCurrent();
  if (!ClaimAs(kWaiting)) loop_->DriveForInput(event_);
}

bool ClientCall::Await(PromiseBase& promise) {
  awaiting_ = &promise;
  attended_ = !promise.scope().Drives(*loop_);
  if (attended_) loop_->Attend(1);
  if (!ClaimAs(kAwaiting)) {
    if (context_.state() != promise.scope().context().state()) promise.scope().set_awaited(*this);
    return true;
  }
  if (attended_) loop_->Attend(-1);
  return false;
}

void ClientCall::Deliver(CallInfo* info) {
  delivery_info_ = info;
  loop_->Attend(1);
  if (!ClaimAs(kDelivered)) return;
  loop_->Defer(delivery_work_);
  loop_->Attend(-1);
}

void ClientCall::RunDelivery() {
  DeliveryScope delivering(*loop_);
  {
    UntypedCall ended(this);
    ended.info_ = delivery_info_;
    const Context context = context_;
    Context::Scope install(context);
    // What it has captured goes with it: that is the user's, too, and may destroy the channel.
    Catching([&] { delivery_.Run(ended); },
             [&](const char* what) { CallbackThrew(method_, what); });
    // Here, where it was taken most likely: the last reference may go on another thread. Not one that a worker may still be
    // parsing, for a call that was given up meanwhile.
    if (large_ == nullptr) GiveReplyBack();
    ended.call_ = nullptr;
  }
  Unref(std::exchange(delivery_references_, 0));
}

void ClientCall::TakeInfo(CallInfo& info) {
  info = CallInfo();  // it may have served another call
  if (rare_ != nullptr) {
    info.initial_metadata = std::move(rare_->initial_metadata);
    info.trailing_metadata = std::move(rare_->trailing_metadata);
    info.attachment = std::move(rare_->reply_attachment);
  }
  info.peer = std::move(peer_);
  info.attempts = attempts_;
  if (has_times_) {
    info.server_queue_time = absl::Microseconds(queue_us_);
    info.server_handler_time = absl::Microseconds(handler_us_);
  }
}

// --- The loop's side ---

void ClientCall::StartOnLoop() {
  const std::shared_ptr<ChannelCore> keep = std::move(keep_channel_);
  if (ended_) return Unref();  // cancelled while it was posted
  started_ = true;
  part_ = channel_.PartOn(*loop_);
  if (part_ != nullptr) counters_ = part_->CountStart(method_);
  if (!status_.ok()) return Complete(std::move(status_));  // an observer has rejected it
  if (ContextState* context = context_.state(); context != nullptr) {
    if (!context->Add(*this)) return Complete(ContextReason());
    in_context_ = true;
  }
  if (!deadline_.infinite()) {
    if (expired_) return OnDeadline();
    loop_->Arm(deadline_timer_, deadline_);
  }
  if (part_ == nullptr) return Complete(absl::CancelledError("the channel was destroyed"));
  policy_ = part_->retries().Begin(method_, rare_ == nullptr ? nullptr : rare_->own_retry.get());
  if ((request_.waits() || packing_.Wants(request_.size())) && BeginPacking()) return;
  part_->Start(*this);
}

void ClientCall::OnContextEnded(const absl::Status&) {
  if (cancel_requested_.exchange(true, std::memory_order_relaxed)) return;
  Ref();
  loop_->Post(cancel_work_);
}

void ClientCall::CancelOnLoop() {
  absl::Status reason = ContextReason();
  const bool late = absl::IsDeadlineExceeded(reason);
  GiveUp(late ? CancelReason::kDeadlineExceeded : CancelReason::kCancelled, std::move(reason));
  Unref();
}

absl::Status ClientCall::ContextReason() const {
  absl::Status reason = context_.status();
  if (reason.ok()) reason = absl::CancelledError("cancelled by the caller");
  return absl::Status(reason.code(), absl::StrCat(ToAbsl(method_.path), ": ", reason.message()));
}

void ClientCall::OnDeadline() {
  GiveUp(CancelReason::kDeadlineExceeded,
         absl::DeadlineExceededError(absl::StrCat(ToAbsl(method_.path), ": deadline of ",
                                                  absl::FormatDuration(deadline_ - made_at_),
                                                  " exceeded ", Phase())));
}

void ClientCall::GiveUp(CancelReason reason, absl::Status status) {
  if (ended_) return;
  if (streams()) OnGivenUp();
  if (stream_ != nullptr) {
    std::exchange(stream_, nullptr)->Cancel(reason);
    // A stream may well be longer than its client has time.
    subchannel_->OnCallEnded(streams() ? CallOutcome::kUnknown : OutcomeOf(reason));
  }
  CancelHedges(reason);
  if (part_ != nullptr) part_->Withdraw(*this);
  Complete(std::move(status));
}

std::string ClientCall::Phase() const {
  if (expired_) return "before the call began";
  if (parsing_) return absl::StrCat("while the reply of ", peer_.ToString(), " was parsed");
  const size_t hedged = hedges() == nullptr ? 0 : hedges()->under_way();
  if (stream_ != nullptr || hedged > 0) {
    const std::string peer = (stream_ != nullptr ? peer_ : hedges()->peer()).ToString();
    const size_t more = stream_ != nullptr ? hedged : hedged - 1;
    return absl::StrCat("while waiting for the reply of ", peer,
                        more == 0 ? "" : absl::StrCat(" and ", more, " more"));
  }
  if (resting()) return absl::StrCat("while resting after a refusal by ", peer_.ToString());
  if (packing_now_) return "while its request was serialised";
  return absl::StrCat("while waiting for a connection to ", channel_.target());
}

void ClientCall::OnHeaders(Metadata&& initial) { rare().initial_metadata = std::move(initial); }

void ClientCall::OnEnd(StreamEnd&& end) {
  stream_ = nullptr;
  subchannel_->OnCallEnded(OutcomeOf(end));
  if (rare_ != nullptr && GoesOnWithout(*subchannel_, end)) return;
  if (MayRunAgain(end) && (end.never_ran ? SendAgain(end) : TryAgain(end))) return;
  if (!end.refused && !end.local) part_->CountAnswer();
  ended_at_ = end.arrived;
  if (!end.trailing.empty()) rare().trailing_metadata = std::move(end.trailing);
  queue_us_ = end.queue_us;
  handler_us_ = end.handler_us;
  has_times_ = end.has_times;
  if (!parsing_) return Judge(std::move(end.status));
  part_->HoldAside(*this);
  end_told_ = true;
  large_->end = std::move(end.status);
}

void ClientCall::Judge(absl::Status status) {
  if (!status.ok()) return Complete(std::move(status));
  if (!status_.ok()) return Complete(std::move(status_));
  const bool wants_reply =
      method_.kind == MethodKind::kUnary || method_.kind == MethodKind::kClientStreaming;
  if (wants_reply && !has_reply_) {
    return Complete(absl::InternalError(absl::StrCat(ToAbsl(method_.path), ": ", peer_.ToString(),
                                                     " ended the call without a reply")));
  }
  if (policy_ != nullptr) part_->retries().OnAnswer(*this);
  Complete(absl::OkStatus());
}

void ClientCall::Complete(absl::Status status) {
  DIALTONE_CHECK(!ended_, "a call ended twice");
  ended_ = true;
  if (streams()) OnEnding();
  if (rare_ != nullptr) KeepToOneAttempt();
  if (deadline_timer_.armed()) loop_->Disarm(deadline_timer_);
  if (!packing_now_) request_.Free();
  if (in_context_) context_.state()->Remove(*this);
  status_ = status.ok() ? absl::OkStatus() : Unshared(status);
  if (observers_told_ > 0) TellEnd();
  if (counters_ != nullptr) CountEnd();
  part_ = nullptr;
  Loop& loop = *loop_;
  // Else the start that is still posted holds the loop's reference, or whoever tells observers does.
  const bool lets_go = started_ && !telling_;
  switch (MarkDone()) {
    case kUnclaimed:
      break;
    case kWaiting:
      event_.Set();
      break;
    case kAwaiting:
      awaiting_->ResumeLater();
      if (attended_) loop.Attend(-1);
      break;
    case kDelivered:
      if (lets_go) ++delivery_references_;
      loop.Defer(delivery_work_);
      loop.Attend(-1);
      return;
  }
  if (lets_go) Unref();
}

}  // namespace dialtone::internal
