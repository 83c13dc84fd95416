#include "server_loop.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "incoming_connection.h"
#include "server_core.h"

namespace dialtone::internal {

ServerLoop::ServerLoop(ServerCore& core, Loop& loop, Watchdog::Slot* watched)
    : core_(core), loop_(loop), watched_(watched) {}

ServerLoop::~ServerLoop() {
  connections_.Clear();
  for (FreeCalls& free : free_calls_) {
    while (free.head != nullptr) std::exchange(free.head, free.head->next_)->Destroy();
  }
}

const std::vector<std::shared_ptr<ServerObserver>>& ServerLoop::observers() const {
  return core_.options().observers;
}

Runtime& ServerLoop::runtime() const { return core_.runtime(); }

void ServerLoop::AddListener(std::unique_ptr<Listener> listener) {
  listeners_.push_back(std::move(listener));
}

void ServerLoop::OnAccept(std::unique_ptr<AcceptedStream> stream) {
  ServerLoop& target = core_.LeastLoaded();
  target.CountExpected();
  if (&target == this) return Serve(std::move(stream));
  // The core goes along: a shutdown that was out of patience may be over when this arrives.
  target.loop().Post([&target, core = core_.shared_from_this(),
                      stream = std::move(stream)]() mutable { target.Serve(std::move(stream)); });
}

void ServerLoop::Begin() {
  free_calls_.resize(core_.method_count());
  begun_ = true;
  for (auto& stream : std::exchange(early_, {})) Adopt(std::move(stream));
}

void ServerLoop::Serve(std::unique_ptr<AcceptedStream> stream) {
  const bool has_room = early_.size() < static_cast<size_t>(core_.options().listen.backlog);
  if (told_idle_ || (!begun_ && (draining_ || !has_room))) return CountGone(1);
  if (begun_) return Adopt(std::move(stream));
  early_.push_back(std::move(stream));
}

void ServerLoop::Adopt(std::unique_ptr<AcceptedStream> stream) {
  auto incoming = std::make_unique<IncomingConnection>(
      *this, std::move(stream), core_.options().handshake_timeout, core_.options().limits);
  if (draining_) incoming->Hurry();
  incoming_.Add(std::move(incoming));
}

void ServerLoop::OnIncomingDone(IncomingConnection& incoming) {
  std::unique_ptr<IncomingConnection> done = incoming_.Take(&incoming);
  DIALTONE_CHECK(done != nullptr);
  // It is below us on the stack: destroyed when that has unwound.
  loop_.Post([this, done = std::move(done)] {
    CountGone(1);
    CheckIdle();
  });
}

void ServerLoop::AddConnection(std::unique_ptr<ServerConnection> connection) {
  connection_count_.fetch_add(1, std::memory_order_relaxed);
  ServerConnection& added = connections_.Add(std::move(connection));
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
  loop_.Post([this, key = &connection] {
    connections_.Take(key);
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
  for (UnaryCall* call = calls_; call != nullptr;) {
    UnaryCall* next = call->next_;
    call->GiveUp(reason);
    call = next;
  }
  for (ServerConnection* connection : connections_.InOrder()) connection->Abort();
  CountGone(incoming_.size());
  incoming_.Clear();
  CheckIdle();
}

void ServerLoop::AbandonHandlers(const absl::Status& reason) {
  for (UnaryCall* call = calls_; call != nullptr;) {
    UnaryCall* next = call->next_;
    call->AbandonHandler(reason);
    call = next;
  }
}

std::vector<std::string> ServerLoop::MethodsUnderWay() const {
  std::vector<std::string> methods;
  for (UnaryCall* call = calls_; call != nullptr; call = call->next_)
    methods.emplace_back(call->method());
  return methods;
}

void ServerLoop::CheckIdle() {
  if (!idle() || std::exchange(told_idle_, true)) return;
  // Behind all that was posted for this object: with the last loop's word the core may go, and this
  // object with it.
  loop_.Post([&core = core_] { core.OnLoopIdle(); });
}

const ServerMethod* ServerLoop::FindMethod(std::string_view path) const {
  return core_.FindMethod(path);
}

ServerStreamHandler* ServerLoop::Begin(Loop&, ServerStream& stream, ServerRequestHead&& head) {
  ServerEnd refusal;
  if (head.method == nullptr) {
    refusal.status =
        absl::UnimplementedError(absl::StrCat("no method ", ToAbsl(head.path), " on this server"));
    stream.Finish(refusal);
    return nullptr;
  }
  const ServerMethod& method = *head.method;
  FreeCalls& free = free_calls_[method.index];
  UnaryCall* call = free.head;
  if (call != nullptr) {
    free.head = call->next_;
    --free.count;
  } else {
    call = UnaryCall::Make(*this, method);
  }
  call->previous_ = nullptr;
  call->next_ = calls_;
  if (calls_ != nullptr) calls_->previous_ = call;
  calls_ = call;
  call_count_.store(call_count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  return call->Start(stream, std::move(head));
}

void ServerLoop::Recycle(UnaryCall& call) {
  (call.previous_ == nullptr ? calls_ : call.previous_->next_) = call.next_;
  if (call.next_ != nullptr) call.next_->previous_ = call.previous_;
  call_count_.store(call_count_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  if (call.lost_) {
    // Its frame can neither be resumed nor destroyed safely: left alone.
  } else if (FreeCalls& free = free_calls_[call.method_.index];
             free.count < kFreeCallsMax && call.message_bytes_ <= kKeptMessageBytesMax) {
    call.Reset();
    call.next_ = free.head;
    free.head = &call;
    ++free.count;
  } else {
    call.Destroy();
  }
  if (draining_ && calls_ == nullptr) loop_.Post([this] { CheckIdle(); });
}

}  // namespace dialtone::internal
