#include "dns_lookup.h"

#include <ares.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "dialtone/transport/check.h"
#include "sockaddr.h"

namespace dialtone {
namespace {

// Initialised once for the process and never cleaned up: the library's state is shared by all who
// use it there, not only by us.
int InitLibrary() {
  static const int status = ares_library_init(ARES_LIB_INIT_ALL);
  return status;
}

// A c-ares channel of its own: /etc/resolv.conf is read anew, source ports are fresh, and nothing
// that one lookup waits for holds up another.
class AresLookup final : public DnsLookup {
 public:
  AresLookup(const std::string& host, const NameOptions& options, Instant now)
      : host_(host), options_(options), until_(now + options.timeout), now_(now) {
    if (const int status = Open(); status != ARES_SUCCESS) {
      Fail(ares_strerror(status));
      return;
    }
    for (Question& question : questions_) Ask(question);
  }
  ~AresLookup() override {
    done_ = true;  // what c-ares says from within ares_destroy() is of no use any more
    if (channel_ != nullptr) ares_destroy(channel_);
  }

  void AddTo(std::vector<pollfd>& polled) override {
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    const int bits = ares_getsock(channel_, sockets, ARES_GETSOCK_MAXNUM);
    sockets_.clear();
    for (int i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
      short events = 0;
      if (ARES_GETSOCK_READABLE(bits, i)) events = POLLIN;
      if (ARES_GETSOCK_WRITABLE(bits, i)) events = static_cast<short>(events | POLLOUT);
      if (events == 0) continue;
      polled.push_back(pollfd{sockets[i], events, 0});
      sockets_.push_back(sockets[i]);
    }
  }

  Instant due(Instant now) override {
    timeval time{};
    const timeval* const next = ares_timeout(channel_, nullptr, &time);
    if (next == nullptr) return until_;
    return std::min(until_, now + absl::DurationFromTimeval(*next));
  }

  void Process(const std::vector<pollfd>& polled, Instant now) override {
    now_ = now;
    for (const pollfd& one : polled) {
      const bool mine =
          std::find(sockets_.begin(), sockets_.end(), one.fd) != sockets_.end() && one.revents != 0;
      if (!mine || done_) continue;
      const bool readable = (one.revents & (POLLIN | POLLERR | POLLHUP)) != 0;
      const bool writable = (one.revents & (POLLOUT | POLLERR)) != 0;
      ares_process_fd(channel_, readable ? one.fd : ARES_SOCKET_BAD,
                      writable ? one.fd : ARES_SOCKET_BAD);
    }
    if (!done_) ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    if (!done_ && now >= until_) OnTimeout();
  }

  bool done() const override { return done_; }

  absl::StatusOr<NameAnswer> Take() override {
    if (addresses_.empty()) {
      return absl::UnavailableError(absl::StrCat("resolve ", host_, ": ", reason_));
    }
    NameAnswer answer;
    answer.addresses = InterleaveFamilies(addresses_, options_.addresses_max);
    answer.ttl = absl::Seconds(ttl_seconds_);
    return answer;
  }

 private:
  struct Question {
    AresLookup* lookup;
    int family;
    bool asked = true;
  };

  int Open() {
    if (const int status = InitLibrary(); status != ARES_SUCCESS) return status;
    ares_options settings{};
    settings.timeout = static_cast<int>(
        std::clamp<int64_t>(absl::ToInt64Milliseconds(options_.try_timeout), 1, 1'000'000));
    settings.tries = std::max(1, options_.tries);
    char dns_only[] = "b";  // the hosts file has been looked at
    settings.lookups = dns_only;
    const int status = ares_init_options(&channel_, &settings,
                                         ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS);
    if (status != ARES_SUCCESS || options_.servers.empty()) return status;
    return ares_set_servers_ports_csv(channel_, absl::StrJoin(options_.servers, ",").c_str());
  }

  void Ask(Question& question) {
    ares_addrinfo_hints hints{};
    hints.ai_family = question.family;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = ARES_AI_NOSORT;
    ares_getaddrinfo(channel_, host_.c_str(), nullptr, &hints, &AresLookup::OnAnswer, &question);
  }

  static void OnAnswer(void* argument, int status, int, ares_addrinfo* result) {
    auto& question = *static_cast<Question*>(argument);
    question.lookup->OnAnswer(question, status, result);
    if (result != nullptr) ares_freeaddrinfo(result);
  }

  void OnAnswer(Question& question, int status, const ares_addrinfo* result) {
    question.asked = false;
    if (done_) return;
    if (status == ARES_SUCCESS && result != nullptr) {
      Take(*result);
    } else if (addresses_.empty() && (reason_.empty() || !IsFinal(status))) {
      // Of two reasons the one that may pass tells more: the other family has none, usually.
      reason_ = Reason(status);
    }
    const bool waiting = std::any_of(std::begin(questions_), std::end(questions_),
                                     [](const Question& q) { return q.asked; });
    if (!waiting) {
      done_ = true;
    } else if (!addresses_.empty()) {
      until_ = std::min(until_, now_ + options_.other_family_wait);
    }
  }

  void Take(const ares_addrinfo& result) {
    for (const ares_addrinfo_cname* name = result.cnames; name != nullptr; name = name->next)
      ttl_seconds_ = std::min(ttl_seconds_, std::max(0, name->ttl));
    for (const ares_addrinfo_node* node = result.nodes; node != nullptr; node = node->ai_next) {
      internal::SockAddr from;
      DIALTONE_CHECK(node->ai_addrlen <= sizeof from.storage, "an address of no known size");
      std::memcpy(from.get(), node->ai_addr, node->ai_addrlen);
      from.length = node->ai_addrlen;
      const Address address = internal::FromSockAddr(from).WithPort(0);
      ttl_seconds_ = std::min(ttl_seconds_, std::max(0, node->ai_ttl));
      if (std::find(addresses_.begin(), addresses_.end(), address) == addresses_.end())
        addresses_.push_back(address);
    }
  }

  static bool IsFinal(int status) { return status == ARES_ENOTFOUND || status == ARES_ENODATA; }

  std::string Reason(int status) const {
    if (status == ARES_ENOTFOUND) return "no such name (NXDOMAIN)";
    if (status == ARES_ENODATA) return "the name has no address (no A and no AAAA record)";
    if (status == ARES_ETIMEOUT) return absl::StrCat("no answer from ", Servers());
    return absl::StrCat(ares_strerror(status), " (asked ", Servers(), ")");
  }

  std::string Servers() const {
    if (options_.servers.empty()) return "the name servers of /etc/resolv.conf";
    return absl::StrCat("name server ", absl::StrJoin(options_.servers, ", "));
  }

  void OnTimeout() {
    if (addresses_.empty()) {
      reason_ = absl::StrCat("no answer from ", Servers(), " within ",
                             absl::FormatDuration(options_.timeout), " (NameOptions::timeout)");
    }
    done_ = true;
  }

  void Fail(const std::string& reason) {
    reason_ = absl::StrCat(reason, " (asked ", Servers(), ")");
    done_ = true;
  }

  const std::string host_;
  const NameOptions options_;
  Instant until_;
  Instant now_;
  ares_channel channel_ = nullptr;
  Question questions_[2] = {{this, AF_INET6}, {this, AF_INET}};
  std::vector<ares_socket_t> sockets_;
  std::vector<Address> addresses_;
  int ttl_seconds_ = 1'000'000'000;
  std::string reason_;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<DnsLookup> NewDnsLookup(const std::string& host, const NameOptions& options,
                                        Instant now) {
  return std::make_unique<AresLookup>(host, options, now);
}

}  // namespace dialtone
