// A server of echo.Echo with gRPC: what the start of Dialtone's is measured against.
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <memory>

#include "echo/echo.grpc.pb.h"

namespace {

class EchoService final : public echo::Echo::Service {
  grpc::Status Echo(grpc::ServerContext*, const echo::EchoRequest* request,
                    echo::EchoReply* reply) override {
    reply->set_text(request->text());
    reply->set_payload(request->payload());
    reply->set_id(request->id());
    return grpc::Status::OK;
  }
};

}  // namespace

int main(int argc, char** argv) {
  EchoService service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(argc > 1 ? argv[1] : "0.0.0.0:7000", grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::printf("listening\n");
  std::fflush(stdout);
  server->Wait();
}
