#include "discovery.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "guarded.h"
#include "protocols.h"

namespace dialtone::internal {

Discovery::Discovery(std::string_view target, std::shared_ptr<const ChannelOptions> options,
                     Network* network, uint64_t seed)
    : target_(target),
      options_(std::move(options)),
      network_(network),
      backoff_(options_ == nullptr ? BackoffOptions() : options_->backoff),
      random_(seed) {}

std::shared_ptr<Discovery> Discovery::OfTarget(std::string_view target,
                                               std::shared_ptr<const ChannelOptions> options,
                                               Network& network) {
  auto made = std::make_shared<Discovery>(target, options, &network, network.RandomSeed());
  absl::StatusOr<std::vector<TargetPart>> parts = ParseTarget(target);
  const bool names = parts.ok() && std::any_of(parts->begin(), parts->end(),
                                               [](const auto& part) { return part.is_name(); });
  if (names) {
    made->resolver_ =
        NewNameResolver(*std::move(parts), options->names, network,
                        [weak = std::weak_ptr<Discovery>(made)](Resolver::Answer answer) {
                          if (auto self = weak.lock(); self != nullptr)
                            self->OnAnswer(std::move(answer));
                        });
    return made;
  }
  MutexLock lock(made->mutex_);
  if (parts.ok()) {
    std::vector<Address> addresses;
    for (const TargetPart& part : *parts) addresses.push_back(part.address);
    made->latest_ = made->Make(addresses);
  } else {
    made->latest_ = made->Make(parts.status());
  }
  return made;
}

std::shared_ptr<Discovery> Discovery::OfEndpoint(std::shared_ptr<const Endpoint> endpoint) {
  auto made = std::make_shared<Discovery>("", nullptr, nullptr, 0);
  auto fixed = std::make_shared<Resolution>();
  fixed->number = 1;
  fixed->endpoints.push_back(std::move(endpoint));
  MutexLock lock(made->mutex_);
  made->latest_ = std::move(fixed);
  return made;
}

std::shared_ptr<const Resolution> Discovery::latest() const {
  MutexLock lock(mutex_);
  return latest_;
}

void Discovery::Refresh(uint64_t newer_than) {
  if (resolver_ == nullptr) return;
  {
    MutexLock lock(mutex_);
    if (asking_ || (latest_ != nullptr && latest_->number > newer_than)) return;
    asking_ = true;
  }
  for (const auto& observer : options_->connection_observers)
    RunUsers(kAnObserver, [&] { observer->OnLookUp(target_, network_->Now()); });
  resolver_->Refresh();
}

void Discovery::OnAnswer(Resolver::Answer answer) {
  for (const auto& observer : options_->connection_observers)
    RunUsers(kAnObserver,
             [&] { observer->OnResolved(target_, answer.addresses, network_->Now()); });
  {
    MutexLock lock(mutex_);
    asking_ = false;
    const bool failed = !answer.addresses.ok();
    std::shared_ptr<Resolution> resolution = Make(answer.addresses);
    if (failed && latest_ != nullptr && !latest_->endpoints.empty()) {
      // Servers that were there a while ago are a better guess than none.
      static constinit LogKind kind(LogLevel::kWarning, "names that cannot be looked up again");
      if (kind.Admits()) {
        Log(kind.level(), absl::StrCat(answer.addresses.status().message(), "; going on with the ",
                                       latest_->endpoints.size(), " addresses known so far"));
      }
      resolution->endpoints = latest_->endpoints;
      resolution->status = absl::OkStatus();
    }
    SetTimes(*resolution, failed, answer.ttl);
    latest_ = std::move(resolution);
  }
  listener_();
}

std::shared_ptr<Resolution> Discovery::Make(const absl::StatusOr<std::vector<Address>>& addresses) {
  auto resolution = std::make_shared<Resolution>();
  resolution->number = latest_ == nullptr ? 1 : latest_->number + 1;
  resolution->status = addresses.status();
  if (!addresses.ok()) return resolution;
  absl::flat_hash_map<Address, std::shared_ptr<const Endpoint>> before;
  before.swap(endpoints_);
  for (const Address& address : *addresses) {
    if (endpoints_.contains(address)) continue;  // named twice
    const auto known = before.find(address);
    auto endpoint = known != before.end() ? known->second : NewSocketEndpoint(address, *options_);
    endpoints_[address] = endpoint;
    resolution->endpoints.push_back(std::move(endpoint));
  }
  return resolution;
}

void Discovery::SetTimes(Resolution& resolution, bool failed, absl::Duration ttl) {
  const Instant now = network_->Now();
  if (failed) {
    resolution.fresh_until = now + backoff_.Next(NextRandom(random_));
    resolution.earliest_refresh = resolution.fresh_until;
    return;
  }
  backoff_.Reset();
  const NameOptions& names = options_->names;
  resolution.fresh_until = now + std::max(names.ttl_min, std::min(names.ttl_max, ttl));
  resolution.earliest_refresh = now + names.refresh_min;
}

}  // namespace dialtone::internal
