// What a call may tell about the connection it came over or went out on. Internal to rpc/.
#pragma once

#include <string_view>

#include "dialtone/transport/address.h"

namespace dialtone {

struct ConnectionInfo {
  Address peer;
  Address local;
  std::string_view protocol;  // "dialtone/1", "in-process"
};

}  // namespace dialtone
