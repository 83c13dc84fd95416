// What large messages cost, and what they cost others:
//
//   large_messages trip [MiB] [rounds]       a call that echoes so much, against the same bytes written and read
//                                            over a bare socket: GB/s of what goes there and comes back, and the
//                                            time of processors that both sides spend on it
//   large_messages overtake [MiB] [calls]    a call of 50 bytes alone, and while two replies of so much are always under
//                                            way on its connection: p50 and p99
//   large_messages once [MiB]                one such echo, checked
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/on_workers.h"
#include "dialtone/rpc/server.h"
#include "echo/echo.dialtone.h"
#include "raw_echo.h"

namespace bench {
namespace {

constexpr uint64_t kMessageMax = uint64_t{2} << 30;

// Echoes; for a text "large:<bytes>" answers with so many. A handler that makes much of it has left its
// reactor for that.
class LargeEcho final : public echo::Echo::Service {
  dialtone::Task<absl::Status> Echo(dialtone::ServerCall&, const echo::EchoRequest& request,
                                    echo::EchoReply& reply) override {
    constexpr std::string_view kLarge = "large:";
    const std::string_view text = request.text();
    if (text.size() < 100 && text.substr(0, kLarge.size()) != kLarge) {
      reply.set_text(request.text());
      co_return absl::OkStatus();
    }
    auto make = [&] {
      if (text.size() < 100) {
        reply.set_text(std::string(std::strtoull(text.data() + kLarge.size(), nullptr, 10), 'l'));
      } else {
        reply.set_text(request.text());
      }
    };
    const absl::Status made = co_await dialtone::OnWorkers(make);
    co_return made;
  }
};

dialtone::ConnectionLimits Limits() {
  dialtone::ConnectionLimits limits;
  limits.message_bytes_max = kMessageMax;
  limits.bytes_in_flight_max = 2 * kMessageMax;
  return limits;
}

// A process of its own that serves; killed with this object.
class Child {
 public:
  explicit Child(const std::function<void()>& serve) : process_(fork()) {
    if (process_ != 0) return;
    serve();
    _exit(0);
  }
  pid_t process() const { return process_; }
  ~Child() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }

