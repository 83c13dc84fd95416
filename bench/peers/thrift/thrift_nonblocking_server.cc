// Thrift's TNonblockingServer: threads that each drive many connections through libevent. Handlers that do
// not block run right there, without its thread manager, which would cost a hand-over a call.
#include <thrift/server/TNonblockingServer.h>
#include <thrift/transport/TNonblockingServerSocket.h>

#include "thrift_server.h"

int main(int argc, char** argv) {
  bench::HoldSigterm();
  bench::CommandLine line(argc, argv);
  const int64_t port = line.Number("port", 0);
  const int64_t reactors = line.Number("reactors", 1);
  line.Finish();

  const auto socket = std::make_shared<apache::thrift::transport::TNonblockingServerSocket>(
      "127.0.0.1", static_cast<int>(port));
  apache::thrift::server::TNonblockingServer server(
      std::make_shared<bench::ThriftProcessor>(std::make_shared<bench::ThriftEcho>()),
      std::make_shared<bench::ThriftProtocolFactory>(), socket);
  server.setNumIOThreads(static_cast<size_t>(reactors));
  bench::ServeUntilSigterm(server, [&] { return socket->getListenPort(); });
  return 0;
}
