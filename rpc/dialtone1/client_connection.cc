#include "client_connection.h"

#include "client_session.h"

namespace dialtone::dialtone1 {

std::unique_ptr<ClientConnection> Connect(Loop& loop, const Address& peer,
                                          const ConnectOptions& connect,
                                          const ConnectionLimits& limits,
                                          const ClientOptions& options,
                                          ClientConnection::Owner& owner) {
  auto session = std::make_unique<ClientSession>(loop, limits, options, owner);
  session->Begin(peer, connect);
  return session;
}

}  // namespace dialtone::dialtone1
