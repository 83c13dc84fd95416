// floor_pingpong_server: sends back so many bytes as soon as they have come: a blocking thread for each
// connection.
//
//   floor_pingpong_server [--port 0] [--bytes 60]
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <thread>

#include "pingpong.h"
#include "program.h"
#include "raw_socket.h"

namespace bench {
namespace {

void Serve(int connection, size_t bytes) {
  std::unique_ptr<char[]> message;
  do {
    if (message == nullptr || bytes >= kFreshBytes) message = FreshBytes(bytes);
    if (!ReadAll(connection, message.get(), bytes)) break;
  } while (WriteAll(connection, message.get(), bytes));
  close(connection);
}

int Main(CommandLine& line) {
  auto port = static_cast<uint16_t>(line.Number("port", 0));
  const auto bytes = static_cast<size_t>(line.Number("bytes", kPingBytes));
  line.Finish();
  const int listener = ListenRaw(port);
  std::thread([listener, bytes] {
    for (;;) std::thread(Serve, AcceptRaw(listener), bytes).detach();
  }).detach();
  SayPort(port);
  WaitForSigterm();
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::HoldSigterm();
  bench::CommandLine line(argc, argv);
  // Its threads are never joined: they end with the process.
  _exit(bench::Main(line));
}
