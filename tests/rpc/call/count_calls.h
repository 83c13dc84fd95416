// Counts a channel's calls, however often each is sent.
#pragma once

#include "dialtone/rpc/observer.h"

namespace dialtone {

struct CountCalls final : ClientObserver {
  absl::Status OnStart(ClientCallView&) override {
    ++starts;
    return absl::OkStatus();
  }
  void OnEnd(const ClientCallView&, const absl::Status&) override { ++ends; }
  int starts = 0;
  int ends = 0;
};

}  // namespace dialtone
