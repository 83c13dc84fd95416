// What a call costs as ratios to the socket under it, all on one processor, rounds interleaved:
//
//   latency      a blocking call against a raw blocking ping-pong of as many bytes: p50
//   throughput   64 calls in flight on one connection against the same over raw epoll and Protobuf
//
//   call_ratios [rounds] [calls a round]
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/server.h"
#include "echo/echo.dialtone.h"
#include "raw_echo.h"

namespace bench {
namespace {

constexpr int kInFlight = 64;

void PinTo(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) std::perror("sched_setaffinity");
}

class PlainEcho final : public echo::Echo::PlainService {
  absl::Status Echo(dialtone::ServerCall&, const echo::EchoRequest& request,
                    echo::EchoReply& reply) override {
    reply.set_id(request.id());
    reply.set_text(request.text());
    return absl::OkStatus();
  }
};

class CoroutineEcho final : public echo::Echo::Service {
  dialtone::Task<absl::Status> Echo(dialtone::ServerCall&, const echo::EchoRequest& request,
                                    echo::EchoReply& reply) override {
    reply.set_id(request.id());
    reply.set_text(request.text());
    co_return absl::OkStatus();
  }
};

// A server in a process of its own, killed with this object.
class Child {
 public:
  explicit Child(const std::function<void()>& serve) : process_(fork()) {
    if (process_ != 0) return;
    serve();
    _exit(0);
  }
  ~Child() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }

 private:
  const pid_t process_;
};

template <class Service>
uint16_t StartDialtone(std::unique_ptr<Child>& child) {
  int ports[2];
  if (pipe(ports) != 0) std::exit(1);
  child = std::make_unique<Child>([&] {
    dialtone::Server server;
    server.Add(std::make_unique<Service>());
    const uint16_t port = server.Listen("127.0.0.1:0").value().port();
    if (!server.Start().ok() || write(ports[1], &port, sizeof port) != sizeof port) _exit(1);
    pause();
  });
  uint16_t port = 0;
  if (read(ports[0], &port, sizeof port) != sizeof port) std::exit(1);
  close(ports[0]);
  close(ports[1]);
  return port;
}

echo::EchoRequest Request() {
  echo::EchoRequest request;
  request.set_id(1);
  request.set_text(std::string(32, 'x'));
  return request;
}

std::vector<int64_t> BlockingCalls(echo::Echo::Client& client, int calls) {
  std::vector<int64_t> times;
  times.reserve(static_cast<size_t>(calls));
  const echo::EchoRequest request = Request();
  for (int i = 0; i < calls; ++i) {
    const int64_t begin = NowNanoseconds();
    const absl::StatusOr<echo::EchoReply> reply = client.Echo(request).Wait();
    times.push_back(NowNanoseconds() - begin);
    if (!reply.ok() || reply->text() != request.text()) std::abort();
  }
  return times;
}

// Chains of callbacks: each starts the next call of its chain.
class Pipeline {
 public:
  Pipeline(echo::Echo::Client& client, int calls)
      : client_(client), left_to_start_(calls), left_to_end_(calls) {}

  int64_t Run() {
    const int64_t begin = NowNanoseconds();
    for (int i = 0; i < kInFlight; ++i) StartOne();
    dialtone::Runtime::Default().network().Wait(done_, dialtone::Instant::Infinite());
    return NowNanoseconds() - begin;
  }

 private:
  void StartOne() {
    if (left_to_start_.fetch_sub(1) <= 0) return;
    client_.Echo(request_).Then([this](absl::StatusOr<echo::EchoReply> reply) {
      if (!reply.ok() || reply->text() != request_.text()) std::abort();
      StartOne();
      if (left_to_end_.fetch_sub(1) == 1) done_.Set();
    });
  }

  echo::Echo::Client& client_;
  const echo::EchoRequest request_ = Request();
  std::atomic<int> left_to_start_;
  std::atomic<int> left_to_end_;
  dialtone::Event done_;
};

double Percentile(std::vector<int64_t>& times, double which) {
  std::sort(times.begin(), times.end());
  return static_cast<double>(
             times[static_cast<size_t>(which * static_cast<double>(times.size() - 1))]) /
         1e3;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int Main(int rounds, int calls) {
  PinTo(0);
  const RawListener ping_pong = ListenRaw();
  const RawListener epoll_echo = ListenRaw();
  Child ping_pong_server([&] { ServePingPong(ping_pong.descriptor); });
  Child epoll_echo_server([&] { ServeEpollEcho(epoll_echo.descriptor); });
  std::unique_ptr<Child> plain_server;
  std::unique_ptr<Child> coroutine_server;
  const uint16_t plain_port = StartDialtone<PlainEcho>(plain_server);
  const uint16_t coroutine_port = StartDialtone<CoroutineEcho>(coroutine_server);

  const int raw_ping = ConnectRaw(ping_pong.port);
  const int raw_echo = ConnectRaw(epoll_echo.port);
  dialtone::Channel plain_channel("127.0.0.1:" + std::to_string(plain_port));
  dialtone::Channel coroutine_channel("127.0.0.1:" + std::to_string(coroutine_port));
  echo::Echo::Client plain(plain_channel);
  echo::Echo::Client coroutine(coroutine_channel);

  std::vector<double> latency_ratios;
  std::vector<double> p99_ratios;
  std::vector<double> plain_ratios;
  std::vector<double> coroutine_ratios;
  std::printf("%8s %8s %7s %7s   %9s %9s %9s %7s %7s\n", "raw p50", "call p50", "p50/raw",
              "p99/raw", "floor k/s", "plain k/s", "corout.", "plain/", "corout./");
  for (int round = 0; round < rounds; ++round) {
    std::vector<int64_t> raw = PingPong(raw_ping, calls / 10);
    std::vector<int64_t> blocking = BlockingCalls(plain, calls / 10);
    const double floor = calls * 1e6 / static_cast<double>(EpollEcho(raw_echo, calls, kInFlight));
    const double plain_rate = calls * 1e6 / static_cast<double>(Pipeline(plain, calls).Run());
    const double coroutine_rate =
        calls * 1e6 / static_cast<double>(Pipeline(coroutine, calls).Run());
    latency_ratios.push_back(Percentile(blocking, 0.5) / Percentile(raw, 0.5));
    p99_ratios.push_back(Percentile(blocking, 0.99) / Percentile(raw, 0.99));
    plain_ratios.push_back(plain_rate / floor);
    coroutine_ratios.push_back(coroutine_rate / floor);
    std::printf("%8.1f %8.1f %7.2f %7.2f   %9.0f %9.0f %9.0f %7.2f %7.2f\n", Percentile(raw, 0.5),
                Percentile(blocking, 0.5), latency_ratios.back(), p99_ratios.back(), floor,
                plain_rate, coroutine_rate, plain_ratios.back(), coroutine_ratios.back());
  }
  std::printf(
      "median   latency p50 %.2f x raw, p99 %.2f x raw; throughput at %d in flight: plain %.2f, "
      "coroutine %.2f "
      "of the floor\n",
      Median(latency_ratios), Median(p99_ratios), kInFlight, Median(plain_ratios),
      Median(coroutine_ratios));
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 7;
  const int calls = argc > 2 ? std::atoi(argv[2]) : 100'000;
  return bench::Main(rounds, calls);
}
