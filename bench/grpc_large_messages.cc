// What large_messages.cc's "overtake" asks of Dialtone, asked of gRPC: a call of 50 bytes alone, and while
// two replies of so much are always under way on its connection.
//
//   grpc_large_messages [MiB] [calls]
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "echo/echo.grpc.pb.h"
#include "raw_echo.h"

namespace bench {
namespace {

constexpr int kUnlimited = -1;

// As large_messages.cc's.
class LargeEcho final : public echo::Echo::Service {
  grpc::Status Echo(grpc::ServerContext*, const echo::EchoRequest* request,
                    echo::EchoReply* reply) override {
    const std::string& text = request->text();
    if (text.rfind("large:", 0) == 0 && text.size() < 40) {
      reply->set_text(std::string(std::strtoull(text.c_str() + 6, nullptr, 10), 'l'));
    } else {
      reply->set_text(text);
    }
    return grpc::Status::OK;
  }
};

[[noreturn]] void Serve(int port_pipe) {
  LargeEcho service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.SetMaxReceiveMessageSize(kUnlimited);
  builder.SetMaxSendMessageSize(kUnlimited);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || write(port_pipe, &port, sizeof port) != sizeof port) _exit(1);
  for (;;) pause();
}

echo::EchoReply Ask(echo::Echo::Stub& stub, const echo::EchoRequest& request) {
  grpc::ClientContext context;
  echo::EchoReply reply;
  const grpc::Status status = stub.Echo(&context, request, &reply);
  if (status.ok()) return reply;
  std::fprintf(stderr, "%s\n", status.error_message().c_str());
  std::exit(1);
}

std::vector<int64_t> SmallCalls(echo::Echo::Stub& stub, int calls) {
  echo::EchoRequest request;
  request.set_text(std::string(50, 'x'));
  std::vector<int64_t> times;
  for (int i = 0; i < calls; ++i) {
    const int64_t begin = NowNanoseconds();
    Ask(stub, request);
    times.push_back(NowNanoseconds() - begin);
  }
  return times;
}

void PrintLatency(const char* name, std::vector<int64_t> times) {
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    return static_cast<double>(
               times[static_cast<size_t>(share * static_cast<double>(times.size() - 1))]) /
           1e3;
  };
  std::printf("%-28s p50 %8.0f us   p99 %8.0f us   max %8.0f us\n", name, at(0.5), at(0.99), at(1));
}

void Overtake(echo::Echo::Stub& stub, size_t bytes, int calls) {
  SmallCalls(stub, 1000);
  PrintLatency("alone", SmallCalls(stub, calls));
  std::atomic<bool> stopping{false};
  std::atomic<int> replies{0};
  const auto replies_of_large = [&] {
    echo::EchoRequest request;
    request.set_text("large:" + std::to_string(bytes));
    while (!stopping) {
      if (Ask(stub, request).text().size() != bytes) std::abort();
      ++replies;
    }
  };
  const int64_t begin = NowNanoseconds();
  std::thread first(replies_of_large);
  std::thread second(replies_of_large);
  std::vector<int64_t> times = SmallCalls(stub, calls);
  const double seconds = static_cast<double>(NowNanoseconds() - begin) / 1e9;
  stopping = true;
  first.join();
  second.join();
  PrintLatency("while large replies pass", std::move(times));
  std::printf("%d large replies, %.2f GB/s\n", replies.load(),
              static_cast<double>(bytes) * replies / seconds / 1e9);
}

int Main(size_t bytes, int calls) {
  int ports[2];
  if (pipe(ports) != 0) return 1;
  // Before any thread of gRPC's is there.
  const pid_t server = fork();
  if (server == 0) Serve(ports[1]);
  int port = 0;
  if (read(ports[0], &port, sizeof port) != sizeof port) return 1;
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kUnlimited);
  const auto stub = echo::Echo::NewStub(grpc::CreateCustomChannel(
      "127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials(), arguments));
  Overtake(*stub, bytes, calls);
  kill(server, SIGKILL);
  waitpid(server, nullptr, 0);
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  const int mebibytes = argc > 1 ? std::atoi(argv[1]) : 50;
  return bench::Main(static_cast<size_t>(mebibytes) << 20, argc > 2 ? std::atoi(argv[2]) : 5000);
}