 private:
  const pid_t process_;
};

void ServeDialtone(int port_pipe) {
  dialtone::RuntimeOptions runtime_options;
  runtime_options.bytes_in_flight_max = 4 * kMessageMax;
  dialtone::Runtime runtime(runtime_options);
  dialtone::ServerOptions options;
  options.limits = Limits();
  options.runtime = &runtime;
  dialtone::Server server(options);
  server.Add(std::make_unique<LargeEcho>());
  const uint16_t port = server.Listen("127.0.0.1:0").value().port();
  if (!server.Start().ok() || write(port_pipe, &port, sizeof port) != sizeof port) _exit(1);
  pause();
}

void Move(int from, char* into, size_t bytes) {
  for (size_t done = 0; done < bytes;) {
    const ssize_t n = read(from, into + done, bytes - done);
    if (n <= 0) std::exit(1);
    done += static_cast<size_t>(n);
  }
}

void Send(int to, const char* bytes, size_t count) {
  for (size_t done = 0; done < count;) {
    const ssize_t n = write(to, bytes + done, count - done);
    if (n <= 0) std::exit(1);
    done += static_cast<size_t>(n);
  }
}

// Reads a message, then writes it back, with new memory for each, as a message has.
void ServeRaw(int listener, size_t bytes) {
  const int connection = accept(listener, nullptr, nullptr);
  for (;;) {
    const auto message = std::make_unique_for_overwrite<char[]>(bytes);
    Move(connection, message.get(), bytes);
    Send(connection, message.get(), bytes);
  }
}

// Of all its threads, so far.
int64_t ProcessorNanoseconds(pid_t process) {
  clockid_t clock = 0;
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) std::exit(1);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// What `work` takes of this process and of `other`, in ms.
double ProcessorTime(pid_t other, const std::function<void()>& work) {
  const int64_t begin = ProcessorNanoseconds(0) + ProcessorNanoseconds(other);
  work();
  return static_cast<double>(ProcessorNanoseconds(0) + ProcessorNanoseconds(other) - begin) / 1e6;
}

double Gigabytes(size_t bytes, int64_t nanoseconds) {
  return 2 * static_cast<double>(bytes) / static_cast<double>(nanoseconds);
}

double RawTrip(int connection, const std::string& text) {
  const int64_t begin = NowNanoseconds();
  Send(connection, text.data(), text.size());
  const auto back = std::make_unique_for_overwrite<char[]>(text.size());
  Move(connection, back.get(), text.size());
  return Gigabytes(text.size(), NowNanoseconds() - begin);
}

double CallTrip(echo::Echo::Client& client, const echo::EchoRequest& request) {
  const int64_t begin = NowNanoseconds();
  const auto reply = client.Echo(request, dialtone::Timeout(absl::Minutes(5))).Wait();
  const int64_t took = NowNanoseconds() - begin;
  if (!reply.ok()) {
    std::fprintf(stderr, "%s\n", std::string(reply.status().message()).c_str());
    std::exit(1);
  }
  if (reply->text() != request.text()) std::abort();
  return Gigabytes(request.text().size(), took);
}

int Trip(echo::Echo::Client& client, pid_t server, size_t bytes, int rounds) {
  const RawListener listener = ListenRaw();
  const Child raw([&] { ServeRaw(listener.descriptor, bytes); });
  const int connection = ConnectRaw(listener.port);
  echo::EchoRequest request;
  request.set_text(std::string(bytes, 'x'));
  std::vector<double> rates;
  std::vector<double> times;
  for (int round = 0; round < rounds; ++round) {
    double floor = 0;
    double call = 0;
    const double floor_ms =
        ProcessorTime(raw.process(), [&] { floor = RawTrip(connection, request.text()); });
    const double call_ms = ProcessorTime(server, [&] { call = CallTrip(client, request); });
    rates.push_back(call / floor);
    times.push_back(call_ms / floor_ms);
    std::printf(
        "raw %5.2f GB/s %6.1f ms   call %5.2f GB/s %6.1f ms   %4.2f of it, for %4.2f x the time\n",
        floor, floor_ms, call, call_ms, rates.back(), times.back());
  }
  std::sort(rates.begin(), rates.end());
  std::sort(times.begin(), times.end());
  std::printf("median   %4.2f of the bare socket's rate, for %4.2f times its processors' time\n",
              rates[rates.size() / 2], times[times.size() / 2]);
  return 0;
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

std::vector<int64_t> SmallCalls(echo::Echo::Client& client, int calls) {
  echo::EchoRequest request;
  request.set_text(std::string(50, 'x'));
  std::vector<int64_t> times;
  for (int i = 0; i < calls; ++i) {
    const int64_t begin = NowNanoseconds();
    if (!client.Echo(request).Wait().ok()) std::abort();
    times.push_back(NowNanoseconds() - begin);
  }
  return times;
}

// Keeps two large replies under way until it is told to stop.
class LargeReplies {
 public:
  LargeReplies(echo::Echo::Client& client, size_t bytes) : client_(client) {
    request_.set_text("large:" + std::to_string(bytes));
    for (int i = 0; i < 2; ++i) Next();
  }
  int Stop() {
    stopping_ = true;
    dialtone::Runtime::Default().network().Wait(ended_, dialtone::Instant::Infinite());
    return replies_;
  }

 private:
  void Next() {
    client_.Echo(request_, dialtone::Timeout(absl::Minutes(5)))
        .Then([this](absl::StatusOr<echo::EchoReply> reply) {
          if (!reply.ok()) std::abort();
          ++replies_;
          if (!stopping_) return Next();
          if (--left_ == 0) ended_.Set();
        });
  }

  echo::Echo::Client& client_;
  echo::EchoRequest request_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> replies_{0};
  std::atomic<int> left_{2};
  dialtone::Event ended_;
};

int Overtake(echo::Echo::Client& client, size_t bytes, int calls) {
  SmallCalls(client, 1000);
  PrintLatency("alone", SmallCalls(client, calls));
  LargeReplies replies(client, bytes);
  const int64_t begin = NowNanoseconds();
  std::vector<int64_t> times = SmallCalls(client, calls);
  const double seconds = static_cast<double>(NowNanoseconds() - begin) / 1e9;
  const int large = replies.Stop();
  PrintLatency("while large replies pass", std::move(times));
  std::printf("%d large replies, %.2f GB/s\n", large,
              static_cast<double>(bytes) * large / seconds / 1e9);
  return 0;
}

int Once(echo::Echo::Client& client, size_t bytes) {
  echo::EchoRequest request;
  request.set_text(std::string(bytes, 'x'));
  std::printf("%.2f GB/s\n", CallTrip(client, request));
  return 0;
}

int Main(const std::string& what, int first, int second) {
  int ports[2];
  if (pipe(ports) != 0) return 1;
  const Child server([&] { ServeDialtone(ports[1]); });
  uint16_t port = 0;
  if (read(ports[0], &port, sizeof port) != sizeof port) return 1;
  dialtone::RuntimeOptions runtime_options;
  runtime_options.bytes_in_flight_max = 4 * kMessageMax;
  dialtone::Runtime runtime(runtime_options);
  dialtone::ChannelOptions options;
  options.limits = Limits();
  options.runtime = &runtime;
  dialtone::Channel channel("127.0.0.1:" + std::to_string(port), options);
  echo::Echo::Client client(channel);
  if (what == "trip")
    return Trip(client, server.process(), (first > 0 ? first : 64) * size_t{1024 * 1024},
                second > 0 ? second : 7);
  if (what == "overtake") {
    return Overtake(client, (first > 0 ? first : 50) * size_t{1024 * 1024},
                    second > 0 ? second : 5000);
  }
  if (what == "once") return Once(client, (first > 0 ? first : 64) * size_t{1024 * 1024});
  std::fprintf(stderr, "large_messages trip|overtake|once [MiB] [rounds or calls]\n");
  return 2;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  return bench::Main(argc > 1 ? argv[1] : "", argc > 2 ? std::atoi(argv[2]) : 0,
                     argc > 3 ? std::atoi(argv[3]) : 0);
}
