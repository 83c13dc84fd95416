#include "dialtone/rpc/server.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "dialtone/transport/shutdown_signal.h"
#include "server_core.h"

namespace dialtone {

Server::Server(const ServerOptions& options)
    : core_(std::make_shared<internal::ServerCore>(options)) {}

Server::~Server() {
  DIALTONE_CHECK(!Loop::OnReactor(), "a server is destroyed on a reactor, which that would block");
  Shutdown(absl::ZeroDuration()).IgnoreError();
}

void Server::Add(std::unique_ptr<Service> service, const ServiceOptions& options) {
  core_->Add(std::move(service), options);
}

absl::StatusOr<Address> Server::Listen(std::string_view address) { return core_->Listen(address); }
absl::Status Server::Start() { return core_->Start(); }
absl::Status Server::Shutdown(absl::Duration deadline) {
  return core_->Shutdown(deadline, [] { return false; });
}
void Server::SetServing(std::string_view service, bool serving) {
  core_->health().Set(service, serving);
}
size_t Server::connections() const { return core_->connections(); }
size_t Server::calls_in_flight() const { return core_->calls_in_flight(); }
uint64_t Server::connections_refused() const { return core_->gate().refused(); }

int Server::Run(std::string_view address) { return Run({address}); }

int Server::Run(std::initializer_list<std::string_view> addresses) {
  return Run(std::span(addresses.begin(), addresses.size()));
}

int Server::Run(std::span<const std::string_view> addresses) {
  ShutdownSignal signal;  // first: a signal that comes while the server starts is not lost
  std::vector<Address> bound;
  for (std::string_view address : addresses) {
    absl::StatusOr<Address> listening = Listen(address);
    if (!listening.ok()) {
      Log(LogLevel::kError, ToStd(listening.status().message()));
      return kExitListenFailed;
    }
    bound.push_back(*std::move(listening));
  }
  const absl::Status started = Start();
  if (!started.ok()) {
    Log(LogLevel::kError, ToStd(started.message()));
    return kExitListenFailed;
  }
  // Behind Start(): whoever reads this in a container takes its processor just then.
  for (const Address& address : bound) {
    Log(LogLevel::kInfo, absl::StrCat("listening on ", address.ToString()));
    if (core_->options().on_listening) core_->options().on_listening(address);
  }
  Network& network = core_->runtime().network();
  network.Wait(signal.event(), Instant::Infinite());
  Log(LogLevel::kInfo, absl::StrCat("draining: ", calls_in_flight(), " calls under way"));
  const absl::Status stopped =
      core_->Shutdown(core_->options().drain_timeout, [&] { return signal.count() > 1; });
  FlushLogKinds();
  if (!stopped.ok()) {
    Log(LogLevel::kError, ToStd(stopped.message()));
    return kExitDrainTimedOut;
  }
  Log(LogLevel::kInfo, "drained");
  return kExitOk;
}

}  // namespace dialtone
