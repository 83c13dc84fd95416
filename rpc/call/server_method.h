// A method as it is registered with a server. Internal to rpc/.
#pragma once

#include <cstddef>

#include "dialtone/rpc/service.h"

namespace dialtone {

// Constant from the server's start on.
class ServerMethod {
 public:
  const internal::MethodHandler* handler = nullptr;
  Service* service = nullptr;
  bool run_on_workers = false;
  size_t index = 0;  // among all methods of the server
};

}  // namespace dialtone
