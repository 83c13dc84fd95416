#include "dialtone/rpc/channel.h"

#include <utility>

#include "channel_core.h"
#include "delivery_scope.h"
#include "dialtone/rpc/server.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/log.h"
#include "protocols.h"
#include "server_core.h"

namespace dialtone {
namespace {

// Both ends post to each other's loops, so these had best live equally long.
ChannelOptions WithRuntimeOf(const Server& server, ChannelOptions options) {
  if (options.runtime == nullptr) options.runtime = &server.core().runtime();
  return options;
}

}  // namespace

std::string_view ChannelStateName(ChannelState state) {
  switch (state) {
    case ChannelState::kIdle:
      return "idle";
    case ChannelState::kConnecting:
      return "connecting";
    case ChannelState::kReady:
      return "ready";
    case ChannelState::kTransientFailure:
      return "transient failure";
    case ChannelState::kShutdown:
      return "shutdown";
  }
  return "unknown";
}

Channel::Channel(std::string_view target, const ChannelOptions& options)
    : core_(internal::ChannelCore::Make(std::string(target), options)) {}

Channel::Channel(Server& server, const ChannelOptions& options)
    : core_(internal::ChannelCore::Make("in-process", WithRuntimeOf(server, options),
                                        internal::NewInProcessEndpoint(server.core(), options))) {}

Channel::~Channel() {
  // Whoever leads a loop, or runs its callbacks, cannot wait for what he has to do himself.
  core_->Close(/*wait=*/Loop::Current() == nullptr &&
               internal::DeliveryScope::Current() == nullptr);
}

const std::string& Channel::target() const { return core_->target(); }

ChannelState Channel::state() const { return core_->state(); }

ChannelStats Channel::stats() const { return core_->stats(); }

void Channel::Connect() { core_->Connect(); }

std::unique_ptr<Channel::Watch> Channel::WatchState(
    absl::AnyInvocable<void(ChannelState)> function) {
  return core_->Watch(std::move(function));
}

bool Channel::WaitUntilReady(absl::Duration timeout) {
  if (Loop::OnReactor()) {
    Log(LogLevel::kError,
        "Channel::WaitUntilReady on a reactor would stop everything that runs there");
    return false;
  }
  return core_->WaitUntilReady(core_->runtime().network().Now() + timeout);
}

}  // namespace dialtone
