// A simulated loop: takes its turns as events of the simulation, instead of sleeping in a system
// call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "dialtone/transport/loop.h"
#include "dialtone/transport/work.h"
#include "support/sim_event.h"
#include "support/sim_world.h"

namespace dialtone {

class SimLoop;

// A stream or a listener that may have something to tell its handler: a node in its loop's list.
class SimReady {
 public:
  // Whether OnTurn() would tell something.
  virtual bool Pending() const = 0;
  // Under the lead: one call of the handler. May destroy this object.
  virtual void OnTurn() = 0;

 protected:
  explicit SimReady(SimLoop& loop) : owner_(loop) {}
  ~SimReady();  // takes itself off the list
  SimReady(const SimReady&) = delete;
  SimReady& operator=(const SimReady&) = delete;

 private:
  friend class SimLoop;
  SimLoop& owner_;
  bool listed_ = false;
  SimReady* previous_ = nullptr;
  SimReady* next_ = nullptr;
};

class SimLoop final : public Loop {
 public:
  SimLoop(SimWorld& world, const std::string& name, bool is_reactor);
  // Runs what was posted. No stream may be left.
  ~SimLoop() override;

  using Loop::Defer;
  using Loop::Post;
  // Its work takes no time.
  absl::Duration IdleTime() const override { return Now() - Instant(); }
  Instant Now() const override { return Instant::FromNanoseconds(world_.now()); }
  void Post(Work& work) override;
  void Defer(Work& work) override;
  // Fails for reactors, as from any thread but theirs, and by lot for caller loops.
  bool TryLead() override;
  void Leave() override;
  bool Drive(Event& event, Instant until) override;
  std::unique_ptr<ByteStream> Connect(const Address& peer, const ConnectOptions& options,
                                      ByteStream::Handler& handler) override;

  SimWorld& world() { return world_; }
  SimRandom& random() { return world_.random; }
  int host() const { return host_; }
  void CountStream(int delta);
  // Takes the lead for certain; Leave() gives it back.
  void Lead();
  void MarkReady(SimReady& ready);
  // A process that hangs: no turns, while its kernel goes on receiving.
  void Pause();
  void Resume();
  // By code that runs on it now, and holds it for a while: everybody else goes on meanwhile.
  void HoldFor(absl::Duration time);

 private:
  friend class SimReady;
  void CountAttended(int delta) override;
  void Turn();
  void RunDeferred();
  bool RunOnePosted();
  void RunOneReady();
  void Unlink(SimReady& ready);
  // Ends a time under the lead: batch-end hooks, then when the next turn is due.
  void EndBatch();
  void Schedule();
  int64_t Soon();

  SimWorld& world_;
  const std::string name_;
  const uint32_t id_;
  const int host_;
  bool paused_ = false;
  bool batch_left_ = false;
  bool deferring_ = false;
  int attended_ = 0;
  size_t streams_ = 0;

  WorkList posted_;
  size_t posted_count_ = 0;
  WorkList deferred_;
  SimReady* ready_head_ = nullptr;
  SimReady* ready_tail_ = nullptr;
  size_t ready_count_ = 0;
  SimReady* running_ =
      nullptr;  // whose handler is being called; null again if it is destroyed meanwhile

  MemberEvent<&SimLoop::Turn> turn_;
  MemberEvent<&SimLoop::RunDeferred> deferred_event_;
};

}  // namespace dialtone
