// What users' code throws is an error of its own, and not of the process. Internal to rpc/.
#pragma once

#include <exception>
#include <utility>

#include "absl/status/status.h"
#include "dialtone/rpc/method.h"

namespace dialtone {

class ServerMethod;

namespace internal {

// Runs `body`; what it throws is told to `thrown`, in words, whose result is then that of both.
template <class Body, class Thrown>
auto Catching(Body body, Thrown thrown) -> decltype(body()) {
  try {
    return body();
  } catch (const std::exception& e) {
    return thrown(e.what());
  } catch (...) {
    return thrown("something that is no std::exception");
  }
}

// Logs it; what the client is told: INTERNAL.
absl::Status HandlerThrew(const ServerMethod& method, const char* what);

// Runs `body`, whose exceptions end with the call.
template <class Body>
absl::Status Guarded(const ServerMethod& method, Body body) {
  return Catching(std::move(body), [&](const char* what) { return HandlerThrew(method, what); });
}

// The same for a call's observer that has thrown from OnStart(). Others are run by RunUsers().
absl::Status ObserverThrew(const Method& method, const char* what);
inline constexpr const char* kAnObserver = "an observer";

void LogThrown(const char* whose, const char* what);

// Runs a function of the user's that has nobody to throw to; `whose` names its kind for the log.
template <class Function>
void RunUsers(const char* whose, Function function) {
  Catching(std::move(function), [&](const char* what) { LogThrown(whose, what); });
}

}  // namespace internal
}  // namespace dialtone
