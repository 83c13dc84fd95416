// floor_pingpong_client: so many bytes there and back, one after the other, with blocking calls of the
// system: the floor of one call in flight, and of a large message that is written and read.
//
//   floor_pingpong_client --address 127.0.0.1:N [--bytes 60] [--seconds 1] …
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "dialtone/load/window.h"
#include "pingpong.h"
#include "program.h"
#include "raw_socket.h"

namespace bench {
namespace {

using dialtone::load::NowNanoseconds;
using dialtone::load::Recorder;
using dialtone::load::Window;

// There and back.
void Trip(int connection, const char* out, size_t bytes, std::unique_ptr<char[]>& in) {
  if (in == nullptr || bytes >= kFreshBytes) in = FreshBytes(bytes);
  Must(WriteAll(connection, out, bytes), "send");
  Must(ReadAll(connection, in.get(), bytes), "recv");
}

int Main(CommandLine& line) {
  const LoadFlags flags = TakeLoadFlags(line);
  const auto bytes = static_cast<size_t>(line.Number("bytes", kPingBytes));
  line.Finish();
  if (flags.mode != "calls" && flags.mode != "blocking") NoSuchMode(flags);
  const int connection = ConnectRaw(flags.port);
  std::string out = Payload(bytes);
  std::unique_ptr<char[]> in;
  int64_t id = 0;

  Window window(flags.warmup, flags.seconds, flags.servers);
  Recorder recorder(window);
  int64_t began = NowNanoseconds();
  for (bool go_on = true; go_on;) {
    std::memcpy(out.data(), &++id, sizeof id);
    Trip(connection, out.data(), bytes, in);
    const int64_t now = NowNanoseconds();
    const bool right = IsEcho(out, {in.get(), bytes}, id);
    go_on = right ? recorder.OnReply(began, now) : recorder.OnError("WRONG_REPLY", now);
    began = now;
  }
  SayResult(window.Finish({&recorder}));
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::CommandLine line(argc, argv);
  return bench::Main(line);
}
