// A real name server for tests: Debian's dnsmasq on a port of 127.0.0.1, whose answers a test changes
// while it runs.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace dialtone {

// Serves names under "test" from a hosts file of its own, with a fixed time to live.
class Dnsmasq {
 public:
  explicit Dnsmasq(const std::string& hosts, int ttl_seconds = 1) {
    char folder[] = "/tmp/dnsmasq-XXXXXX";
    EXPECT_NE(mkdtemp(folder), nullptr);
    chmod(folder, 0755);  // it may drop its privileges
    folder_ = folder;
    Write(hosts);
    arguments_ = {"/usr/sbin/dnsmasq",
                  "--keep-in-foreground",
                  "--conf-file=/dev/null",
                  "--no-resolv",
                  "--no-hosts",
                  "--no-negcache",
                  "--pid-file=",
                  "--local=/test/",
                  "--listen-address=127.0.0.1",
                  "--bind-interfaces",
                  "--log-facility=" + folder_ + "/log",
                  "--addn-hosts=" + folder_ + "/hosts",
                  "--local-ttl=" + std::to_string(ttl_seconds)};
    if (geteuid() == 0) arguments_.push_back("--user=root");
    // Whatever else runs on this machine may take a free port first.
    bool started = false;
    for (int i = 0; i < 20 && !started; ++i) {
      port_ = FreePort();
      arguments_.push_back("--port=" + std::to_string(port_));
      started = Launch();
      if (!started) arguments_.pop_back();
    }
    EXPECT_TRUE(started) << "dnsmasq does not answer (Debian package dnsmasq-base)";
  }
  ~Dnsmasq() {
    Stop();
    std::remove((folder_ + "/hosts").c_str());
    std::remove((folder_ + "/log").c_str());
    rmdir(folder_.c_str());
  }

  // Where it is asked: "127.0.0.1:12345".
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  // What it answers from now on.
  void Set(const std::string& hosts) {
    Write(hosts);
    EXPECT_EQ(kill(process_, SIGHUP), 0);
  }
  // Again, after Stop(), where it was.
  void Start() { EXPECT_TRUE(Launch()) << "dnsmasq does not answer"; }
  void Stop() {
    if (process_ <= 0) return;
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = -1;
  }

 private:
  // False: it has ended, for its port is in use, or does not answer.
  bool Launch() {
    process_ = fork();
    if (process_ == 0) {
      std::vector<char*> argv;
      for (std::string& argument : arguments_) argv.push_back(argument.data());
      argv.push_back(nullptr);
      execv(argv[0], argv.data());
      std::perror("dnsmasq could not be started (Debian package dnsmasq-base)");
      _exit(127);
    }
    if (AwaitAnswer()) return true;
    Stop();
    return false;
  }
  bool HasEnded() {
    if (process_ > 0 && waitpid(process_, nullptr, WNOHANG) == process_) process_ = -1;
    return process_ <= 0;
  }
  void Write(const std::string& hosts) const { std::ofstream(folder_ + "/hosts") << hosts; }

  static sockaddr_in At(int port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(static_cast<uint16_t>(port));
    return at;
  }
  static int FreePort() {
    const int probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in at = At(0);
    socklen_t size = sizeof at;
    EXPECT_EQ(bind(probe, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(getsockname(probe, reinterpret_cast<sockaddr*>(&at), &size), 0);
    close(probe);
    return ntohs(at.sin_port);
  }
  // Asks for "x.test" until anything comes back.
  bool AwaitAnswer() {
    const unsigned char question[] = {0, 1,   1, 0,   0,   1,   0,   0, 0, 0, 0, 0,
                                      1, 'x', 4, 't', 'e', 's', 't', 0, 0, 1, 0, 1};
    const int asking = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const sockaddr_in at = At(port_);
    EXPECT_EQ(connect(asking, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
    const timeval patience{0, 50'000};
    setsockopt(asking, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    bool answered = false;
    for (int i = 0; i < 600 && !answered && !HasEnded(); ++i) {
      char answer[512];
      answered = send(asking, question, sizeof question, MSG_NOSIGNAL) > 0 &&
                 recv(asking, answer, sizeof answer, 0) > 0;
      // tidy-allow sleep: a process starts on real time, and the wait is bounded.
      if (!answered) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    close(asking);
    return answered && !HasEnded();
  }

  std::string folder_;
  std::vector<std::string> arguments_;
  int port_ = 0;
  pid_t process_ = -1;
};

}  // namespace dialtone
