// The inner classes of World, and what both sides of a call say beside their messages.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/context.h"
#include "dialtone/rpc/observer.h"
#include "world.h"

namespace dialtone::simulation {

inline Metadata MetadataOf(int id) {
  Metadata metadata;
  metadata.AddUnchecked("call", absl::StrCat(id));
  metadata.AddUnchecked("blob-bin",
                        std::string("\0\xff", 2) + Payload(static_cast<uint64_t>(id), id % 50));
  return metadata;
}

// What a stream's planned failures end with.
inline constexpr char kPlannedFailure[] = "fails first";
inline absl::Status PlannedFailure() { return absl::UnavailableError(kPlannedFailure); }

// Something that happens at a given time on a thread of its own.
class World::Action {
 public:
  Action(World& world, std::function<void()> function)
      : world_(world), function_(std::move(function)) {}

 private:
  void OnTime() { DIALTONE_CHECK(world_.director_threads_->Post(work_)); }
  void Run() {
    Context::Scope nobodys((Context()));
    std::exchange(function_, nullptr)();
    --world_.actions_left_;
  }

  World& world_;
  std::function<void()> function_;
  MemberWork<&Action::Run> work_{*this};

 public:
  MemberTimer<&Action::OnTime> timer{*this};
};

// Sees when calls end, whether or not anybody waits for them.
class World::ClientWatch final : public ClientObserver {
 public:
  explicit ClientWatch(World& world) : world_(world) {}

  absl::Status OnStart(ClientCallView& call) override {
    ids_[&call.metadata] = world_.starting_;
    return absl::OkStatus();
  }
  void OnEnd(const ClientCallView& call, const absl::Status& status) override {
    CallRecord& record = world_.records_[ids_.at(&call.metadata)];
    ++record.ends_observed;
    record.ended = world_.sim_.Now();
    record.end_status = status;
  }

 private:
  World& world_;
  // A call's metadata stays where it is until the call is gone.
  std::map<const Metadata*, int> ids_;
};

}  // namespace dialtone::simulation
