// A gRPC server's life, whatever its kind of service.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>

#include "program.h"

namespace bench {

// main() of a server of `Service`.
template <class Service>
int ServeGrpc(int argc, char** argv) {
  HoldSigterm();
  CommandLine line(argc, argv);
  const int64_t port = line.Number("port", 0);
  // gRPC's threads are its own matter: the sync server keeps a pool that grows as it needs, the callback
  // server has as many as there are processors.
  line.Number("reactors", 1);
  line.Finish();

  Service service;
  int bound_port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials(),
                           &bound_port);
  // Messages of a mebibyte come too; the limit is 4 MiB otherwise, this costs nothing.
  builder.SetMaxReceiveMessageSize(-1);
  builder.SetMaxSendMessageSize(-1);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || bound_port == 0) Fail("cannot listen");
  SayPort(static_cast<uint16_t>(bound_port));
  WaitForSigterm();
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  return 0;
}

}  // namespace bench
