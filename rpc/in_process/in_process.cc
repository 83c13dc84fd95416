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
  explicit InProcessEndpoint(std::shared_ptr<internal::ServerCore> server)
      : server_(std::move(server)) {}

  std::string name() const override { return "in-process"; }
  std::unique_ptr<ClientConnection> Open(Loop& loop, bool,
                                         ClientConnection::Owner& owner) const override {
    return OpenLink(loop, server_, owner);
  }

 private:
  const std::shared_ptr<internal::ServerCore>
      server_;  // outlives the Server object while calls still end
};

}  // namespace

std::shared_ptr<const internal::Endpoint> NewEndpoint(std::shared_ptr<internal::ServerCore> server,
                                                      const ChannelOptions&) {
  return std::make_shared<InProcessEndpoint>(std::move(server));
}

}  // namespace dialtone::in_process
