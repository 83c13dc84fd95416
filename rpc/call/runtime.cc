#include "dialtone/rpc/runtime.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "default_limits.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/memory.h"
#include "dialtone/transport/processors.h"
#include "dialtone/transport/socket_network.h"
#include "protobuf_log.h"

namespace dialtone {
namespace {

uint64_t BytesInFlightMax(const RuntimeOptions& options) {
  return options.bytes_in_flight_max != 0 ? options.bytes_in_flight_max
                                          : internal::DefaultBytesInFlight(UsableMemory());
}

// What the default runtime will be made with, until it is.
class DefaultConfiguration {
 public:
  static DefaultConfiguration& The() {
    static DefaultConfiguration& configuration = *new DefaultConfiguration;
    return configuration;
  }
  bool Set(const RuntimeOptions& options) {
    MutexLock lock(mutex_);
    if (!taken_) options_ = options;
    return !taken_;
  }
  RuntimeOptions Take() {
    MutexLock lock(mutex_);
    taken_ = true;
    return options_;
  }

 private:
  Mutex mutex_;
  bool taken_ ABSL_GUARDED_BY(mutex_) = false;
  RuntimeOptions options_ ABSL_GUARDED_BY(mutex_);
};

// Not again: who changes it later means it.
void TakeProtobufLogOnce() {
  [[maybe_unused]] static const bool taken = [] {
    internal::TakeProtobufLog();
    return true;
  }();
}

}  // namespace

Runtime::Runtime(const RuntimeOptions& options)
    : options_(options),
      bytes_in_flight_(BytesInFlightMax(options)),
      owned_network_(NewSocketNetwork()),
      network_(owned_network_.get()) {
  TakeProtobufLogOnce();
}

Runtime::Runtime(Network& network, const RuntimeOptions& options)
    : options_(options), bytes_in_flight_(BytesInFlightMax(options)), network_(&network) {
  TakeProtobufLogOnce();
}

Runtime::~Runtime() {
  WaitForClosing();
  std::unique_ptr<Loop> watchdog_loop;  // goes last: handlers that end only now report to it
  std::vector<std::unique_ptr<Loop>> loops;
  std::unique_ptr<Workers> workers;
  std::unique_ptr<Workers> message_workers;
  {
    MutexLock lock(mutex_);
    DIALTONE_CHECK(caller_loops_in_use_ == 0, "a runtime is destroyed while channels still use it");
    loops.swap(owned_loops_);
    watchdog_loop.swap(watchdog_loop_);
    workers.swap(workers_);
    message_workers.swap(message_workers_);
  }
  // First: work that is finished posts to loops. Blocked handlers may wait for a message.
  workers.reset();
  message_workers.reset();
  // Reactors next: handlers that end only now may still answer to caller loops.
  for (auto& loop : loops) {
    if (loop->is_reactor()) loop.reset();
  }
}

void Runtime::WaitForClosing() {
  Event all_closed;
  {
    MutexLock lock(mutex_);
    if (channels_closing_ == 0) return;
    all_closed_ = &all_closed;
  }
  network_->Wait(all_closed, Instant::Infinite());
}

void Runtime::CountClosing(int delta) {
  MutexLock lock(mutex_);
  channels_closing_ += delta;
  if (channels_closing_ == 0 && all_closed_ != nullptr) all_closed_->Set();
}

Runtime& Runtime::Default() {
  // Lives for ever: its threads may outlive static objects.
  static Runtime* const runtime = new Runtime(DefaultConfiguration::The().Take());
  return *runtime;
}

absl::Status Runtime::ConfigureDefault(const RuntimeOptions& options) {
  if (DefaultConfiguration::The().Set(options)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the default runtime is in use already: configure it at the beginning of main()");
}

std::vector<Loop*> Runtime::reactors() {
  MutexLock lock(mutex_);
  if (reactors_.empty()) {
    const int count = reactor_count();
    for (int i = 0; i < count; ++i) {
      owned_loops_.push_back(network_->NewReactor(absl::StrCat("reactor-", i)));
      reactors_.push_back(owned_loops_.back().get());
    }
  }
  return reactors_;
}

Loop& Runtime::watchdog_loop() {
  MutexLock lock(mutex_);
  if (watchdog_loop_ == nullptr) watchdog_loop_ = network_->NewReactor("watchdog");
  return *watchdog_loop_;
}

int Runtime::reactor_count() const {
  return options_.reactors > 0 ? options_.reactors : UsableProcessors();
}

Workers& Runtime::message_workers() {
  MutexLock lock(mutex_);
  if (message_workers_ == nullptr)
    message_workers_ = network_->NewWorkers(reactor_count(), options_.worker_queue_max);
  return *message_workers_;
}

Workers& Runtime::workers() {
  MutexLock lock(mutex_);
  if (workers_ == nullptr)
    workers_ = network_->NewWorkers(options_.worker_threads, options_.worker_queue_max);
  return *workers_;
}

Loop& Runtime::AcquireCallerLoop() {
  MutexLock lock(mutex_);
  ++caller_loops_in_use_;
  if (idle_caller_loops_.empty()) {
    owned_loops_.push_back(network_->NewCallerLoop("caller"));
    return *owned_loops_.back();
  }
  Loop* loop = idle_caller_loops_.back();
  idle_caller_loops_.pop_back();
  return *loop;
}

void Runtime::ReleaseCallerLoop(Loop& loop) {
  MutexLock lock(mutex_);
  --caller_loops_in_use_;
  idle_caller_loops_.push_back(&loop);
}

}  // namespace dialtone
