#include "server_loop.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/log_kind.h"
#include "incoming_connection.h"
#include "protocols.h"
#include "server_core.h"
#include "unary_call.h"

namespace dialtone::internal {

namespace {

// How late an idle connection may be told to go.
absl::Duration RestSlack(const ConnectionLimits& limits) {
  return std::min(limits.idle_timeout, limits.max_age) / 100;
}

}  // namespace

ServerLoop::ServerLoop(ServerCore& core, Loop& loop, Watchdog::Slot* watched, size_t index)
    : core_(core),
      loop_(loop),
      watched_(watched),
      index_(index),
      concurrency_(core.concurrency()),
      observers_(core.options().observers),
      counters_(core.options().metrics),
      handlers_(loop, core.options().slow_handler, core.options().handler_queue_max),
      began_(loop.Now()),
      idle_before_(loop.IdleTime()),
      connections_(loop, core.gate(), core.options().connections_awake_max,
                   RestSlack(core.options().limits)) {
  for (const ServerProtocol* protocol : ServerProtocols()) {
    acceptors_.push_back(protocol->NewAcceptor(loop, core.options().limits, *this, *this));
  }
}

ServerLoop::~ServerLoop() {
  connections_.Clear();
  for (FreeCalls& free : free_calls_) {
    while (free.head != nullptr) std::exchange(free.head, free.head->next_)->Destroy();
  }
}

Runtime& ServerLoop::runtime() const { return core_.runtime(); }

void ServerLoop::AddListener(std::unique_ptr<Listener> listener) {
  listeners_.push_back(std::move(listener));
}

void ServerLoop::OnAccept(std::unique_ptr<AcceptedStream> stream) {
  std::string why;
  std::optional<ConnectionGate::Place> place = core_.gate().Enter(stream->peer(), why);
  if (!place.has_value()) return TurnAway(std::move(stream), std::move(why));
  counters_.CountAccepted();
  ServerLoop& target = core_.LeastLoaded();
  target.CountExpected();
  if (&target == this) return Serve(std::move(stream), *std::move(place));
  // The core goes along: a shutdown that was out of patience may be over when this arrives.
  target.loop().Post(
      [&target, core = core_.shared_from_this(), stream = std::move(stream),
       place = *std::move(place)]() mutable { target.Serve(std::move(stream), std::move(place)); });
}

void ServerLoop::TurnAway(std::unique_ptr<AcceptedStream> stream, std::string why) {
  static constinit LogKind kind(LogLevel::kWarning, "connections that were turned away");
  if (kind.Admits()) {
    const std::string peer = stream->peer().ToString();
    Log(kind.level(), absl::StrCat("connection from ", peer, ": turned away: ", why),
        {{"peer", peer}});
  }
  if (!begun_ || draining_ || turned_away_ >= kTurnedAwayMax) return;
  ++turned_away_;
  incoming_.Add(std::make_unique<IncomingConnection>(
      *this, std::move(stream), core_.options().limits.goodbye_timeout, std::move(why)));
}

void ServerLoop::Begin() {
  free_calls_.resize(core_.method_count());
  handlers_.SetMethods(core_.method_count());
  begun_ = true;
  for (Early& early : std::exchange(early_, {}))
    Adopt(std::move(early.stream), std::move(early.place));
}

void ServerLoop::Serve(std::unique_ptr<AcceptedStream> stream, ConnectionGate::Place place) {
  const bool has_room = early_.size() < static_cast<size_t>(core_.options().listen.backlog);
  if (told_idle_ || (!begun_ && (draining_ || !has_room))) return CountGone(1);
  if (begun_) return Adopt(std::move(stream), std::move(place));
  early_.push_back(Early{std::move(stream), std::move(place)});
}

void ServerLoop::Adopt(std::unique_ptr<AcceptedStream> stream, ConnectionGate::Place place) {
  auto incoming = std::make_unique<IncomingConnection>(
      *this, std::move(stream), core_.options().handshake_timeout, std::move(place));
  if (draining_) incoming->Hurry();
  incoming_.Add(std::move(incoming));
}

void ServerLoop::OnIncomingDone(IncomingConnection& incoming) {
  std::unique_ptr<IncomingConnection> done = incoming_.Take(&incoming);
  DIALTONE_CHECK(done != nullptr);
  if (done->turned_away()) {
    --turned_away_;
  } else {
    CountGone(1);
  }
  // It is below us on the stack: destroyed when that has unwound.
  loop_.Post([this, done = std::move(done)] { CheckIdle(); });
}

void ServerLoop::AddConnection(std::unique_ptr<ServerConnection> connection,
                               ConnectionGate::Place place) {
  connection_count_.fetch_add(1, std::memory_order_relaxed);
  ServerConnection& added = connections_.Add(std::move(connection), std::move(place));
  if (draining_) added.Drain();
}

bool ServerLoop::AddInProcess(
    absl::FunctionRef<std::unique_ptr<ServerConnection>(ServerConnection::Owner&)> make) {
  if (!begun_ || draining_) return false;
  AddConnection(make(*this));
  return true;
}

void ServerLoop::OnClosed(ServerConnection& connection) {
  // It may be below us on the stack, or not added yet.
  loop_.Post([this, &connection] {
    connections_.Remove(connection);
    CountGone(1);
    CheckIdle();
  });
}

void ServerLoop::StopAccepting() {
  for (auto& listener : listeners_) listener->AcceptPending();
  listeners_.clear();
}

void ServerLoop::Drain() {
  if (std::exchange(draining_, true)) return;
  CountGone(early_.size());
  early_.clear();
  for (IncomingConnection* incoming : incoming_.InOrder()) incoming->Hurry();
  for (ServerConnection* connection : connections_.InOrder()) connection->Drain();
  CheckIdle();
}

void ServerLoop::Abort(const absl::Status& reason) {
  // First, as what its calls say when they are given up is no answer to their clients: a lost connection is.
  for (ServerConnection* connection : connections_.InOrder()) connection->Abort();
  for (HandledCall* call = calls_; call != nullptr;) {
    HandledCall* next = call->next_;
    call->GiveUp(reason);
    call = next;
  }
  CountGone(incoming_.size() - std::exchange(turned_away_, 0));
  incoming_.Clear();
  CheckIdle();
}

void ServerLoop::AbandonHandlers(const absl::Status& reason) {
  for (HandledCall* call = calls_; call != nullptr;) {
    HandledCall* next = call->next_;
    call->AbandonHandler(reason);
    call = next;
  }
}

std::vector<std::string> ServerLoop::MethodsUnderWay() const {
  std::vector<std::string> methods;
  for (HandledCall* call = calls_; call != nullptr; call = call->next_)
    methods.emplace_back(call->method());
  return methods;
}

void ServerLoop::CheckIdle() {
  if (!idle() || std::exchange(told_idle_, true)) return;
  // Behind all that was posted for this object: with the last loop's word the core may go, and this
  // object with it.
  loop_.Post([&core = core_] { core.OnLoopIdle(); });
}

ByteBudget* ServerLoop::process_bytes() const { return &core_.runtime().bytes_in_flight(); }

const ServerMethod* ServerLoop::FindMethod(std::string_view path) const {
  return core_.FindMethod(path);
}

ServerStreamHandler* ServerLoop::Refuse(ServerStream& stream, absl::Status status, bool refused) {
  ServerEnd refusal;
  refusal.status = std::move(status);
  refusal.refused = refused;
  stream.Finish(refusal);
  return nullptr;
}

ServerStreamHandler* ServerLoop::Begin(Loop&, ServerStream& stream, ServerRequestHead&& head) {
  if (head.method == nullptr) {
    counters_.Count(ServerLimit::kUnknownMethod);
    const std::string name =
        head.path.empty() ? "such method" : absl::StrCat("method ", ToAbsl(head.path));
    return Refuse(stream, absl::UnimplementedError(absl::StrCat("no ", name, " on this server")),
                  /*refused=*/false);
  }
  const ServerMethod& method = *head.method;
  if (!Admit(stream, method, head.deadline)) return nullptr;
  HandledCall& call = NewCall(method);
  // Only a whole request shows how long the server takes for it; a stream lasts as long as its client
  // likes.
  if (head.whole && method.is_unary() && IsMeasured(method)) call.admitted_at_ = loop_.Now();
  return call.Start(stream, std::move(head));
}

ServerStreamHandler* ServerLoop::BeginWhole(Loop&, ServerStream& stream,
                                            const WholeRequest& request) {
  const ServerMethod& method = request.method;
  if (!Admit(stream, method, request.deadline)) return nullptr;
  HandledCall& call = NewCall(method);
  if (IsMeasured(method)) call.admitted_at_ = loop_.Now();
  return static_cast<UnaryCall&>(call).StartWhole(stream, request);
}

bool ServerLoop::AdmitSlow(ServerStream& stream, const ServerMethod& method, Instant deadline) {
  bool refused = false;
  absl::Status status = Judge(method, deadline, refused);
  if (status.ok()) return true;
  Refuse(stream, std::move(status), refused);
  return false;
}

HandledCall& ServerLoop::NewCall(const ServerMethod& method) {
  FreeCalls& free = free_calls_[method.index];
  HandledCall* call = free.head;
  if (call != nullptr) {
    free.head = call->next_;
    --free.count;
    kept_message_bytes_ -= LargeBytes(*call);
  } else {
    call = HandledCall::Make(*this, method);
  }
  call->previous_ = nullptr;
  call->next_ = calls_;
  if (calls_ != nullptr) calls_->previous_ = call;
  calls_ = call;
  call_count_.store(call_count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  return *call;
}

absl::Status ServerLoop::JudgeWait(const ServerMethod& method, Instant deadline) {
  if (handlers_.HasTimeFor(method, deadline)) return absl::OkStatus();
  counters_.Count(ServerLimit::kHandlerQueue);
  return absl::ResourceExhaustedError(absl::StrCat(
      ToAbsl(method.handler->method->path), ": ", handlers_.size(),
      " calls wait for this reactor, and will take ", absl::FormatDuration(handlers_.wait()),
      ": too many (ServerOptions::handler_queue_max), or too long for this call's deadline"));
}

absl::Status ServerLoop::Judge(const ServerMethod& method, Instant deadline, bool& refused) {
  if (HasPassed(deadline)) {
    counters_.Count(ServerLimit::kDeadlinePassed);
    return absl::DeadlineExceededError(
        absl::StrCat(ToAbsl(method.handler->method->path),
                     ": the client's deadline has passed before the call could begin"));
  }
  if (absl::Status status = JudgeWait(method, deadline); !status.ok()) {
    refused = true;
    return status;
  }
  if (method.concurrency != nullptr && !method.concurrency->Admit()) {
    counters_.Count(ServerLimit::kMethodConcurrency);
    refused = true;
    return method.concurrency->refusal();
  }
  if (concurrency_ != nullptr && method.counts_for_server && !concurrency_->Admit()) {
    counters_.Count(ServerLimit::kConcurrency);
    if (method.concurrency != nullptr) method.concurrency->Release();
    refused = true;
    return concurrency_->refusal();
  }
  return absl::OkStatus();
}

// How long a call took says something when it was answered, or given up for taking too long; not
// when it failed, maybe at once.
void ServerLoop::CountEnd(HandledCall& call, absl::StatusCode code) {
  const bool tells = call.admitted_at_ != Instant() &&
                     (code == absl::StatusCode::kOk || code == absl::StatusCode::kCancelled ||
                      code == absl::StatusCode::kDeadlineExceeded);
  const Instant now = tells ? loop_.Now() : Instant();
  ConcurrencyLimit* const server = call.method_.counts_for_server ? concurrency_ : nullptr;
  for (ConcurrencyLimit* limit : {call.method_.concurrency, server}) {
    if (limit == nullptr) continue;
    if (tells) {
      limit->Release(call.admitted_at_, now);
    } else {
      limit->Release();
    }
  }
}

void ServerLoop::Recycle(HandledCall& call, absl::StatusCode code) {
  if (IsLimited(call.method_)) CountEnd(call, code);
  (call.previous_ == nullptr ? calls_ : call.previous_->next_) = call.next_;
  if (call.next_ != nullptr) call.next_->previous_ = call.previous_;
  call_count_.store(call_count_.load(std::memory_order_relaxed) - 1, std::memory_order_release);
  // What its messages hold does not become less when they are cleared.
  call.kept_bytes_ = std::max(call.kept_bytes_, call.message_bytes_);
  if (call.lost_) {
    // Its frame can neither be resumed nor destroyed safely: left alone.
  } else if (FreeCalls& free = free_calls_[call.method_.index];
             free.count < kFreeCallsMax && call.kept_bytes_ <= kKeptMessageBytesMax &&
             kept_message_bytes_ + LargeBytes(call) <= kAllKeptMessageBytesMax) {
    call.Reset();
    kept_message_bytes_ += LargeBytes(call);
    call.next_ = free.head;
    free.head = &call;
    ++free.count;
  } else {
    call.DestroyForGood();
  }
  if (draining_ && calls_ == nullptr) loop_.Post([this] { CheckIdle(); });
}

}  // namespace dialtone::internal
