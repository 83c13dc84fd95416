// A call's metadata without the trace that came into them by itself, where there is no room for it: it makes no call fail
// that would not have failed without. Internal to rpc/.
#pragma once

#include <cstddef>

#include "client_protocol.h"
#include "dialtone/rpc/metadata.h"

namespace dialtone::internal {

// What a connection takes.
struct MetadataRoom {
  size_t bytes;
  size_t pairs = Metadata::kPairsMax;
  size_t bytes_a_pair;  // beside its key and its value
};

// The head's metadata, which it must have, or, in `shorter`, what is left of them without "tracestate", and then without
// "traceparent". They may still be too much. Only what was added to the caller's own is left out.
const Metadata& FitTrace(const RequestHead& head, const MetadataRoom& room, Metadata& shorter);

}  // namespace dialtone::internal
