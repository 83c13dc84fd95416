// What stands behind a Server: its services, and a part on each reactor. Internal to rpc/.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "concurrency_limit.h"
#include "connection_gate.h"
#include "dialtone/rpc/server.h"
#include "dialtone/transport/event.h"
#include "dialtone/transport/mutex.h"
#include "health.h"
#include "server_loop.h"
#include "server_method.h"

namespace dialtone::internal {

// How long reactors are waited for; one that is held by a handler does not answer.
inline constexpr absl::Duration kAnswerTime = absl::Milliseconds(100);

// Set up by one thread, thread-safe from Start() on. Lives on while handlers that outlive a
// shutdown's deadline still use it.
class ServerCore final : public std::enable_shared_from_this<ServerCore> {
 public:
  explicit ServerCore(const ServerOptions& options);
  ~ServerCore();

  const ServerOptions& options() const { return options_; }
  Runtime& runtime() const { return runtime_; }
  Health& health() { return health_; }
  ConnectionGate& gate() { return gate_; }
  // Of all methods together; null: none.
  ConcurrencyLimit* concurrency() const { return concurrency_.get(); }
  size_t method_count() const { return methods_.size(); }
  bool HasService(std::string_view name) const;
  // Null if there is none.
  const ServerMethod* FindMethod(std::string_view path) const;

  void Add(std::unique_ptr<Service> service, const ServiceOptions& options);
  absl::StatusOr<Address> Listen(std::string_view address);
  absl::Status Start();
  // `hurry` is asked now and then: once it says true, the deadline has passed.
  absl::Status Shutdown(absl::Duration deadline, absl::FunctionRef<bool()> hurry);
  ServerMetrics Metrics() const;
  // Blocks, as Server::Connections().
  std::vector<ConnectionMetrics> Connections(uint64_t after, size_t max);
  Loop& first_loop() const { return loops_.front()->loop(); }
  size_t connections() const;
  size_t calls_in_flight() const;

  // --- By its loops ---
  // Where a new connection goes: the loop with the fewest.
  ServerLoop& LeastLoaded();
  void OnLoopIdle();

  // Where calls from this process to this server are handled: on `client_loop` itself if it is one
  // of the server's reactors. Null: the server has not been started.
  ServerLoop* LoopForInProcess(Loop& client_loop);

 private:
  enum class State { kSettingUp, kServing, kStopped };

  void ChooseCompression(ServerMethod& method, const ServiceOptions& options) const;
  void LimitConcurrency(ServerMethod& method, const ServiceOptions& options);
  void MakeLoops();
  absl::Status StartExtensions();
  void StopExtensions();
  // Adds the services that every server has, unless the user has added such, and tells them of all
  // services.
  void AddOwnServices();
  std::vector<std::string> MethodsUnderWay();
  // Runs `function` on every loop, and waits for that until `until`. True: it ran everywhere.
  bool OnEveryLoop(Instant until, const std::function<void(ServerLoop&)>& function);
  // Waits until no loop has anything left to do; false if `until` passes, or `hurry` says so.
  bool WaitUntilIdle(Instant until, absl::FunctionRef<bool()> hurry);
  // For handlers that have not ended: from now on this object lives until they have.
  void OutliveShutdown();

  const ServerOptions options_;
  Runtime& runtime_;
  ConnectionGate gate_;
  const std::unique_ptr<ConcurrencyLimit> concurrency_;
  std::vector<std::unique_ptr<ConcurrencyLimit>> method_concurrency_;
  Health health_;
  std::vector<std::unique_ptr<Service>> services_;
  std::vector<std::unique_ptr<ServerMethod>> methods_;
  absl::flat_hash_map<std::string_view, const ServerMethod*> methods_by_path_;
  std::shared_ptr<Watchdog> watchdog_;  // null: off
  std::vector<std::unique_ptr<ServerLoop>> loops_;
  size_t extensions_started_ = 0;
  Instant started_;  // constant from when state_ says so

  std::atomic<size_t> loops_idle_{0};
  Event all_idle_;
  Mutex idle_mutex_;
  std::shared_ptr<ServerCore> keep_alive_ ABSL_GUARDED_BY(idle_mutex_);  // until all are idle
  Mutex shutdown_mutex_;  // held during Shutdown(): the second call waits for the first
  std::atomic<State> state_{State::kSettingUp};
  absl::Status shutdown_status_ ABSL_GUARDED_BY(shutdown_mutex_);
};

}  // namespace dialtone::internal
