// What a channel knows of where its target's servers are, and when to ask anew. Internal to rpc/.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "backoff.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/transport/mutex.h"
#include "dialtone/transport/network.h"
#include "endpoint.h"
#include "resolver.h"

namespace dialtone::internal {

// One answer. Constant, shared by a channel's loops.
struct Resolution {
  // Waiting for another does not help: the target itself is wrong.
  bool hopeless() const {
    return !status.ok() && (absl::IsInvalidArgument(status) || absl::IsUnimplemented(status));
  }

  uint64_t number = 0;  // 1, 2, …
  // Not OK: why there is no endpoint.
  absl::Status status;
  // In the order in which they are to be tried. A server that stays keeps its object.
  std::vector<std::shared_ptr<const Endpoint>> endpoints;
  // When it is to be asked anew if calls are still made, and when at the earliest if its servers
  // don't answer.
  Instant fresh_until = Instant::Infinite();
  Instant earliest_refresh = Instant::Infinite();
};

// Thread-safe. Shared by its channel and the questions under way.
class Discovery final : public std::enable_shared_from_this<Discovery> {
 public:
  // Called, on a thread that leads no loop and holds no lock of this, when there is another answer.
  using Listener = std::function<void()>;

  // A target of addresses alone is answered from the beginning and never asked for again.
  static std::shared_ptr<Discovery> OfTarget(std::string_view target,
                                             std::shared_ptr<const ChannelOptions> options,
                                             Network& network);
  static std::shared_ptr<Discovery> OfEndpoint(std::shared_ptr<const Endpoint> endpoint);

  // For these two.
  Discovery(std::string_view target, std::shared_ptr<const ChannelOptions> options,
            Network* network, uint64_t seed);

  // Before the first Refresh().
  void SetListener(Listener listener) { listener_ = std::move(listener); }
  // Null as long as there is no answer.
  std::shared_ptr<const Resolution> latest() const;
  // Asks for an answer that is newer than the one with this number, unless it is there already or
  // under way. Whoever asks waits for the listener to be called.
  void Refresh(uint64_t newer_than);

 private:
  void OnAnswer(Resolver::Answer answer);
  std::shared_ptr<Resolution> Make(const absl::StatusOr<std::vector<Address>>& addresses)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetTimes(Resolution& resolution, bool failed, absl::Duration ttl)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string target_;
  const std::shared_ptr<const ChannelOptions> options_;  // null with an endpoint that is fixed
  Network* const network_;                               // the same
  std::shared_ptr<Resolver> resolver_;  // null: the answer is for ever. Constant once it is set
  Listener listener_;

  mutable Mutex mutex_;
  bool asking_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<const Resolution> latest_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Address, std::shared_ptr<const Endpoint>> endpoints_ ABSL_GUARDED_BY(mutex_);
  Backoff backoff_ ABSL_GUARDED_BY(mutex_);
  uint64_t random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dialtone::internal
