// Turning a host's name into addresses: what a network (network.h) does for targets such as
// "dns:///db.example:7000". First the hosts file, then DNS.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "dialtone/transport/address.h"

namespace dialtone {

struct NameOptions {
  NameOptions() = default;

  // One lookup, with all its questions, tries and servers; then it ends with UNAVAILABLE.
  absl::Duration timeout = absl::Seconds(5);
  // How long one server is given to answer a question at the first try (c-ares gives later tries
  // more).
  absl::Duration try_timeout = absl::Seconds(1);
  // How often each server is asked one question before it is given up.
  int tries = 3;
  // The name servers to ask, "10.0.0.53:53" or "[fd00::53]:53". Empty: those of /etc/resolv.conf.
  std::vector<std::string> servers;
  // Names found in it are not asked for in DNS. Read at each lookup. Empty: none.
  std::string hosts_file = "/etc/hosts";
  // IPv4 and IPv6 are asked for at the same time; once the one has answered with an address, the
  // other is waited for so long (RFC 8305's resolution delay).
  absl::Duration other_family_wait = absl::Milliseconds(50);

  // An answer is asked for anew when its time to live is over, if calls are still made then; it
  // counts as no shorter and no longer than this.
  absl::Duration ttl_min = absl::Seconds(5);
  absl::Duration ttl_max = absl::Minutes(10);
  // A lost connection, or one that can't be made, has the name looked up at once, but no sooner
  // after the last time than this.
  absl::Duration refresh_min = absl::Seconds(1);
  // Of a name's addresses so many are used, the first ones.
  size_t addresses_max = 256;
};

// Addresses have port 0. IPv6 and IPv4 come in turn, beginning with IPv6; within a family they keep
// the server's order.
struct NameAnswer {
  std::vector<Address> addresses;
  absl::Duration ttl;  // as the server said it; zero for names of the hosts file
};
using NameCallback = absl::AnyInvocable<void(absl::StatusOr<NameAnswer>) &&>;

// True for what may stand before ":port" in a target: letters, digits, '-', '_' and '.', at most
// 253 of them, 1 to 63 between two dots, the last part not a number ("10.0.0.256" is no name).
bool IsHostName(std::string_view text);

// "a4 b4 c6 d6" becomes "c6 a4 d6 b4", cut to `max`: when addresses are tried in turn, a family that
// does not work costs every other attempt, not the first half of them (RFC 8305, section 4).
std::vector<Address> InterleaveFamilies(const std::vector<Address>& addresses, size_t max);

// The addresses that a hosts file's text (man 5 hosts) gives a name. "localhost" and names under it
// are loopback addresses even if no line says so (RFC 6761).
std::vector<Address> FindInHosts(std::string_view hosts, std::string_view name);

}  // namespace dialtone
