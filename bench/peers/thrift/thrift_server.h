// What both of Thrift's servers share: the service, the protocol, and the program's life.
#pragma once

#include <thrift/TOutput.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/server/TServer.h>
#include <thrift/transport/TBufferTransports.h>

#include <functional>
#include <memory>
#include <thread>

#include "Echo.h"  // tidy-allow include: generated from echo.thrift
#include "program.h"

namespace bench {

// The binary protocol over a buffer: with "templates" its readers and writers are inlined. Framed
// transports and the nonblocking server's memory are both such buffers.
using ThriftProtocolFactory =
    apache::thrift::protocol::TBinaryProtocolFactoryT<apache::thrift::transport::TBufferBase>;
using ThriftProcessor = thrift_echo::EchoProcessorT<
    apache::thrift::protocol::TBinaryProtocolT<apache::thrift::transport::TBufferBase>>;

class ThriftEcho final : public thrift_echo::EchoIf {
  void Echo(thrift_echo::EchoMessage& reply, const thrift_echo::EchoMessage& request) override {
    reply.id = request.id;
    reply.text = request.text;
  }
};

// Tells the port when the server has bound it.
class PortSayer final : public apache::thrift::server::TServerEventHandler {
 public:
  explicit PortSayer(std::function<int()> port) : port_(std::move(port)) {}
  void preServe() override { SayPort(static_cast<uint16_t>(port_())); }

 private:
  const std::function<int()> port_;
};

inline void ServeUntilSigterm(apache::thrift::server::TServer& server, std::function<int()> port) {
  // It tells of its threads otherwise.
  apache::thrift::GlobalOutput.setOutputFunction([](const char*) {});
  server.setServerEventHandler(std::make_shared<PortSayer>(std::move(port)));
  std::thread serving([&server] { server.serve(); });
  WaitForSigterm();
  server.stop();
  serving.join();
}

}  // namespace bench
