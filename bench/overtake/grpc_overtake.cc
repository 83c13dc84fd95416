// What dialtone_client's mode overtake asks of Dialtone, asked of gRPC: small blocking calls while two large
// replies are always under way on their connection. Its server is a process that it starts itself.
//
//   grpc_overtake [--mebibytes 50] [--payload-bytes 50] [--seconds 1] [--warmup 0.2]
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "dialtone/load/window.h"
#include "echo/echo.grpc.pb.h"
#include "program.h"

namespace bench {
namespace {

using dialtone::load::NowNanoseconds;
using dialtone::load::Recorder;
using dialtone::load::Window;

constexpr int kUnlimited = -1;

class LargeEcho final : public echo::Echo::Service {
  grpc::Status Echo(grpc::ServerContext*, const echo::EchoRequest* request,
                    echo::EchoReply* reply) override {
    const size_t bytes = LargeBytes(request->text());
    reply->set_id(request->id());
    reply->set_text(bytes != 0 ? std::string(bytes, 'l') : request->text());
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

class Client {
 public:
  explicit Client(int port) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kUnlimited);
    stub_ = echo::Echo::NewStub(grpc::CreateCustomChannel(
        "127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials(), arguments));
  }

  echo::EchoReply Ask(const echo::EchoRequest& request) {
    grpc::ClientContext context;
    echo::EchoReply reply;
    const grpc::Status status = stub_->Echo(&context, request, &reply);
    if (!status.ok()) Fail(status.error_message());
    return reply;
  }

 private:
  std::unique_ptr<echo::Echo::Stub> stub_;
};

// Keeps two large replies under way until it is told to stop.
class LargeReplies {
 public:
  LargeReplies(Client& client, size_t bytes)
      : client_(client), bytes_(bytes), first_([this] { Run(); }), second_([this] { Run(); }) {}

  int Stop() {
    stopping_ = true;
    first_.join();
    second_.join();
    return replies_;
  }

 private:
  void Run() {
    echo::EchoRequest request;
    request.set_text(AskForLarge(bytes_));
    while (!stopping_) {
      if (client_.Ask(request).text().size() != bytes_) Fail("a wrong reply");
      ++replies_;
    }
  }

  Client& client_;
  const size_t bytes_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> replies_{0};
  std::thread first_;
  std::thread second_;
};

void Overtake(Client& client, const std::string& text, size_t large_bytes, double warmup,
              double seconds) {
  echo::EchoRequest request;
  request.set_text(text);
  LargeReplies replies(client, large_bytes);
  const int64_t large_began = NowNanoseconds();
  Window window(warmup, seconds);
  Recorder recorder(window);
  int64_t began = NowNanoseconds();
  for (bool go_on = true; go_on;) {
    const bool right = IsEcho(text, client.Ask(request).text(), 0);
    const int64_t now = NowNanoseconds();
    go_on = right ? recorder.OnReply(began, now) : recorder.OnError("WRONG_REPLY", now);
    began = now;
  }
  const dialtone::load::Result result = window.Finish({&recorder});
  const double took = static_cast<double>(NowNanoseconds() - large_began) / 1e9;
  SayLargeReplies(replies.Stop(), large_bytes, took);
  SayResult(result);
}

int Main(CommandLine& line) {
  const auto large_bytes = static_cast<size_t>(line.Number("mebibytes", 50)) << 20;
  const std::string text = Payload(static_cast<size_t>(line.Number("payload-bytes", 50)));
  const double warmup = line.Real("warmup", 0.2);
  const double seconds = line.Real("seconds", 1);
  line.Finish();
  int ports[2];
  if (pipe(ports) != 0) Fail("no pipe");
  // Before any thread of gRPC's is there.
  const pid_t server = fork();
  if (server == 0) Serve(ports[1]);
  int port = 0;
  if (read(ports[0], &port, sizeof port) != sizeof port) Fail("there is no server");
  Client client(port);
  Overtake(client, text, large_bytes, warmup, seconds);
  kill(server, SIGKILL);
  waitpid(server, nullptr, 0);
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::CommandLine line(argc, argv);
  return bench::Main(line);
}
