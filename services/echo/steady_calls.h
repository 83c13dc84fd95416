// Calls of echo.Echo at a steady rate, whatever becomes of them, and an account of who answered and what failed.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/transport/cond_var.h"
#include "dialtone/transport/event.h"
#include "dialtone/transport/mutex.h"
#include "echo/echo.dialtone.h"

namespace echo {

struct SteadyOptions {
  SteadyOptions() = default;

  int64_t rate = 100;  // calls a second
  int64_t count = 0;   // 0: until it is stopped
  absl::Duration timeout = absl::Seconds(1);
  // The calls' ids are this and those that follow; a journal (journal.h) of several callers' calls needs them apart.
  int64_t first_id = 1;
  // Calls under way; while there are so many, none is begun.
  int64_t in_flight_max = 10'000;
  absl::Duration report_every = absl::Seconds(1);
};

// Used by one thread; the calls' callbacks are its own affair. Outlived by `channel`.
class SteadyCalls {
 public:
  SteadyCalls(dialtone::Channel& channel, const SteadyOptions& options);
  ~SteadyCalls();  // after Run() no call is under way
  SteadyCalls(const SteadyCalls&) = delete;
  SteadyCalls& operator=(const SteadyCalls&) = delete;

  // Calls until `count` calls have been begun or `stop` is set, then waits until all have ended. Each second it prints
  // a line; a call that fails has a line of its own:
  //
  //   calls=100 failed=0 10.0.0.2:7000=52 10.0.0.3:7000=48
  //   failed id=7 peer=10.0.0.2:7000 code=UNAVAILABLE began=1764086488.001 took_ms=12.3 connection lost: …
  //
  // and at the end "total: calls=… failed=…". Returns how many failed.
  int64_t Run(dialtone::Event& stop);

 private:
  struct Tally {
    int64_t ended = 0;
    int64_t failed = 0;
    std::map<std::string, int64_t> answered_by;
  };

  void Begin(int64_t id);
  void OnEnd(int64_t id, absl::Time began, const std::string& peer, const absl::Status& status);
  void Report(const char* before, const Tally& tally) const;
  bool IsFull();
  void WaitForAll();

  const Echo::Client client_;
  const SteadyOptions options_;
  int64_t begun_ = 0;

  dialtone::Mutex mutex_;
  dialtone::CondVar one_ended_;
  Tally total_ ABSL_GUARDED_BY(mutex_);
  Tally since_report_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace echo
