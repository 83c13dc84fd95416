// What a target names, as the user wrote it: "127.0.0.1:7000", "[::1]:7000", "unix:/path",
// "db.example:7000", "dns:///db.example:7000", "dns://10.0.0.53:53/db.example:7000" (which asks that
// name server), or "list:" with several of them between commas. Pure. Internal to rpc/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dialtone/transport/address.h"

namespace dialtone::internal {

// An address, or a host's name.
struct TargetPart {
  bool is_name() const { return !host.empty(); }

  Address address;
  std::string host;
  uint16_t port = 0;   // with host
  std::string server;  // with host: whom to ask for it; empty: whom the options say
};

// At least one part; INVALID_ARGUMENT says what is wrong with the target.
absl::StatusOr<std::vector<TargetPart>> ParseTarget(std::string_view target);

}  // namespace dialtone::internal
