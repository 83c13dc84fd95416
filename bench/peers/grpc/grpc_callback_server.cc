// gRPC's callback server, which its performance guide asks for: a handler ends its call whenever it likes,
// on the library's own threads. DefaultReactor() is the cheapest of the reactors.
#include "echo/echo.grpc.pb.h"
#include "grpc_server.h"

namespace {

class EchoService final : public echo::Echo::CallbackService {
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context,
                                 const echo::EchoRequest* request,
                                 echo::EchoReply* reply) override {
    reply->set_id(request->id());
    reply->set_text(request->text());
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace

int main(int argc, char** argv) { return bench::ServeGrpc<EchoService>(argc, argv); }
