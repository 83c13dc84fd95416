// A server in a process of its own: this test's program, started once more to serve.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "dialtone/rpc/sleep.h"
#include "dialtone/transport/check.h"
#include "test_service.h"

namespace dialtone {

// Answers "hello ..."; sleeps a minute first when it is asked to "sleep", half a second for "nap".
inline Task<absl::Status> Sleeper(ServerCall&, const Text& request, Text& reply) {
  const absl::Duration time = request.value() == "sleep" ? absl::Minutes(1)
                              : request.value() == "nap" ? absl::Milliseconds(500)
                                                         : absl::ZeroDuration();
  if (time > absl::ZeroDuration()) {
    const absl::Status slept = co_await Sleep(time);
    if (!slept.ok()) co_return slept;
  }
  reply.set_value("hello " + request.value());
  co_return absl::OkStatus();
}

// Blocks its thread for a minute when it is asked to "block".
inline absl::Status Blocker(ServerCall&, const Text& request, Text& reply) {
  // tidy-allow sleep: a handler that blocks is what is tested.
  if (request.value() == "block") std::this_thread::sleep_for(std::chrono::minutes(1));
  reply.set_value("hello " + request.value());
  return absl::OkStatus();
}

inline constexpr int kHandlersNotRestored = 77;

// What main() of such a test runs in the second process: argv is {program, "--serve", address,
// milliseconds to drain}.
inline int ServeInThisProcess(char** argv) {
  ServerOptions options;
  options.drain_timeout = absl::Milliseconds(std::atoi(argv[3]));
  int code = 0;
  {
    Server server(options);
    server.Add(std::make_unique<CoroutineService>(Sleeper));
    ServiceOptions on_workers;
    on_workers.run_on_workers = true;
    server.Add(std::make_unique<PlainService>(Blocker), on_workers);
    code = server.Run(argv[2]);
  }
  struct sigaction now{};
  sigaction(SIGTERM, nullptr, &now);
  if (now.sa_handler != SIG_DFL) code = kHandlersNotRestored;
  // Threads of the default runtime may still run handlers that block.
  _exit(code);
}

inline int MainOfServerProcessTest(int argc, char** argv) {
  if (argc == 4 && std::string(argv[1]) == "--serve") return ServeInThisProcess(argv);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

class ServerProcess {
 public:
  explicit ServerProcess(const std::string& address = "127.0.0.1:0",
                         const std::string& drain_milliseconds = "60000") {
    int ends[2];
    DIALTONE_CHECK(pipe(ends) == 0, "no pipe");
    process_ = fork();
    if (process_ == 0) {
      dup2(ends[1], STDERR_FILENO);
      close(ends[0]);
      close(ends[1]);
      execl("/proc/self/exe", "server", "--serve", address.c_str(), drain_milliseconds.c_str(),
            nullptr);
      _exit(127);
    }
    close(ends[1]);
    log_end_ = ends[0];
  }
  ~ServerProcess() {
    if (process_ > 0) {
      kill(process_, SIGKILL);
      Exit();
    }
    close(log_end_);
  }

  // Reads the log until it shows `text`; false at its end.
  bool AwaitLog(const std::string& text) {
    char buffer[4096];
    while (log_.find(text) == std::string::npos) {
      const ssize_t count = read(log_end_, buffer, sizeof buffer);
      if (count <= 0) return false;
      log_.append(buffer, static_cast<size_t>(count));
    }
    return true;
  }
  // Where it listens.
  std::string target() {
    const std::string mark = "listening on ";
    EXPECT_TRUE(AwaitLog(mark) && AwaitLog("\n")) << log_;
    const size_t begin = log_.find(mark) + mark.size();
    return log_.substr(begin, log_.find_first_of("\r\n ", begin) - begin);
  }
  const std::string& log() const { return log_; }
  void Signal(int signal) const { kill(process_, signal); }
  // Waits for its end; the exit code.
  int Exit() {
    int status = -1;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    AwaitLog("no such text: reads to the end");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t process_ = -1;
  int log_end_ = -1;
  std::string log_;
};

}  // namespace dialtone
