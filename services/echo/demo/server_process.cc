#include "server_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "story.h"

namespace echo {
namespace {

constexpr std::string_view kListening = "listening on ";
constexpr size_t kOutputBytesMax = 64 * 1024;
constexpr size_t kLogBytesMax = 64 * 1024;

absl::Status SystemError(const char* what) {
  return absl::InternalError(absl::StrCat(what, ": ", std::strerror(errno)));
}

// In the child; does not return.
void BecomeServer(const std::vector<std::string>& command, int output, int log) {
  // Whatever ends this demonstration ends its server, too.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  if (dup2(output, STDOUT_FILENO) >= 0 && dup2(log, STDERR_FILENO) >= 0)
    execv(arguments[0], arguments.data());
  _exit(127);
}

// Adds what there is to `text`. False when nothing came within `timeout`, and at the end, where
// `ended` is set.
bool ReadSome(int descriptor, absl::Duration timeout, std::string& text, bool& ended) {
  pollfd poll_entry{descriptor, POLLIN, 0};
  const auto milliseconds = std::clamp<int64_t>(absl::ToInt64Milliseconds(timeout), 0, 60'000);
  if (poll(&poll_entry, 1, static_cast<int>(milliseconds)) <= 0) return false;
  char buffer[4096];
  const ssize_t bytes = read(descriptor, buffer, sizeof buffer);
  if (bytes <= 0) {
    ended = true;
    return false;
  }
  text.append(buffer, static_cast<size_t>(bytes));
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(
    const std::vector<std::string>& command, absl::Duration timeout) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError("pipe");
  const int log = memfd_create("echo_server's log", MFD_CLOEXEC);
  const pid_t pid = log < 0 ? -1 : fork();
  if (pid == 0) BecomeServer(command, ends[1], log);
  close(ends[1]);
  if (pid < 0) {
    absl::Status failed = SystemError(log < 0 ? "memfd_create" : "fork");
    close(ends[0]);
    if (log >= 0) close(log);
    return failed;
  }
  auto server = std::unique_ptr<ServerProcess>(new ServerProcess(pid, ends[0], log));
  absl::Status listens = server->ReadAddress(timeout);
  if (!listens.ok()) return listens;
  return server;
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) {
    Signal(SIGKILL);
    Reap();
  }
  close(output_);
  close(log_);
}

absl::Status ServerProcess::ReadAddress(absl::Duration timeout) {
  const Stopwatch watch;
  std::string text;
  bool ended = false;
  while (!ended && text.size() < kOutputBytesMax && watch.Elapsed() < timeout) {
    ReadSome(output_, timeout - watch.Elapsed(), text, ended);
    const size_t end = text.find('\n');
    if (end == std::string::npos) continue;
    if (text.compare(0, kListening.size(), kListening) != 0) break;
    address_ = text.substr(kListening.size(), end - kListening.size());
    return absl::OkStatus();
  }
  return absl::UnavailableError(absl::StrCat("start server: within ", absl::FormatDuration(timeout),
                                             " it did not say where it listens; its output: \"",
                                             text, "\", its log: \"", ReadLog(), "\""));
}

std::string ServerProcess::ReadLog() const {
  std::string text(kLogBytesMax, '\0');
  const ssize_t bytes = pread(log_, text.data(), text.size(), 0);
  text.resize(bytes < 0 ? 0 : static_cast<size_t>(bytes));
  return text;
}

void ServerProcess::Signal(int signal) {
  if (pid_ > 0) kill(pid_, signal);
}

absl::StatusOr<int> ServerProcess::WaitForExit(absl::Duration timeout) {
  const Stopwatch watch;
  std::string text;
  bool ended = false;
  // Its stdout ends with the process, which can be waited for with a bound.
  while (!ended && watch.Elapsed() < timeout) {
    text.clear();
    ReadSome(output_, timeout - watch.Elapsed(), text, ended);
  }
  if (!ended) {
    return absl::DeadlineExceededError(absl::StrCat(
        "wait for process ", pid_, ": it still ran after ", absl::FormatDuration(timeout)));
  }
  return Reap();
}

int ServerProcess::Reap() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace echo
