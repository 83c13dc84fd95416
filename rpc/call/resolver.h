// Where a target's servers are, as something outside of the channel says it: DNS now, a registry
// one day. The seam for that; discovery.h makes of the answers what a channel works with. Internal
// to rpc/.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "dialtone/transport/address.h"
#include "dialtone/transport/names.h"
#include "dialtone/transport/network.h"
#include "target.h"

namespace dialtone::internal {

// Thread-safe. Shared by a channel and by the questions that are under way, which may outlive it.
class Resolver {
 public:
  struct Answer {
    // At least one, in the order in which they are to be tried; or why there is none: UNAVAILABLE,
    // or, if it is no use to ask again, another code.
    absl::StatusOr<std::vector<Address>> addresses;
    absl::Duration ttl;  // for how long it holds
  };
  using Listener = std::function<void(Answer)>;

  virtual ~Resolver() = default;
  // Asks, unless a question is under way; each question is answered once, to the listener, on a
  // thread that leads no loop. One who learns unasked of another answer may tell it so, too.
  virtual void Refresh() = 0;
};

// Looks up the parts of a target that are names. While some of them have an answer, those that have
// none are left out.
std::shared_ptr<Resolver> NewNameResolver(std::vector<TargetPart> parts, const NameOptions& options,
                                          Network& network, Resolver::Listener listener);

}  // namespace dialtone::internal
