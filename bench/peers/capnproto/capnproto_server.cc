// A Cap'n Proto RPC server: one thread with an event loop, which is how the library is made; the reply is
// written where it will be sent from. In place of its EzRpcServer the parts that this is made of, since
// those can wait for a signal, too.
#include <capnp/message.h>
#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>
#include <kj/async-unix.h>
#include <signal.h>

#include "echo.capnp.h"  // tidy-allow include: generated from echo.capnp
#include "program.h"

namespace {

class Echo final : public bench::capnp_echo::Echo::Server {
  kj::Promise<void> echo(EchoContext context) override {
    const auto request = context.getParams().getRequest();
    // How large the reply will be, so that it is one piece of memory.
    auto reply = context.getResults(request.totalSize()).initReply();
    reply.setId(request.getId());
    reply.setText(request.getText());
    return kj::READY_NOW;
  }
};

}  // namespace

int main(int argc, char** argv) {
  bench::CommandLine line(argc, argv);
  const int64_t port = line.Number("port", 0);
  line.Number("reactors", 1);  // there is one
  line.Finish();

  kj::UnixEventPort::captureSignal(SIGTERM);
  auto io = kj::setupAsyncIo();
  auto address = io.provider->getNetwork()
                     .parseAddress("127.0.0.1", static_cast<kj::uint>(port))
                     .wait(io.waitScope);
  auto listener = address->listen();
  capnp::TwoPartyServer server(kj::heap<Echo>());
  auto serving = server.listen(*listener);
  bench::SayPort(static_cast<uint16_t>(listener->getPort()));
  serving.exclusiveJoin(io.unixEventPort.onSignal(SIGTERM).ignoreResult()).wait(io.waitScope);
  return 0;
}
