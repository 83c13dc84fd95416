#include "fault_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/check.h"
#include "test_service.h"

namespace dialtone::faults {
namespace {

constexpr char kServe[] = "--serve-for-faults";
constexpr size_t kBigReplyBytes = 100'000;
constexpr char kListening[] = "listening on ";

Task<absl::Status> AnswerText(ServerCall&, const Text& request, Text& reply) {
  reply.set_value(request.value() == "big" ? std::string(kBigReplyBytes, 'b') : request.value());
  co_return absl::OkStatus();
}

// What the server's process is told, in this order behind its address.
enum Argument : int {
  kHandshakeMs,
  kIdleMs,
  kStallMs,
  kReactors,
  kDescriptors,
  kPerPeer,
  kArgumentCount,
};
constexpr int kFirstArgument = 3;  // behind program, kServe and address

int Serve(char** argv) {
  const auto number = [argv](Argument which) { return std::atoi(argv[kFirstArgument + which]); };
  const auto duration = [&](Argument which) { return absl::Milliseconds(number(which)); };
  if (const int most = number(kDescriptors); most != 0) {
    const rlimit limit{static_cast<rlim_t>(most), static_cast<rlim_t>(most)};
    DIALTONE_CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0, "RLIMIT_NOFILE");
  }
  RuntimeOptions runtime_options;
  runtime_options.reactors = number(kReactors);
  Runtime runtime(runtime_options);
  ServerOptions options;
  options.runtime = &runtime;
  options.handshake_timeout = duration(kHandshakeMs);
  options.limits.idle_timeout = duration(kIdleMs);
  options.limits.write_stall_timeout = duration(kStallMs);
  options.connections_max = FaultServerOptions::kConnectionsMax;
  options.connections_per_peer_max = static_cast<uint32_t>(number(kPerPeer));
  Server server(options);
  server.Add(std::make_unique<CoroutineService>(AnswerText));
  return server.Run(argv[2]);
}

std::vector<std::string> ArgumentsFor(const FaultServerOptions& options) {
  std::vector<std::string> arguments = {"server", kServe, options.address};
  const int64_t numbers[kArgumentCount] = {absl::ToInt64Milliseconds(options.handshake_timeout),
                                           absl::ToInt64Milliseconds(options.idle_timeout),
                                           absl::ToInt64Milliseconds(options.write_stall_timeout),
                                           options.reactors,
                                           options.descriptors_max,
                                           options.connections_per_peer_max};
  for (const int64_t value : numbers) arguments.push_back(absl::StrCat(value));
  return arguments;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

FaultServer::FaultServer(const FaultServerOptions& options) {
  int ends[2];
  DIALTONE_CHECK(pipe2(ends, O_CLOEXEC) == 0, "no pipe");
  std::vector<std::string> arguments = ArgumentsFor(options);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  process_ = fork();
  DIALTONE_CHECK(process_ >= 0, "no process");
  if (process_ == 0) {
    dup2(ends[1], STDERR_FILENO);
    execv("/proc/self/exe", argv.data());
    _exit(127);
  }
  close(ends[1]);
  log_end_ = ends[0];
  while (log_.find(kListening) == std::string::npos ||
         log_.find('\n', log_.find(kListening)) == std::string::npos) {
    char bytes[4096];
    const ssize_t count = read(log_end_, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;  // it has ended
    log_.append(bytes, static_cast<size_t>(count));
  }
  fcntl(log_end_, F_SETFL, O_NONBLOCK);
  const size_t begin = log_.find(kListening) + sizeof(kListening) - 1;
  const std::string where = log_.substr(begin, log_.find_first_of("\r\n ", begin) - begin);
  auto address = Address::Parse(where);
  DIALTONE_CHECK(address.ok(), "no address in the log");
  address_ = *address;
  started_ = true;
}

FaultServer::~FaultServer() {
  if (process_ > 0) {
    Kill();
    Exit();
  }
  close(log_end_);
}

void FaultServer::Terminate() const { kill(process_, SIGTERM); }
void FaultServer::Kill() const { kill(process_, SIGKILL); }

int FaultServer::Exit() {
  int status = -1;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

const std::string& FaultServer::Log() {
  char bytes[4096];
  ssize_t count = 0;
  while ((count = read(log_end_, bytes, sizeof bytes)) > 0) {
    log_.append(bytes, static_cast<size_t>(count));
  }
  return log_;
}

size_t FaultServer::ResidentBytes() const {
  const std::string text = ReadFile(absl::StrCat("/proc/", process_, "/status"));
  const size_t at = text.find("VmRSS:");
  DIALTONE_CHECK(at != std::string::npos, "no VmRSS: the server has ended");
  return std::strtoull(text.c_str() + at + 6, nullptr, 10) * 1024;
}

absl::Duration FaultServer::ProcessorTime() const {
  const std::string text = ReadFile(absl::StrCat("/proc/", process_, "/stat"));
  // Behind the name, which is in parentheses, fields 3 and on: utime is the 14th, stime the 15th.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  int64_t user = 0;
  int64_t system = 0;
  fields >> user >> system;
  return absl::Seconds(user + system) / static_cast<int64_t>(sysconf(_SC_CLK_TCK));
}

size_t FaultServer::Descriptors() const {
  size_t count = 0;
  const std::string folder = absl::StrCat("/proc/", process_, "/fd");
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}

int MainOfFaultTest(int argc, char** argv) {
  if (argc == kFirstArgument + kArgumentCount && std::string(argv[1]) == kServe) return Serve(argv);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

}  // namespace dialtone::faults
