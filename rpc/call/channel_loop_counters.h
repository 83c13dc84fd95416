// What a channel counts of its calls and connections on one loop. Internal to rpc/.
#pragma once

#include "absl/container/flat_hash_map.h"
#include "connection_events.h"
#include "dialtone/rpc/method.h"
#include "method_counters.h"

namespace dialtone::internal {

// Written under the loop's lead, read by any thread.
class ChannelLoopCounters {
 public:
  // A call begins. Null: calls are not counted (ChannelOptions::metrics).
  ClientMethodCounters* CountStart(const Method& method, bool counts) {
    if (!counts) return nullptr;
    if (last_ == nullptr || &last_->method() != &method) [[unlikely]] {
      last_ = &Find(method);
    }
    last_->CountStart();
    return last_;
  }
  ConnectionCounters& connections() { return connections_; }
  void AddTo(ChannelMetrics& metrics, MethodMetricsByPath& methods) const {
    methods_.AddTo(methods);
    connections_.AddTo(metrics);
  }

 private:
  ClientMethodCounters& Find(const Method& method) {
    ClientMethodCounters*& counters = by_method_[&method];
    if (counters == nullptr) counters = &methods_.Add(method);
    return *counters;
  }

  ClientMethodCounters* last_ = nullptr;  // of the method that was called last
  absl::flat_hash_map<const Method*, ClientMethodCounters*> by_method_;
  MethodList<ClientMethodCounters> methods_;
  ConnectionCounters connections_;
};

}  // namespace dialtone::internal
