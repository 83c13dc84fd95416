// What happened to one stream, seen from both sides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "any_stream.h"

namespace dialtone::simulation {

// As kDownMethod and so on, of a service whose handlers are plain.
inline constexpr Method kPlainDown{"/test.PlainStreams/Down", MethodKind::kServerStreaming};
inline constexpr Method kPlainUp{"/test.PlainStreams/Up", MethodKind::kClientStreaming};
inline constexpr Method kPlainChat{"/test.PlainStreams/Chat", MethodKind::kBidirectionalStreaming};
// What they are to clients that may send them again.
inline constexpr Method kMarkedDown{"/test.Streams/Down", MethodKind::kServerStreaming,
                                    Idempotency::kNoSideEffects};
inline constexpr Method kMarkedUp{"/test.Streams/Up", MethodKind::kClientStreaming,
                                  Idempotency::kIdempotent};
inline constexpr Method kMarkedChat{"/test.Streams/Chat", MethodKind::kBidirectionalStreaming,
                                    Idempotency::kIdempotent};
inline constexpr Method kMissingStream{"/test.Streams/Missing",
                                       MethodKind::kBidirectionalStreaming};

struct SideRecord {
  size_t writes_begun = 0;
  size_t writes_done = 0;  // that said true
  uint64_t bytes_done = 0;
  size_t reads = 0;
  uint64_t bytes_read = 0;
  bool half_closed = false;  // or about to
  bool writes_are_over = false;
  bool reads_are_over = false;
  bool saw_end = false;  // a read said that there is no more, in a context that had not ended
};

struct StreamRecord {
  SideRecord client;
  SideRecord server;
  // The client's script has not come to its end.
  bool client_runs = false;
  // The client takes no more messages.
  bool client_is_done = false;
  bool was_destroyed = false;
  int failures = 0;  // runs of the handler that have failed as planned
  // The first thing that was seen to be wrong meanwhile.
  std::string wrong;
};

// A handler's ends; those that its method does not have are null.
struct StreamParts {
  Reader<Text>* reader = nullptr;
  Writer<Text>* writer = nullptr;
  const Text* request = nullptr;
  Text* reply = nullptr;
};

}  // namespace dialtone::simulation
