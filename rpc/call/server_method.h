// A method as it is registered with a server. Internal to rpc/.
#pragma once

#include <cstddef>

#include "dialtone/rpc/compression.h"
#include "dialtone/rpc/service.h"
#include "packing.h"

namespace dialtone {
namespace internal {
class ConcurrencyLimit;
}

// Constant from the server's start on.
class ServerMethod {
 public:
  const internal::MethodHandler* handler = nullptr;
  Service* service = nullptr;
  bool run_on_workers = false;                        // of plain handlers
  internal::ConcurrencyLimit* concurrency = nullptr;  // null: none of its own
  bool counts_for_server = true;  // in the server's own limit of calls at a time
  size_t index = 0;               // among all methods of the server
  // Calls that leave the reactor whatever happens: what they cost is more than what it costs to measure them.
  bool always_measured() const { return run_on_workers || !is_unary(); }
  bool is_unary() const { return handler->method->kind == MethodKind::kUnary; }
  internal::PackingPlan packing;                    // of replies whose handler does not choose
  const CompressionOptions* compression = nullptr;  // the server's
};

}  // namespace dialtone
