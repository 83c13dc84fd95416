// An observer that writes down what a channel's connections and calls go through, with virtual times.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "dialtone/rpc/connection_observer.h"
#include "dialtone/rpc/observer.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/mutex.h"

namespace dialtone {

// Notes like "10ms #1 connected", in milliseconds since the clock's beginning. Thread-safe.
class StepNotes {
 public:
  void Add(Instant at, std::string note) {
    MutexLock lock(mutex_);
    notes_.push_back(
        absl::StrCat(absl::ToInt64Milliseconds(at - Instant()), "ms ", std::move(note)));
  }
  // Since the last time.
  std::vector<std::string> Take() {
    MutexLock lock(mutex_);
    return std::exchange(notes_, {});
  }

 private:
  Mutex mutex_;
  std::vector<std::string> notes_ ABSL_GUARDED_BY(mutex_);
};

class ConnectionNoter final : public ConnectionObserver {
 public:
  explicit ConnectionNoter(StepNotes& notes) : notes_(notes) {}

  void OnLookUp(std::string_view target, Instant at) override {
    notes_.Add(at, absl::StrCat("look up ", ToAbsl(target)));
  }
  void OnResolved(std::string_view, const absl::StatusOr<std::vector<Address>>& addresses,
                  Instant at) override {
    std::vector<std::string> names;
    for (const Address& address : addresses.value_or(std::vector<Address>()))
      names.push_back(address.ToString());
    notes_.Add(
        at, absl::StrCat("resolved: ", addresses.ok() ? absl::StrJoin(names, ", ")
                                                      : std::string(addresses.status().message())));
  }
  void OnConnecting(const ConnectionView& connection) override {
    Add(connection, absl::StrCat("connecting to ", connection.peer().ToString()));
  }
  void OnConnected(const ConnectionView& connection) override { Add(connection, "connected"); }
  void OnSettingsWritten(const ConnectionView& connection) override {
    Add(connection, "settings written");
  }
  void OnSettingsRead(const ConnectionView& connection) override {
    Add(connection, "settings read");
  }
  void OnDraining(const ConnectionView& connection) override { Add(connection, "draining"); }
  void OnClosing(const ConnectionView& connection) override { Add(connection, "closing"); }
  void OnClosed(const ConnectionView& connection, const absl::Status& status) override {
    Add(connection, absl::StrCat("closed", status.ok() ? "" : ": ", status.message()));
  }

 private:
  void Add(const ConnectionView& connection, const std::string& note) {
    notes_.Add(connection.at(), absl::StrCat("#", connection.id(), " ", note));
  }

  StepNotes& notes_;
};

class WriteNoter final : public ClientObserver {
 public:
  explicit WriteNoter(StepNotes& notes, bool wants = true) : notes_(notes), wants_(wants) {}

  bool WantsWritten() const override { return wants_; }
  void OnWritten(const ClientCallView&, const Address& server, Instant when) override {
    notes_.Add(when, absl::StrCat("written to ", server.ToString()));
  }

 private:
  StepNotes& notes_;
  const bool wants_;
};

}  // namespace dialtone
