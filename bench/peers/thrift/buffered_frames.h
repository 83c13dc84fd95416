// The transport of both sides: frames over a buffer over a socket. A framed transport by itself reads each
// frame's length, then its bytes; over a buffer, which the library has, one read takes many frames. That
// is a third of what a call costs. Frames are written one by one: every message flushes.
#pragma once

#include <thrift/transport/TBufferTransports.h>

#include <memory>

namespace bench {

class BufferedFrames final : public apache::thrift::transport::TFramedTransport {
 public:
  explicit BufferedFrames(const std::shared_ptr<apache::thrift::transport::TTransport>& socket)
      : TFramedTransport(std::make_shared<apache::thrift::transport::TBufferedTransport>(
            socket, kBufferBytes)) {}

  // After each message. Thrift 0.17 counts the bytes of all messages against the greatest size of one
  // (100 MB) otherwise, and ends a connection after so many.
  uint32_t readEnd() override {
    resetConsumedMessageSize();
    return TFramedTransport::readEnd();
  }

 private:
  static constexpr uint32_t kBufferBytes = 64 * 1024;
};

class BufferedFramesFactory final : public apache::thrift::transport::TTransportFactory {
  std::shared_ptr<apache::thrift::transport::TTransport> getTransport(
      std::shared_ptr<apache::thrift::transport::TTransport> socket) override {
    return std::make_shared<BufferedFrames>(socket);
  }
};

}  // namespace bench
