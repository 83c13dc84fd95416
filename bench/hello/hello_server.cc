// The server of README.md's first example: how large it is, and how long it takes to build.
#include <memory>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/server.h"
#include "greeter.dialtone.h"

namespace {

class GreeterService final : public greeter::Greeter::Service {
  dialtone::Task<absl::Status> Greet(dialtone::ServerCall& call,
                                     const greeter::GreetRequest& request,
                                     greeter::GreetReply& reply) override {
    if (request.name().empty()) co_return absl::InvalidArgumentError("name is empty");
    reply.set_text(absl::StrCat("hello ", request.name()));
    co_return absl::OkStatus();
  }
};

}  // namespace

int main() {
  dialtone::Server server;
  server.Add(std::make_unique<GreeterService>());
  return server.Run("127.0.0.1:7000");
}
