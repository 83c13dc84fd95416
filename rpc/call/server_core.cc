#include "server_core.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "default_limits.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/descriptors.h"
#include "dialtone/transport/memory.h"
#include "reflection.h"
#include "unshared_status.h"

namespace dialtone::internal {
namespace {

// How long a shutdown waits, past its deadline, for cancelled handlers to notice and for
// connections to close.
constexpr absl::Duration kAbortTime = absl::Milliseconds(500);
// How long it waits then for coroutine handlers that took no notice to be destroyed.
constexpr absl::Duration kAbandonTime = absl::Milliseconds(200);
// How often a shutdown asks whether it shall hurry.
constexpr absl::Duration kHurryPeriod = absl::Milliseconds(50);

std::string Tally(const std::vector<std::string>& methods) {
  std::map<std::string, int> counts;
  for (const std::string& method : methods) ++counts[method];
  return absl::StrJoin(counts, ", ", [](std::string* out, const auto& entry) {
    absl::StrAppend(out, entry.first);
    if (entry.second > 1) absl::StrAppend(out, " (", entry.second, " calls)");
  });
}

// With its defaults filled in.
ServerOptions Resolved(ServerOptions options) {
  if (options.connections_max == 0)
    options.connections_max = DefaultConnections(UsableMemory(), DescriptorsMax());
  if (options.connections_per_peer_max == 0)
    options.connections_per_peer_max = DefaultConnectionsPerPeer(options.connections_max);
  return options;
}

// "Greet" of "/greeter.Greeter/Greet"
std::string NameInService(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

}  // namespace

ServerCore::ServerCore(const ServerOptions& options)
    : options_(Resolved(options)),
      runtime_(options.runtime != nullptr ? *options.runtime : Runtime::Default()),
      gate_(options_.connections_max, options_.connections_per_peer_max),
      concurrency_(
          ConcurrencyLimit::Make(options.concurrency, "the server", "ServerOptions::concurrency")) {
  WarnIfMissing(options_.compression.algorithm, "the server");
}

ServerCore::~ServerCore() {
  if (watchdog_ != nullptr) watchdog_->Stop();
}

void ServerCore::Add(std::unique_ptr<Service> service, const ServiceOptions& options) {
  DIALTONE_CHECK(state_.load() == State::kSettingUp,
                 "services are added before the server is started");
  for (const MethodHandler& handler : service->method_handlers()) {
    auto method = std::make_unique<ServerMethod>();
    method->handler = &handler;
    method->service = service.get();
    // Plain handlers of streams block; coroutines never do.
    method->run_on_workers =
        handler.stream_plain != nullptr || (options.run_on_workers && !handler.is_coroutine());
    ChooseCompression(*method, options);
    LimitConcurrency(*method, options);
    method->index = methods_.size();
    const bool is_new = methods_by_path_.emplace(handler.method->path, method.get()).second;
    DIALTONE_CHECK(is_new, "two services of one name were added to a server");
    methods_.push_back(std::move(method));
  }
  services_.push_back(std::move(service));
}

void ServerCore::ChooseCompression(ServerMethod& method, const ServiceOptions& options) const {
  const std::string_view path = method.handler->method->path;
  const auto own = options.method_compression.find(NameInService(path));
  const Compression algorithm = own == options.method_compression.end()
                                    ? options.compression.value_or(options_.compression.algorithm)
                                    : own->second;
  WarnIfMissing(algorithm, path);
  method.packing = PlanWith(options_.compression, algorithm);
  method.compression = &options_.compression;
}

void ServerCore::LimitConcurrency(ServerMethod& method, const ServiceOptions& options) {
  const std::string_view path = method.handler->method->path;
  const auto own = options.method_concurrency.find(NameInService(path));
  auto limit = ConcurrencyLimit::Make(
      own == options.method_concurrency.end() ? options.concurrency : own->second, path,
      "ServiceOptions::concurrency");
  method.concurrency = limit.get();
  if (limit != nullptr) method_concurrency_.push_back(std::move(limit));
  // Whoever asks a busy server how it is shall hear that it lives.
  method.counts_for_server = path.rfind("/grpc.health.v1.Health/", 0) != 0;
}

bool ServerCore::HasService(std::string_view name) const {
  return std::any_of(services_.begin(), services_.end(),
                     [name](const auto& service) { return service->service_name() == name; });
}

const ServerMethod* ServerCore::FindMethod(std::string_view path) const {
  const auto found = methods_by_path_.find(path);
  return found == methods_by_path_.end() ? nullptr : found->second;
}

void ServerCore::MakeLoops() {
  if (!loops_.empty()) return;
  const std::vector<Loop*> reactors = runtime_.reactors();
  if (options_.watchdog_limit > absl::ZeroDuration()) {
    watchdog_ = std::make_shared<Watchdog>(runtime_.watchdog_loop(), options_.watchdog_limit,
                                           reactors.size());
  }
  for (size_t i = 0; i < reactors.size(); ++i) {
    Watchdog::Slot* watched = watchdog_ == nullptr ? nullptr : &watchdog_->slot(i);
    loops_.push_back(std::make_unique<ServerLoop>(*this, *reactors[i], watched, i));
  }
}

absl::StatusOr<Address> ServerCore::Listen(std::string_view address) {
  if (Loop::OnReactor())
    return absl::FailedPreconditionError("Server::Listen on a reactor would block it");
  DIALTONE_CHECK(state_.load() != State::kStopped, "the server was shut down");
  absl::StatusOr<Address> parsed = Address::Parse(address);
  if (!parsed.ok()) return parsed.status();
  MakeLoops();
  ServerLoop& server_loop = *loops_.front();
  absl::StatusOr<Address> bound = absl::UnknownError("");
  Event done;
  server_loop.loop().Post([&] {
    auto listener = runtime_.network().Listen(server_loop.loop(), *parsed, options_.listen,
                                              server_loop.accept_handler());
    if (listener.ok()) {
      bound = (*listener)->address();
      server_loop.AddListener(*std::move(listener));
    } else {
      bound = Unshared(listener.status());
    }
    done.Set();
  });
  runtime_.network().Wait(done, Instant::Infinite());
  return bound;
}

absl::Status ServerCore::Start() {
  if (Loop::OnReactor())
    return absl::FailedPreconditionError("Server::Start on a reactor would block it");
  DIALTONE_CHECK(state_.load() == State::kSettingUp, "a server is started once");
  MakeLoops();
  if (absl::Status started = StartExtensions(); !started.ok()) return started;
  AddOwnServices();
  started_ = runtime_.network().Now();
  state_.store(State::kServing);
  OnEveryLoop(Instant::Infinite(), [](ServerLoop& loop) { loop.Begin(); });
  return absl::OkStatus();
}

void ServerCore::AddOwnServices() {
  if (options_.health && !HasService(HealthServiceName()))
    Add(MakeHealthService(health_), ServiceOptions());
  if (options_.reflection && !HasService(ReflectionServiceName()))
    Add(MakeReflectionService(services_, health_), ServiceOptions());
  for (const auto& service : services_) health_.Add(service->service_name());
  health_.BeginServing();
}

absl::Status ServerCore::StartExtensions() {
  for (const auto& extension : options_.extensions) {
    if (absl::Status started = extension->OnStart(shared_from_this()); !started.ok()) {
      StopExtensions();
      return started;
    }
    ++extensions_started_;
  }
  return absl::OkStatus();
}

void ServerCore::StopExtensions() {
  while (extensions_started_ > 0) options_.extensions[--extensions_started_]->OnStop();
}

bool ServerCore::OnEveryLoop(Instant until, const std::function<void(ServerLoop&)>& function) {
  struct Progress {
    std::function<void(ServerLoop&)> function;
    std::atomic<size_t> left;
    Event done;
  };
  // Shared with work that may still be posted when the wait is over.
  auto progress = std::make_shared<Progress>();
  progress->function = function;
  progress->left.store(loops_.size());
  for (auto& loop : loops_) {
    loop->loop().Post([self = shared_from_this(), progress, loop = loop.get()]() mutable {
      progress->function(*loop);
      self.reset();  // first: whoever waits is the one to let go of the server last
      if (progress->left.fetch_sub(1, std::memory_order_acq_rel) == 1) progress->done.Set();
    });
  }
  return runtime_.network().Wait(progress->done, until);
}

absl::Status ServerCore::Shutdown(absl::Duration deadline, absl::FunctionRef<bool()> hurry) {
  if (Loop::OnReactor())
    return absl::FailedPreconditionError("Server::Shutdown on a reactor would block it");
  MutexLock lock(shutdown_mutex_);
  if (state_.exchange(State::kStopped) == State::kStopped || loops_.empty())
    return shutdown_status_;
  health_.BeginDrain();
  Network& network = runtime_.network();
  const Instant until = network.Now() + deadline;
  // In two steps: connections that one loop has accepted for another arrive there in between.
  OnEveryLoop(until, [](ServerLoop& loop) { loop.StopAccepting(); });
  OnEveryLoop(until, [](ServerLoop& loop) { loop.Drain(); });
  if (WaitUntilIdle(until, hurry)) {
    StopExtensions();
    return absl::OkStatus();
  }

  const bool hurried = network.Now() < until;
  const std::vector<std::string> unfinished = MethodsUnderWay();
  // One for each loop: the counting of references to a shared one looks like a race to the thread
  // sanitizer, as Abseil is built without it.
  const auto reason = [] { return absl::CancelledError("the server shuts down"); };
  OnEveryLoop(network.Now() + kAnswerTime, [reason](ServerLoop& loop) { loop.Abort(reason()); });
  const auto never = [] { return false; };
  if (!WaitUntilIdle(network.Now() + kAbortTime, never)) {
    OnEveryLoop(network.Now() + kAnswerTime,
                [reason](ServerLoop& loop) { loop.AbandonHandlers(reason()); });
    if (!WaitUntilIdle(network.Now() + kAbandonTime, never)) OutliveShutdown();
  }
  StopExtensions();
  if (!unfinished.empty()) {
    shutdown_status_ = absl::DeadlineExceededError(
        absl::StrCat("shutdown: not finished ",
                     hurried ? std::string("when it was hurried")
                             : absl::StrCat("after ", absl::FormatDuration(deadline)),
                     ": ", Tally(unfinished)));
  }
  return shutdown_status_;
}

bool ServerCore::WaitUntilIdle(Instant until, absl::FunctionRef<bool()> hurry) {
  Network& network = runtime_.network();
  while (!network.Wait(all_idle_, std::min(until, network.Now() + kHurryPeriod))) {
    if (network.Now() >= until || hurry()) return false;
  }
  MutexLock lock(idle_mutex_);  // whoever has set the event may still hold it
  return true;
}

void ServerCore::OutliveShutdown() {
  MutexLock lock(idle_mutex_);
  if (!all_idle_.is_set()) keep_alive_ = shared_from_this();
}

std::vector<std::string> ServerCore::MethodsUnderWay() {
  // Shared with work that a held reactor does later.
  struct Methods {
    Mutex mutex;
    std::map<ServerLoop*, std::vector<std::string>> by_loop ABSL_GUARDED_BY(mutex);
  };
  auto methods = std::make_shared<Methods>();
  OnEveryLoop(runtime_.network().Now() + kAnswerTime, [methods](ServerLoop& loop) {
    MutexLock lock(methods->mutex);
    methods->by_loop[&loop] = loop.MethodsUnderWay();
  });
  std::vector<std::string> all;
  MutexLock lock(methods->mutex);
  for (auto& loop : loops_) {
    if (const auto found = methods->by_loop.find(loop.get()); found != methods->by_loop.end()) {
      all.insert(all.end(), found->second.begin(), found->second.end());
    } else if (const ServerMethod* running = loop->running_method(); running != nullptr) {
      all.emplace_back(running->handler->method->path);  // its handler holds the reactor
    } else if (loop->call_count() > 0) {
      all.emplace_back("a call on a reactor that does not answer");
    }
  }
  return all;
}

size_t ServerCore::connections() const {
  size_t count = 0;
  for (const auto& loop : loops_) count += loop->connection_count();
  return count;
}

size_t ServerCore::calls_in_flight() const {
  size_t count = 0;
  for (const auto& loop : loops_) count += loop->call_count();
  return count;
}

ServerLoop& ServerCore::LeastLoaded() {
  return **std::min_element(loops_.begin(), loops_.end(), [](const auto& a, const auto& b) {
    return a->connection_count() < b->connection_count();
  });
}

void ServerCore::OnLoopIdle() {
  const size_t loops = loops_.size();
  if (loops_idle_.fetch_add(1, std::memory_order_acq_rel) + 1 != loops) return;
  std::shared_ptr<ServerCore> keep_alive;  // goes after the lock
  MutexLock lock(idle_mutex_);
  keep_alive = std::move(keep_alive_);
  all_idle_.Set();
}

ServerLoop* ServerCore::LoopForInProcess(Loop& client_loop) {
  if (state_.load(std::memory_order_acquire) == State::kSettingUp) return nullptr;
  for (auto& loop : loops_) {
    if (&loop->loop() == &client_loop) return loop.get();
  }
  return &LeastLoaded();
}

}  // namespace dialtone::internal
