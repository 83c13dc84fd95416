// What handlers throw is an error of theirs, and not of the server. Internal to rpc/.
#pragma once

#include <exception>

#include "absl/status/status.h"

namespace dialtone {

class ServerMethod;

namespace internal {

// Logs it; what the client is told: INTERNAL.
absl::Status HandlerThrew(const ServerMethod& method, const char* what);

// Runs `body`, whose exceptions end with the call.
template <class Body>
absl::Status Guarded(const ServerMethod& method, Body body) {
  try {
    return body();
  } catch (const std::exception& e) {
    return HandlerThrew(method, e.what());
  } catch (...) {
    return HandlerThrew(method, "something that is no std::exception");
  }
}

}  // namespace internal
}  // namespace dialtone
