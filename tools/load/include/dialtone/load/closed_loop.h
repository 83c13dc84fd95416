// A closed loop: so many calls under way at a time; each that ends begins the next, at the same instant.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "dialtone/load/calls.h"
#include "dialtone/load/window.h"
#include "dialtone/transport/event.h"

namespace dialtone::load {

// Used on one thread at a time: Start() and the calls' ends come where the source's calls call back (on
// one reactor, or in the callbacks of one channel, which run one after the other). Loops of one reactor
// may share a recorder.
class ClosedLoop final : private internal::CallSink {
 public:
  // All but the event outlive the loop's end.
  ClosedLoop(CallSource& source, Recorder& recorder, int in_flight);
  ClosedLoop(const ClosedLoop&) = delete;
  ClosedLoop& operator=(const ClosedLoop&) = delete;

  void Start();
  // Set when the recorder has enough and the last call has ended.
  Event& ended() { return ended_; }

 private:
  void OnAnswered(internal::CallSlot& slot) override;
  void OnFailed(internal::CallSlot& slot, std::string_view status) override;
  void Begin(internal::CallSlot& slot, int64_t now);
  void Next(internal::CallSlot& slot, int64_t now, bool go_on);

  CallSource& source_;
  Recorder& recorder_;
  std::vector<internal::CallSlot> slots_;
  int64_t begun_ = 0;
  size_t under_way_ = 0;
  Event ended_;
};

}  // namespace dialtone::load
