// A server in a process of its own, whose memory, descriptors and time a test can look at and bound:
// this test's program, started once more to serve.
//
//   int main(int argc, char** argv) { return dialtone::faults::MainOfFaultTest(argc, argv); }
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "absl/time/time.h"
#include "dialtone/transport/address.h"

namespace dialtone::faults {

// Of the server in the other process; what is not said is as everywhere.
struct FaultServerOptions {
  FaultServerOptions() = default;

  std::string address = "127.0.0.1:0";
  absl::Duration handshake_timeout = absl::Seconds(10);
  int reactors = 1;
  int descriptors_max = 0;  // RLIMIT_NOFILE; 0: as the test's own
  absl::Duration idle_timeout = absl::Minutes(10);
  absl::Duration write_stall_timeout = absl::Seconds(20);
  int connections_per_peer_max = kConnectionsMax;
  // Whatever memory the machine has.
  static constexpr int kConnectionsMax = 20'000;
};

// Answers the texts of /test.Service/Coroutine with themselves; "big" with 100,000 bytes.
// Killed at the end if it still runs.
class FaultServer {
 public:
  explicit FaultServer(const FaultServerOptions& options = FaultServerOptions());
  ~FaultServer();
  FaultServer(const FaultServer&) = delete;
  FaultServer& operator=(const FaultServer&) = delete;

  // Requires that it listens: false in started() means that it ended before that.
  bool started() const { return started_; }
  const Address& address() const { return address_; }
  void Terminate() const;
  void Kill() const;
  // Waits for its end; the exit code, or the signal's number below zero.
  int Exit();
  // What it has said on stderr so far.
  const std::string& Log();

  size_t ResidentBytes() const;
  absl::Duration ProcessorTime() const;
  size_t Descriptors() const;

 private:
  pid_t process_ = -1;
  int log_end_ = -1;
  bool started_ = false;
  Address address_;
  std::string log_;
};

int MainOfFaultTest(int argc, char** argv);

}  // namespace dialtone::faults
