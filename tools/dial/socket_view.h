// What the kernel says of this process's own TCP connections. It needs nothing from Dialtone: a process may ask of any
// descriptor that it has.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace dial {

// A value.
struct SocketView {
  std::string local;  // "127.0.0.1:41234"
  std::string peer;
  std::string state;  // as ss(8) spells it: "ESTAB"
  double round_trip_ms = 0;
  double round_trip_variation_ms = 0;
  uint32_t congestion_window = 0;  // segments
  uint32_t segments_sent_again = 0;
  uint64_t bytes_sent = 0;
  uint64_t bytes_received = 0;
};

// The local addresses of all TCP connections that this process has now.
std::set<std::string> OwnSockets();
// The one that is not among `others`, if there is just one more.
std::optional<SocketView> NewSocket(const std::set<std::string>& others);
// The state of a socket that this process may have closed already: "TIME-WAIT", or "gone" if the kernel knows it no more.
std::string KernelState(const std::string& local);

}  // namespace dial
