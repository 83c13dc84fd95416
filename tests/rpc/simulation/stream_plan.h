// What the two sides of a stream do, step by step.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/time/time.h"
#include "dialtone/rpc/method.h"

namespace dialtone::simulation {

enum class StreamAct {
  kRead,
  kReadAll,  // until there is no more
  kWrite,
  kWriteLast,
  kHalfClose,
  kSleep,
};
struct StreamStep {
  StreamAct act = StreamAct::kSleep;
  absl::Duration time;  // of kSleep
};
using StreamScript = std::vector<StreamStep>;

enum class StreamEnding {
  kFinish,
  kCallback,  // of Finish()
  kDestroy,
};

struct StreamPlan {
  MethodKind kind = MethodKind::kBidirectionalStreaming;
  // What the client and the handler write, in order, as far as they come: bytes of each message.
  std::vector<size_t> requests;
  std::vector<size_t> replies;
  StreamScript handler;
  // Runs of the handler that fail before the one that does all this, each behind so many replies. The
  // method is marked then: such a run is followed by another, unless something has passed.
  int failures = 0;
  size_t failure_writes = 0;
  // The client's. If it has two coroutines, one plays each; else one plays `writer`, which is all.
  StreamScript writer;
  StreamScript reader;
  StreamEnding ending = StreamEnding::kFinish;
  // Of coroutines: on a reactor of the client's, or on any thread.
  bool on_reactor = false;
  // The stream belongs to the context that its coroutines run in, and not to none.
  bool in_context = false;
  // When that context has ended: reads on in another one.
  bool reads_on = false;

  bool client_writes() const { return kind != MethodKind::kServerStreaming; }
  bool client_reads() const { return kind != MethodKind::kClientStreaming; }
};

}  // namespace dialtone::simulation
