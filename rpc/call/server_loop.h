// A server's part on one reactor: connections, and the calls that run there. Internal to rpc/.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "arrivals.h"
#include "concurrency_limit.h"
#include "connection_gate.h"
#include "dialtone/rpc/observer.h"
#include "dialtone/transport/network.h"
#include "handled_call.h"
#include "handler_queue.h"
#include "served_connections.h"
#include "server_loop_counters.h"
#include "server_method.h"
#include "server_protocol.h"
#include "watchdog.h"

namespace dialtone {

class Runtime;

namespace internal {

class IncomingConnection;
class ServerCore;

// Owned by the server's core. Everything under its loop's lead, but for the counters.
class ServerLoop final : public CallDispatcher,
                         private ServerConnection::Owner,
                         private Listener::Handler {
 public:
  // Says, for whoever watches from outside, which method's handler holds the reactor now.
  class RunningMethod {
   public:
    RunningMethod(ServerLoop& loop, const ServerMethod& method)
        : loop_(loop), method_(*method.handler->method) {
      loop_.running_method_.store(&method, std::memory_order_relaxed);
      if (loop_.watched_ != nullptr) loop_.watched_->Begin(method_);
    }
    ~RunningMethod() {
      if (loop_.watched_ != nullptr) loop_.watched_->End(method_, loop_.loop_);
      loop_.running_method_.store(nullptr, std::memory_order_relaxed);
    }

   private:
    ServerLoop& loop_;
    const Method& method_;
  };

  // `watched` is null where nobody watches over handlers.
  ServerLoop(ServerCore& core, Loop& loop, Watchdog::Slot* watched, size_t index);
  ~ServerLoop();
  ServerLoop(const ServerLoop&) = delete;
  ServerLoop& operator=(const ServerLoop&) = delete;

  Loop& loop() const { return loop_; }
  Runtime& runtime() const;
  const std::vector<std::shared_ptr<ServerObserver>>& observers() const { return observers_; }
  ServerLoopCounters& counters() { return counters_; }
  HandlerQueue& handlers() { return handlers_; }

  // --- Any thread ---
  size_t connection_count() const { return connection_count_.load(std::memory_order_relaxed); }
  // Adds what is counted here.
  void AddTo(ServerMetrics& metrics, MethodMetricsByPath& methods) const;
  // Who sees that a call is gone sees all that its handler has done.
  size_t call_count() const { return call_count_.load(std::memory_order_acquire); }
  const ServerMethod* running_method() const {
    return running_method_.load(std::memory_order_relaxed);
  }
  void CountExpected() { connection_count_.fetch_add(1, std::memory_order_relaxed); }

  // --- Under the lead ---
  Listener::Handler& accept_handler() { return *this; }
  // The methods are known from now on: connections that came before are served.
  void Begin();
  void AddListener(std::unique_ptr<Listener> listener);
  // Serves an accepted connection, counted by CountExpected() before.
  void Serve(std::unique_ptr<AcceptedStream> stream, ConnectionGate::Place place);
  // Takes the connections that have been made, and closes the listeners.
  void StopAccepting();
  // Begins to drain; OnLoopIdle of the core follows when nothing is left.
  void Drain();
  // Ends what still runs, as far as it can be ended.
  void Abort(const absl::Status& reason);
  // Ends coroutine handlers that have not taken notice of that.
  void AbandonHandlers(const absl::Status& reason);
  // "/package.Service/Method" of each call under way.
  std::vector<std::string> MethodsUnderWay() const;
  // As ServerCore::Connections(), of this loop.
  std::vector<ConnectionMetrics> Connections(uint64_t after, size_t max) const;
  void AddConnection(std::unique_ptr<ServerConnection> connection,
                     ConnectionGate::Place place = ConnectionGate::Place());
  // Adds a connection that comes from within the process. False: the server does not serve (any
  // more).
  bool AddInProcess(
      absl::FunctionRef<std::unique_ptr<ServerConnection>(ServerConnection::Owner&)> make);
  // Of the protocol that is that one of ServerProtocols().
  ServerAcceptor& acceptor(size_t protocol) const { return *acceptors_[protocol]; }
  // An incoming connection found its protocol, or none.
  void OnIncomingDone(IncomingConnection& incoming);

  // CallDispatcher. FindMethod: any thread.
  const ServerMethod* FindMethod(std::string_view path) const override;
  ServerStreamHandler* Begin(Loop& loop, ServerStream& stream, ServerRequestHead&& head) override;
  bool IsUnary(const ServerMethod& method) const override { return method.is_unary(); }
  ServerStreamHandler* BeginWhole(Loop& loop, ServerStream& stream,
                                  const WholeRequest& request) override;
  ByteBudget* process_bytes() const override;
  void OnLimit(ServerLimit limit) override { counters_.Count(limit); }

  // Whether a call may wait for its turn; else it is counted, and this is why not.
  absl::Status JudgeWait(const ServerMethod& method, Instant deadline);
  // By a call that has been answered so.
  void Recycle(HandledCall& call, absl::StatusCode code);

 private:
  absl::Duration BusyTime(absl::Duration age) const;

  // Calls kept for reuse, a method. Small messages are kept with them; larger ones up to a size, and no more than so many
  // bytes of all of those together.
  static constexpr size_t kFreeCallsMax = 64;
  static constexpr uint64_t kSmallMessageBytesMax = 64 * 1024;
  static constexpr uint64_t kKeptMessageBytesMax = 4 * 1024 * 1024;
  static constexpr uint64_t kAllKeptMessageBytesMax = 16 * 1024 * 1024;

  // Connections that are told why they are turned away; more at a time are just closed.
  static constexpr size_t kTurnedAwayMax = 64;

  // A connection that was accepted before the methods were known.
  struct Early {
    std::unique_ptr<AcceptedStream> stream;
    ConnectionGate::Place place;
  };
  struct FreeCalls {
    HandledCall* head = nullptr;
    size_t count = 0;
  };

  void OnAccept(std::unique_ptr<AcceptedStream> stream) override;
  void OnClosed(ServerConnection& connection) override;
  void OnAwake(ServerConnection& connection) override { connections_.OnAwake(connection); }
  void CheckIdle();
  void Adopt(std::unique_ptr<AcceptedStream> stream, ConnectionGate::Place place);
  void TurnAway(std::unique_ptr<AcceptedStream> stream, std::string why);
  // Finishes a call that has not begun; returns null.
  ServerStreamHandler* Refuse(ServerStream& stream, absl::Status status, bool refused);
  bool HasPassed(Instant deadline) const {
    return !deadline.infinite() && deadline <= loop_.CoarseNow();
  }
  // Whether calls of it are counted, to be few at a time.
  bool IsLimited(const ServerMethod& method) const {
    return concurrency_ != nullptr || method.concurrency != nullptr;
  }
  // False: a call of it is not to run, and was finished.
  bool Admit(ServerStream& stream, const ServerMethod& method, Instant deadline) {
    if (!HasPassed(deadline) && !handlers_.MustWait(method) && !IsLimited(method)) [[likely]] {
      return true;
    }
    return AdmitSlow(stream, method, deadline);
  }
  bool AdmitSlow(ServerStream& stream, const ServerMethod& method, Instant deadline);
  // A call of it, under way from now on.
  inline HandledCall& NewCall(const ServerMethod& method);
  // What speaks against running a call, told before it is parsed. OK: nothing, and it is counted.
  absl::Status Judge(const ServerMethod& method, Instant deadline, bool& refused);
  bool IsMeasured(const ServerMethod& method) const {
    return (method.concurrency != nullptr && method.concurrency->adaptive()) ||
           (concurrency_ != nullptr && concurrency_->adaptive());
  }
  void CountEnd(HandledCall& call, absl::StatusCode code);
  static uint64_t LargeBytes(const HandledCall& call) {
    return call.kept_bytes_ <= kSmallMessageBytesMax ? 0 : call.kept_bytes_;
  }
  void CountGone(size_t connections) {
    connection_count_.fetch_sub(connections, std::memory_order_relaxed);
  }
  bool idle() const {
    return draining_ && connections_.empty() && incoming_.empty() && calls_ == nullptr;
  }

  ServerCore& core_;
  Loop& loop_;
  Watchdog::Slot* const watched_;
  const size_t index_;                   // among the server's loops
  ConcurrencyLimit* const concurrency_;  // the server's; null: none
  const std::vector<std::shared_ptr<ServerObserver>>& observers_;
  ServerLoopCounters counters_;
  HandlerQueue handlers_;
  const Instant began_;
  const absl::Duration idle_before_;  // that
  bool begun_ = false;
  std::vector<Early> early_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  Arrivals<IncomingConnection> incoming_;
  size_t turned_away_ = 0;                                  // of the incoming ones
  std::vector<std::unique_ptr<ServerAcceptor>> acceptors_;  // outlive their connections
  ServedConnections connections_;
  HandledCall* calls_ = nullptr;       // under way
  std::vector<FreeCalls> free_calls_;  // by the method's index
  uint64_t kept_message_bytes_ = 0;    // of free calls with messages that are not small
  bool draining_ = false;
  bool told_idle_ = false;

  mutable std::atomic<int64_t> busy_told_{0};  // the most, in nanoseconds
  std::atomic<size_t> connection_count_{0};
  std::atomic<size_t> call_count_{0};
  std::atomic<const ServerMethod*> running_method_{nullptr};
};

}  // namespace internal
}  // namespace dialtone
