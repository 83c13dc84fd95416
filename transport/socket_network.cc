#include "dialtone/transport/socket_network.h"

#include <sys/random.h>

#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "caller_loop.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/mutex.h"
#include "name_thread.h"
#include "reactor.h"
#include "socket_listener.h"
#include "worker_threads.h"

namespace dialtone {
namespace {

uint64_t SystemsRandomNumber() {
  uint64_t number = 0;
  // Up to 256 bytes come whole, once the system has started.
  while (getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number)) {
  }
  return number;
}

class SocketNetwork final : public Network {
 public:
  explicit SocketNetwork(const SocketNetworkOptions& options) : options_(options) {}

  Instant Now() const override { return MonotonicNow(); }

  // SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014) from where the system has
  // said: enough for jitter, and no system call each time.
  uint64_t RandomSeed() override {
    uint64_t z = seeds_.fetch_add(0x9e3779b97f4a7c15, std::memory_order_relaxed);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::unique_ptr<Loop> NewReactor(const std::string& name) override {
    return std::make_unique<Reactor>(name);
  }
  std::unique_ptr<Loop> NewCallerLoop(const std::string& name) override {
    return std::make_unique<CallerLoop>(name, options_.linger);
  }
  std::unique_ptr<Workers> NewWorkers(int threads, size_t queue_max) override {
    return std::make_unique<WorkerThreads>(threads, queue_max);
  }

  absl::StatusOr<std::unique_ptr<Listener>> Listen(Loop& loop, const Address& address,
                                                   const ListenOptions& options,
                                                   Listener::Handler& handler) override {
    return SocketListener::Listen(static_cast<EpollLoop&>(loop), address, options, handler);
  }

  void LookUp(std::string_view host, const NameOptions& options, NameCallback done) override {
    const absl::StatusOr<NameThread*> thread = TheNameThread();
    if (thread.ok()) return (*thread)->LookUp(host, options, std::move(done));
    absl::Status status(thread.status().code(),
                        absl::StrCat("resolve ", ToAbsl(host), ": ", thread.status().message()));
    // Under the caller's lead, for want of any thread without one.
    Loop* const loop = Loop::Current();
    if (loop == nullptr) return std::move(done)(std::move(status));
    loop->Post([done = std::move(done), status = std::move(status)]() mutable {
      std::move(done)(std::move(status));
    });
  }

  bool Wait(Event& event, Instant until) override {
    DIALTONE_CHECK(Loop::Current() == nullptr, "Wait() on a thread that leads a loop");
    return CallerLoop::WaitWithoutLoop(event, until);
  }

 private:
  absl::StatusOr<NameThread*> TheNameThread() {
    MutexLock lock(mutex_);
    if (names_ == nullptr) {
      absl::StatusOr<std::unique_ptr<NameThread>> made =
          NameThread::Make(options_.name_lookups_max);
      if (!made.ok()) return made.status();
      names_ = *std::move(made);
    }
    return names_.get();
  }

  const SocketNetworkOptions options_;
  std::atomic<uint64_t> seeds_{SystemsRandomNumber()};
  Mutex mutex_;
  std::unique_ptr<NameThread> names_ ABSL_GUARDED_BY(mutex_);  // made when the first name comes
};

}  // namespace

std::unique_ptr<Network> NewSocketNetwork(const SocketNetworkOptions& options) {
  return std::make_unique<SocketNetwork>(options);
}

}  // namespace dialtone
