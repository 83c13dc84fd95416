#include "proxy.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>

#include "dialtone/transport/check.h"

namespace dialtone::faults {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kTickMilliseconds = 5;
// What waits in the proxy in one direction; more stays with its sender.
constexpr size_t kHeldBytesMax = 64 * 1024;

sockaddr_in SocketAddress(const Address& address) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(address.port());
  std::memcpy(&to.sin_addr, address.ip_bytes().data(), sizeof to.sin_addr);
  return to;
}

int NewSocket() {
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  DIALTONE_CHECK(made >= 0, "no socket");
  const int on = 1;
  setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return made;
}

void CloseWithReset(int descriptor) {
  const linger at_once{1, 0};
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(descriptor);
}

}  // namespace

// One direction of a connection.
struct Proxy::Way {
  int from = -1;
  int to = -1;
  std::string held;
  size_t passed = 0;
  Clock::time_point due;  // of what is held
  bool end_read = false;
  bool end_written = false;
};

struct Proxy::Link {
  ~Link() {
    if (client >= 0) CloseWithReset(client);
    if (server >= 0) CloseWithReset(server);
  }

  int client = -1;
  int server = -1;
  Way up;
  Way down;
};

Proxy::Proxy(const Address& server, uint64_t seed)
    : server_(server), listener_(NewSocket()), random_(seed) {
  const sockaddr_in any = SocketAddress(Address::Ipv4({127, 0, 0, 1}, 0));
  DIALTONE_CHECK(bind(listener_, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0);
  DIALTONE_CHECK(listen(listener_, 128) == 0);
  sockaddr_in bound{};
  socklen_t length = sizeof bound;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&bound), &length);
  address_ = Address::Ipv4({127, 0, 0, 1}, ntohs(bound.sin_port));
  thread_ = std::thread([this] { Run(); });
}

Proxy::~Proxy() {
  done_ = true;
  thread_.join();
  links_.clear();
  close(listener_);
}

void Proxy::Set(const ProxyRules& rules) {
  uint64_t wanted = 0;
  {
    MutexLock lock(mutex_);
    rules_ = rules;
    wanted = ++rules_set_;
  }
  for (uint64_t taken = 0; (taken = rules_taken_.load()) < wanted;) rules_taken_.wait(taken);
}

ProxyRules Proxy::TakeRules() {
  MutexLock lock(mutex_);
  if (rules_taken_.exchange(rules_set_) != rules_set_) rules_taken_.notify_all();
  return rules_;
}

uint64_t Proxy::Random() {
  random_ = random_ * 6364136223846793005u + 1442695040888963407u;
  return random_ >> 33;
}

void Proxy::Run() {
  while (!done_) {
    if (cut_.exchange(false)) links_.clear();
    const ProxyRules now = TakeRules();
    std::vector<pollfd> polled{{listener_, POLLIN, 0}};
    for (const auto& link : links_) {
      for (Way* way : {&link->up, &link->down}) {
        if (now.stall) continue;
        if (!way->end_read && way->held.empty()) polled.push_back({way->from, POLLIN, 0});
        if (!way->held.empty() && Clock::now() >= way->due) polled.push_back({way->to, POLLOUT, 0});
      }
    }
    poll(polled.data(), polled.size(), now.delay > absl::ZeroDuration() ? 1 : kTickMilliseconds);
    if (polled[0].revents & POLLIN) Accept();
    if (now.stall) continue;
    std::erase_if(links_, [&](const auto& link) { return !Move(*link, now); });
  }
}

void Proxy::Accept() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  ++connections_;
  const int on = 1;
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto link = std::make_unique<Link>();
  link->client = client;
  link->server = NewSocket();
  const sockaddr_in to = SocketAddress(server_);
  if (connect(link->server, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return;
  link->up.from = link->down.to = link->client;
  link->up.to = link->down.from = link->server;
  links_.push_back(std::move(link));
}

bool Proxy::Move(Link& link, const ProxyRules& rules) {
  return MoveOneWay(link.up, rules) && MoveOneWay(link.down, rules) &&
         !(link.up.end_written && link.down.end_written);
}

bool Proxy::MoveOneWay(Way& way, const ProxyRules& rules) {
  if (way.held.empty() && !way.end_read) {
    char bytes[kHeldBytesMax];
    const ssize_t count = recv(way.from, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (count == 0) way.end_read = true;
    for (ssize_t i = 0; i < count; ++i) {
      const bool harm = rules.corrupt_one_in != 0 && ++way.passed > rules.corrupt_after &&
                        Random() % rules.corrupt_one_in == 0;
      if (harm) bytes[i] = static_cast<char>(bytes[i] ^ (1 << (Random() % 8)));
      corrupted_ += harm ? 1 : 0;
    }
    if (count > 0) {
      way.held.assign(bytes, static_cast<size_t>(count));
      way.due = Clock::now() + absl::ToChronoMicroseconds(rules.delay);
    }
  }
  if (!way.held.empty() && Clock::now() >= way.due) {
    const size_t most = rules.slice_bytes == 0 ? way.held.size() : rules.slice_bytes;
    const ssize_t count =
        send(way.to, way.held.data(), std::min(most, way.held.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (count > 0) {
      bytes_ += static_cast<uint64_t>(count);
      way.held.erase(0, static_cast<size_t>(count));
      way.due = Clock::now() + absl::ToChronoMicroseconds(rules.delay);
    }
  }
  if (way.end_read && way.held.empty() && !way.end_written) {
    shutdown(way.to, SHUT_WR);
    way.end_written = true;
  }
  return true;
}

}  // namespace dialtone::faults
