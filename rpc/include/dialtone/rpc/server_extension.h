// Something that lives beside a server's services for as long as the server does, such as the admin port
// (dialtone/rpc/admin.h). It is put into ServerOptions::extensions.
#pragma once

#include <memory>

#include "absl/status/status.h"

namespace dialtone {

namespace internal {
class ServerCore;
}

// Of one server. Both are called once, on threads that are no reactors.
class ServerExtension {
 public:
  virtual ~ServerExtension() = default;

  // The server is about to start: services may still be added to it. Not OK: it does not start, and says why.
  virtual absl::Status OnStart(const std::shared_ptr<internal::ServerCore>& server) = 0;
  // The server's calls have ended, or their time is over. Only after OnStart() was OK.
  virtual void OnStop() = 0;
};

}  // namespace dialtone
