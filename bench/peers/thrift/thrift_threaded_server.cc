// Thrift's TThreadedServer: a thread a connection, which reads, serves and writes one call after the other.
// Its documentation names it for few connections that stay.
#include <thrift/server/TThreadedServer.h>
#include <thrift/transport/TServerSocket.h>

#include "buffered_frames.h"
#include "thrift_server.h"

int main(int argc, char** argv) {
  bench::HoldSigterm();
  bench::CommandLine line(argc, argv);
  const int64_t port = line.Number("port", 0);
  line.Number("reactors", 1);  // as many threads as connections
  line.Finish();

  const auto socket = std::make_shared<apache::thrift::transport::TServerSocket>(
      "127.0.0.1", static_cast<int>(port));
  apache::thrift::server::TThreadedServer server(
      std::make_shared<bench::ThriftProcessor>(std::make_shared<bench::ThriftEcho>()), socket,
      std::make_shared<bench::BufferedFramesFactory>(),
      std::make_shared<bench::ThriftProtocolFactory>());
  bench::ServeUntilSigterm(server, [&] { return socket->getPort(); });
  return 0;
}
