// A server as a process of its own: started, found by the line "listening on ADDRESS" that it
// prints, told to leave.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace echo {

// Used by one thread. Destroying it kills a process that still runs.
class ServerProcess {
 public:
  // `command` is the path of the program and its arguments. Returns when the server listens;
  // DEADLINE_EXCEEDED or UNAVAILABLE if it does not, with what it wrote to stderr. To be called
  // while the program has one thread.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(
      const std::vector<std::string>& command, absl::Duration timeout);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Where it listens, as it says.
  const std::string& address() const { return address_; }
  pid_t pid() const { return pid_; }
  // What it wrote to stderr so far.
  std::string ReadLog() const;

  void Signal(int signal);
  // Its exit code, or 128 and the number of the signal that ended it; DEADLINE_EXCEEDED if it still
  // runs.
  absl::StatusOr<int> WaitForExit(absl::Duration timeout);

 private:
  ServerProcess(pid_t pid, int output, int log) : pid_(pid), output_(output), log_(log) {}
  absl::Status ReadAddress(absl::Duration timeout);
  int Reap();

  pid_t pid_;         // -1 once it has been waited for
  const int output_;  // our end of its stdout; reaches its end when the process has
  const int log_;     // its stderr: a file without a name
  std::string address_;
};

}  // namespace echo
