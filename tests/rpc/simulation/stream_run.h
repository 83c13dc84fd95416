// A stream whose client is coroutines: one writes, one reads, and a last one waits for the end.
#pragma once

#include <optional>

#include "root_task.h"
#include "stream_player.h"
#include "world.h"

namespace dialtone::simulation {

class World::StreamRun {
 public:
  StreamRun(World& world, int id);

  void Begin();
  void GiveUp();

 private:
  Runtime& runtime() const { return *world_.hosts_[channel().host]->runtime; }
  Loop& reactor() const { return *runtime().reactors().front(); }
  const ChannelPlan& channel() const { return world_.program_.channels[plan_.channel]; }
  // To where the coroutines run.
  void Post(Work& work);

  void Start();
  void OnScriptDone();
  void ReadOn();
  void End();
  Task<absl::Status> AwaitEnd();
  void OnEnded() { record_.stream.client_runs = false; }

  World& world_;
  const int id_;
  const CallPlan& plan_;
  CallRecord& record_;
  const StreamScript read_all_{{StreamAct::kReadAll, {}}};
  std::optional<AnyStream> stream_;
  std::optional<StreamPlayer> player_;
  Context context_ = Context::Cancellable();
  bool given_up_ = false;
  int scripts_ = 0;  // under way
  const RootTask::Executor executor_ = [this](Work& work) { Post(work); };
  RootTask writer_{executor_, runtime()};
  RootTask reader_{executor_, runtime()};
  RootTask end_{executor_, runtime()};
  MemberWork<&StreamRun::Start> start_{*this};
};

}  // namespace dialtone::simulation
