#include "in_process.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "link.h"

namespace dialtone::in_process {
namespace {

class InProcessEndpoint final : public internal::Endpoint {
 public:
  InProcessEndpoint(std::shared_ptr<internal::ServerCore> server, const ConnectionLimits& limits)
      : server_(std::move(server)), limits_(limits) {}

  std::string name() const override { return "in-process"; }
  std::unique_ptr<ClientConnection> Open(Loop& loop, bool,
                                         ClientConnection::Owner& owner) const override {
    return OpenLink(loop, server_, limits_, owner);
  }

 private:
  const std::shared_ptr<internal::ServerCore>
      server_;                     // outlives the Server object while calls still end
  const ConnectionLimits limits_;  // of the client's side
};

}  // namespace

std::shared_ptr<const internal::Endpoint> NewEndpoint(std::shared_ptr<internal::ServerCore> server,
                                                      const ChannelOptions& options) {
  return std::make_shared<InProcessEndpoint>(std::move(server), options.limits);
}

}  // namespace dialtone::in_process
