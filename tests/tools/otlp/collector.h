// A collector's stand-in: takes POSTs over HTTP/1.1, keeps their bodies, and answers as a test tells it to.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "dialtone/transport/mutex.h"

namespace dialtone {

class Collector {
 public:
  // What it answers from now on; 0: nothing.
  std::atomic<int> answer{200};
  // Of an answer's body.
  std::atomic<size_t> answer_bytes{2};

  Collector() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    setenv("no_proxy", "127.0.0.1", 1);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_, name, length), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    EXPECT_EQ(getsockname(listener_, name, &length), 0);
    endpoint_ = absl::StrCat("http://127.0.0.1:", ntohs(address.sin_port), "/v1/traces");
    thread_ = std::thread([this] { Serve(); });
  }
  ~Collector() {
    stop_ = true;
    thread_.join();
    for (std::thread& connection : connections_) connection.join();
    close(listener_);
  }

  const std::string& endpoint() const { return endpoint_; }
  // Of the requests so far: head and body.
  std::vector<std::string> heads() const {
    MutexLock lock(mutex_);
    return heads_;
  }
  std::vector<std::string> bodies() const {
    MutexLock lock(mutex_);
    return bodies_;
  }

 private:
  // False: the test is over.
  bool Readable(int descriptor) const {
    pollfd waited{descriptor, POLLIN, 0};
    while (!stop_) {
      constexpr int kLookAgainMs = 20;
      if (poll(&waited, 1, kLookAgainMs) > 0) return true;
    }
    return false;
  }

  void Serve() {
    while (Readable(listener_)) {
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      connections_.emplace_back([this, connection] {
        while (ServeOne(connection)) {
        }
        close(connection);
      });
    }
  }

  // False: the connection is over.
  bool ServeOne(int connection) {
    std::string text;
    size_t head_end = std::string::npos;
    size_t body_bytes = 0;
    while (head_end == std::string::npos || text.size() < head_end + body_bytes) {
      char buffer[16 * 1024];
      if (!Readable(connection)) return false;
      const ssize_t got = recv(connection, buffer, sizeof buffer, 0);
      if (got <= 0) return false;
      text.append(buffer, static_cast<size_t>(got));
      const size_t end = text.find("\r\n\r\n");
      if (head_end != std::string::npos || end == std::string::npos) continue;
      head_end = end + 4;
      const std::string head = absl::AsciiStrToLower(text.substr(0, head_end));
      const size_t length = head.find("content-length:");
      EXPECT_NE(length, std::string::npos) << head;
      body_bytes = std::strtoul(head.c_str() + length + 15, nullptr, 10);
    }
    {
      MutexLock lock(mutex_);
      heads_.push_back(text.substr(0, head_end));
      bodies_.push_back(text.substr(head_end));
    }
    const int code = answer;
    if (code == 0) {  // says nothing until the client has given up
      char byte;
      while (Readable(connection) && recv(connection, &byte, 1, 0) > 0) {
      }
      return false;
    }
    const size_t bytes = answer_bytes;
    const std::string reply = absl::StrCat("HTTP/1.1 ", code, " As told\r\ncontent-length: ", bytes,
                                           "\r\n\r\n{", std::string(bytes - 2, ' '), "}");
    return send(connection, reply.data(), reply.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(reply.size());
  }

  const int listener_;
  std::string endpoint_;
  std::atomic<bool> stop_{false};
  mutable Mutex mutex_;
  std::vector<std::string> heads_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> bodies_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> connections_;  // of thread_, until that has ended
  std::thread thread_;
};

}  // namespace dialtone
