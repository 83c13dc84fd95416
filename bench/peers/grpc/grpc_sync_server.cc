// gRPC's synchronous server, which most programs use: a handler is a function on a thread of the pool. Its
// defaults are kept (one completion queue a processor, at least one and at most two threads that wait
// on each), which its documentation says nothing against.
#include "echo/echo.grpc.pb.h"
#include "grpc_server.h"

namespace {

class EchoService final : public echo::Echo::Service {
  grpc::Status Echo(grpc::ServerContext*, const echo::EchoRequest* request,
                    echo::EchoReply* reply) override {
    reply->set_id(request->id());
    reply->set_text(request->text());
    return grpc::Status::OK;
  }
};

}  // namespace

int main(int argc, char** argv) { return bench::ServeGrpc<EchoService>(argc, argv); }
