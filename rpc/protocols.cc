// Where the call part meets the protocols: the only file that knows both.
#include "protocols.h"

#include <memory>
#include <string>

#include "client_connection.h"
#include "in_process.h"
#include "server_connection.h"
#include "server_core.h"

namespace dialtone::internal {
namespace {

// Dialtone/1 over a byte stream.
class SocketEndpoint final : public Endpoint {
 public:
  SocketEndpoint(const Address& address, const ChannelOptions& options)
      : address_(address),
        connect_(options.connect),
        limits_(options.limits),
        want_times_(options.want_server_times),
        runtime_(options.runtime != nullptr ? *options.runtime : Runtime::Default()) {}

  std::string name() const override { return address_.ToString(); }
  std::unique_ptr<ClientConnection> Open(Loop& loop, bool again,
                                         ClientConnection::Owner& owner) const override {
    dialtone1::ClientOptions options;
    options.wait_for_preface = again;
    options.want_times = want_times_;
    options.process_bytes = &runtime_.bytes_in_flight();
    return dialtone1::Connect(loop, address_, connect_, limits_, options, owner);
  }

 private:
  const Address address_;
  const ConnectOptions connect_;
  const ConnectionLimits limits_;
  const bool want_times_;
  Runtime& runtime_;
};

}  // namespace

const std::vector<const ServerProtocol*>& ServerProtocols() {
  static const ServerProtocol* const dialtone1 = dialtone1::NewServerProtocol().release();
  static const auto* const protocols = new std::vector<const ServerProtocol*>{dialtone1};
  return *protocols;
}

std::shared_ptr<const Endpoint> NewSocketEndpoint(const Address& address,
                                                  const ChannelOptions& options) {
  return std::make_shared<SocketEndpoint>(address, options);
}

std::shared_ptr<const Endpoint> NewInProcessEndpoint(ServerCore& server,
                                                     const ChannelOptions& options) {
  return in_process::NewEndpoint(server.shared_from_this(), options);
}

}  // namespace dialtone::internal
