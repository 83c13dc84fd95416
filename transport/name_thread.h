// The thread on which a network looks names up. It is made at the first lookup and sleeps, without
// waking by itself, while there is none. Internal.
#pragma once

#include <poll.h>

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "dialtone/transport/instant.h"
#include "dialtone/transport/mutex.h"
#include "dialtone/transport/names.h"
#include "dns_lookup.h"
#include "wakeup.h"

namespace dialtone {

// Thread-safe.
class NameThread {
 public:
  // `lookups_max` lookups may be asked for and not answered yet; more end with RESOURCE_EXHAUSTED.
  // So does this, when there is no thread or no descriptor for it.
  static absl::StatusOr<std::unique_ptr<NameThread>> Make(size_t lookups_max);
  // Ends what is under way with CANCELLED. Not from within a callback.
  ~NameThread();
  NameThread(const NameThread&) = delete;
  NameThread& operator=(const NameThread&) = delete;

  // As Network::LookUp(); `done` runs on this thread and had best be short.
  void LookUp(std::string_view host, const NameOptions& options, NameCallback done);

 private:
  struct Lookup {
    std::string host;
    NameOptions options;
    NameCallback done;
    Instant asked;
    absl::Status refused;            // not OK: there was no room for it
    std::unique_ptr<DnsLookup> dns;  // null: not begun
  };

  NameThread(size_t lookups_max, Wakeup& wakeup);

  void Run();
  // Takes what was asked for since, and begins as many as may run at once. True: there were some.
  bool Begin();
  void BeginOne(std::unique_ptr<Lookup> lookup);
  void Finish(Lookup& lookup, absl::StatusOr<NameAnswer> answer);
  void Sleep();
  void FinishDone();
  void CancelAll();

  const size_t lookups_max_;
  Wakeup& wakeup_;
  std::atomic<bool> stopping_{false};

  Mutex mutex_;
  std::deque<std::unique_ptr<Lookup>> asked_ ABSL_GUARDED_BY(mutex_);
  size_t unanswered_ ABSL_GUARDED_BY(mutex_) = 0;

  // The thread's own.
  std::vector<std::unique_ptr<Lookup>> running_;
  std::vector<pollfd> polled_;
  std::thread thread_;
};

}  // namespace dialtone
