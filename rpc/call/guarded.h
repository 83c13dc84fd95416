// What users' code throws is an error of its own, and not of the process. Internal to rpc/.
#pragma once

#include <exception>
#include <string_view>

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

void LogThrown(std::string_view whose, std::string_view what);

// Runs a function of the user's that has nobody to throw to; `whose` names its kind for the log.
template <class Function>
void RunUsers(std::string_view whose, Function function) {
  try {
    function();
  } catch (const std::exception& e) {
    LogThrown(whose, e.what());
  } catch (...) {
    LogThrown(whose, "something that is no std::exception");
  }
}

}  // namespace internal
}  // namespace dialtone
