// Up to four servers of one target, and channels to them, in virtual time.
#pragma once

#include <memory>
#include <string>

#include "sim_fleet.h"

namespace dialtone::several_servers_test {

inline constexpr char kA[] = "10.0.0.1:7000";
inline constexpr char kB[] = "10.0.0.2:7000";
inline constexpr char kC[] = "10.0.0.3:7000";
inline constexpr char kD[] = "10.0.0.4:7000";
inline constexpr char kTwo[] = "list:10.0.0.1:7000,10.0.0.2:7000";
inline constexpr char kThree[] = "list:10.0.0.1:7000,10.0.0.2:7000,10.0.0.3:7000";
inline constexpr char kFour[] = "list:10.0.0.1:7000,10.0.0.2:7000,10.0.0.3:7000,10.0.0.4:7000";

inline ChannelOptions With(PickPolicy policy) {
  ChannelOptions options;
  options.pick_policy = policy;
  return options;
}
inline ChannelOptions FirstThatWorks() { return With(PickPolicy::kFirstThatWorks); }
inline ChannelOptions InTurn() { return With(PickPolicy::kRoundRobin); }

class SeveralServers : public FleetTest {
 protected:
  // A channel whose servers are all connected to.
  std::unique_ptr<Channel> Connected(const std::string& target, const ChannelOptions& options) {
    auto channel = MakeChannel(target, options);
    channel->Connect();
    RunFor(absl::Milliseconds(1));
    return channel;
  }
};

}  // namespace dialtone::several_servers_test
