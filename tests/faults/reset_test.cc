// Connections that are reset after each byte of a conversation in turn: whatever the phase, the call
// ends at once, was executed at most once, and the next one succeeds.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "call_fixture.h"

namespace dialtone::faults {
namespace {

using testing::HasSubstr;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void CloseWithReset(int socket) {
  const linger at_once{1, 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(socket);
}

enum class Way { kToServer, kToClient };

// Between a client and a server: resets the next connection when so many bytes have passed in one
// direction; those after it pass whole.
class Cutter {
 public:
  explicit Cutter(int server_port) : server_port_(server_port) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = Loopback(0);
    socklen_t size = sizeof address;
    DIALTONE_CHECK(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       listen(listener_, 64) == 0 &&
                       getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0,
                   "no listener");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Run(); });
  }
  ~Cutter() {
    done_ = true;
    thread_.join();
    for (const Link& link : links_) Reset(link);
    close(listener_);
  }

  std::string target() const { return absl::StrCat("127.0.0.1:", port_); }
  void CutNext(Way way, size_t after) {
    way_ = way;
    after_ = after;
    passed_ = 0;
    armed_ = true;
  }
  // How many bytes have passed, in that direction, on the connection that was to be cut.
  size_t passed() const { return passed_; }

 private:
  struct Link {
    int client;
    int server;
    bool is_cut;
  };

  static void Reset(const Link& link) {
    CloseWithReset(link.client);
    CloseWithReset(link.server);
  }

  void Run() {
    while (!done_) {
      std::vector<pollfd> fds{{listener_, POLLIN, 0}};
      for (const Link& link : links_) {
        fds.push_back({link.client, POLLIN, 0});
        fds.push_back({link.server, POLLIN, 0});
      }
      if (poll(fds.data(), fds.size(), 20) <= 0) continue;
      std::vector<Link> still;
      for (size_t i = 0; i < links_.size(); ++i) {
        Link link = links_[i];
        const bool lives = (fds[1 + 2 * i].revents == 0 || Move(link, Way::kToServer)) &&
                           (fds[2 + 2 * i].revents == 0 || Move(link, Way::kToClient));
        if (lives) {
          still.push_back(link);
        } else {
          Reset(link);
        }
      }
      links_ = std::move(still);
      if (fds[0].revents != 0) Accept();
    }
  }

  void Accept() {
    Link link{accept(listener_, nullptr, nullptr), socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
              false};
    const sockaddr_in server = Loopback(server_port_);
    DIALTONE_CHECK(
        connect(link.server, reinterpret_cast<const sockaddr*>(&server), sizeof server) == 0,
        "the server is gone");
    if (armed_) {
      link.is_cut = true;
      armed_ = false;
      if (after_ == 0) return Reset(link);
    }
    links_.push_back(link);
  }

  // False: the link is over.
  bool Move(Link& link, Way way) {
    const int from = way == Way::kToServer ? link.client : link.server;
    const int to = way == Way::kToServer ? link.server : link.client;
    char bytes[64 * 1024];
    size_t room = sizeof bytes;
    const bool counts = link.is_cut && way == way_;
    if (counts) room = std::min<size_t>(room, after_ - passed_);
    const ssize_t count = recv(from, bytes, room, 0);
    if (count <= 0) return false;
    // First: who gets the bytes may ask.
    if (counts) passed_ += static_cast<size_t>(count);
    if (send(to, bytes, static_cast<size_t>(count), MSG_NOSIGNAL) != count) return false;
    return !counts || passed_ < after_;
  }

  const int server_port_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> done_{false};
  std::atomic<bool> armed_{false};
  std::atomic<Way> way_{Way::kToServer};
  std::atomic<size_t> after_{0};
  std::atomic<size_t> passed_{0};
  std::vector<Link> links_;  // the thread's
  std::thread thread_;
};

class ResetInEveryPhase : public testing::TestWithParam<Way> {
 protected:
  ResetInEveryPhase()
      : server_([this](ServerCall&, const Text& request, Text& reply) {
          return Count(request, reply);
        }),
        cutter_(PortOf(server_.target)) {}
  ~ResetInEveryPhase() override {
    EXPECT_TRUE(Eventually([&] { return server_.server.calls_in_flight() == 0; }));
    EXPECT_TRUE(Eventually([&] { return server_.server.connections() == 0; }));
  }

  static int PortOf(const std::string& target) {
    int port = 0;
    EXPECT_TRUE(absl::SimpleAtoi(target.substr(target.rfind(':') + 1), &port));
    return port;
  }
  Task<absl::Status> Count(const Text& request, Text& reply) {
    const std::string key = request.value().substr(0, 8);
    {
      MutexLock lock(mutex_);
      ++runs_[key];
    }
    reply.set_value(key);
    co_return absl::OkStatus();
  }
  int runs(const std::string& key) {
    MutexLock lock(mutex_);
    return runs_[key];
  }

  // A call whose connection is reset after so many bytes. False: the conversation was shorter.
  bool CallAndReset(size_t after, size_t request_bytes) {
    const std::string key = absl::StrFormat("%08d", next_key_++);
    cutter_.CutNext(GetParam(), after);
    Channel channel(cutter_.target(), server_.ClientOptions());
    const auto began = std::chrono::steady_clock::now();
    const std::string request = key + std::string(request_bytes, 'x');
    auto reply = StartCoroutine(channel, request, Timeout(absl::Seconds(60))).Wait();
    const auto took = std::chrono::steady_clock::now() - began;
    EXPECT_LT(took, std::chrono::seconds(20)) << "reset after " << after << ": " << Show(reply);
    if (reply.ok()) {
      EXPECT_EQ(runs(key), 1) << "reset after " << after;
    } else {
      EXPECT_TRUE(absl::IsUnavailable(reply.status())) << Show(reply);
      EXPECT_THAT(Show(reply), HasSubstr(cutter_.target()));
      EXPECT_LE(runs(key), 1) << "reset after " << after;
      ++failed_;
    }
    if (reply.ok() && cutter_.passed() < after) return false;
    const auto get_next = [&channel] {
      return StartCoroutine(channel, "next", Timeout(absl::Seconds(60)).set_wait_for_ready(true))
          .Wait();
    };
    auto next = get_next();
    // Behind a whole reply the reset may come only now, and take this call with it.
    if (reply.ok() && absl::IsUnavailable(next.status())) next = get_next();
    EXPECT_TRUE(next.ok()) << "after a reset after " << after << ": " << next.status();
    return true;
  }

  Mutex mutex_;
  std::map<std::string, int> runs_ ABSL_GUARDED_BY(mutex_);
  int next_key_ = 0;
  int failed_ = 0;
  RealServer server_;
  Cutter cutter_;
};

TEST_P(ResetInEveryPhase, AfterEachByteOfASmallCall) {
  size_t after = 0;
  while (after < 2'000 && CallAndReset(after, 1)) ++after;
  EXPECT_GT(after, 40u) << "bytes of a conversation";
  EXPECT_LT(after, 2'000u);
  EXPECT_GT(failed_, 20);
}

TEST_P(ResetInEveryPhase, InTheMiddleOfALargeCall) {
  size_t after = 200;
  while (after < 2'000'000 && CallAndReset(after, 600'000)) after += 23'456;
  EXPECT_LT(after, 2'000'000u);
}

INSTANTIATE_TEST_SUITE_P(Ways, ResetInEveryPhase, testing::Values(Way::kToServer, Way::kToClient),
                         [](const auto& tested) {
                           return tested.param == Way::kToServer ? "ToServer" : "ToClient";
                         });

}  // namespace
}  // namespace dialtone::faults

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
