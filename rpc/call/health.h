// Which services of a server are fit to be called: what its health service answers. Internal to
// rpc/.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialtone/rpc/internal/coroutine.h"
#include "dialtone/rpc/service.h"
#include "dialtone/transport/mutex.h"

namespace dialtone::internal {

// Thread-safe.
class Health {
 public:
  // The server as a whole.
  static constexpr std::string_view kOverall = "";

  // True to begin with. A name that nobody has added is added.
  void Set(std::string_view service, bool serving);
  // Adds a service, unless Set() has spoken of it already.
  void Add(std::string_view service);
  void BeginServing();
  // From now on nothing is fit, whatever Set() says.
  void BeginDrain();
  // nullopt: there is no such service.
  std::optional<bool> IsServing(std::string_view service) const;
  // The server drains.
  bool draining() const;

  // Suspends a coroutine until something may be different from when this was made, or its context
  // ends.
  //
  //   Health::Change change(health);
  //   … IsServing() …
  //   co_await change;
  class Change final : public Awaitable, private CancelNode {
   public:
    explicit Change(Health& health);
    ~Change() {}
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;

    bool await_ready() const { return false; }
    bool Suspend(PromiseBase& promise);
    void await_resume();

   private:
    friend class Health;
    void OnContextEnded(const absl::Status& reason) override { ResumeOnce(); }
    void ResumeOnce() {
      if (!resumed_.exchange(true, std::memory_order_acq_rel)) promise_->ResumeLater();
    }

    Health& health_;
    const uint64_t seen_;
    PromiseBase* promise_ = nullptr;
    bool registered_ = false;  // with the context
    std::atomic<bool> resumed_{false};
  };

 private:
  void TellOfChange() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  uint64_t version_ ABSL_GUARDED_BY(mutex_) = 0;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Change*> waiting_ ABSL_GUARDED_BY(mutex_);
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, bool, std::less<>> services_ ABSL_GUARDED_BY(mutex_){
      {std::string(kOverall), true}};
};

// "grpc.health.v1.Health"; `health` outlives it. Defined in rpc/health/.
std::unique_ptr<Service> MakeHealthService(Health& health);
std::string_view HealthServiceName();

}  // namespace dialtone::internal
