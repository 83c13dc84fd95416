#include "name_thread.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "epoll_loop.h"
#include "errno_status.h"
#include "thread_name.h"

namespace dialtone {
namespace {

// Questions under way at once; further lookups wait for their turn.
constexpr size_t kRunningMax = 64;
// More of a hosts file is not read.
constexpr size_t kHostsBytesMax = 1 << 20;

std::string ReadHosts(const std::string& path) {
  std::string text;
  const int file = path.empty() ? -1 : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return text;
  char buffer[16 * 1024];
  while (text.size() < kHostsBytesMax) {
    const ssize_t count = read(file, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(buffer, static_cast<size_t>(count));
  }
  close(file);
  return text;
}

// Signals are for other threads to handle, and a name server that closes a TCP connection must not
// end the process.
void BlockSignals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

absl::StatusOr<std::unique_ptr<NameThread>> NameThread::Make(size_t lookups_max) {
  Wakeup* const wakeup = Wakeup::TryTake();
  if (wakeup == nullptr) return absl::ResourceExhaustedError(internal::ErrnoText(errno));
  try {
    return std::unique_ptr<NameThread>(new NameThread(lookups_max, *wakeup));
  } catch (const std::system_error& error) {
    wakeup->GiveBack();
    return absl::ResourceExhaustedError(
        absl::StrCat("no thread: ", internal::ErrnoText(error.code().value())));
  }
}

NameThread::NameThread(size_t lookups_max, Wakeup& wakeup)
    : lookups_max_(lookups_max), wakeup_(wakeup), thread_([this] { Run(); }) {}

NameThread::~NameThread() {
  stopping_.store(true, std::memory_order_seq_cst);
  wakeup_.Wake();
  thread_.join();
  wakeup_.GiveBack();
}

void NameThread::LookUp(std::string_view host, const NameOptions& options, NameCallback done) {
  auto lookup = std::make_unique<Lookup>();
  lookup->host = std::string(host);
  lookup->options = options;
  lookup->done = std::move(done);
  lookup->asked = MonotonicNow();
  {
    MutexLock lock(mutex_);
    if (unanswered_ >= lookups_max_) {
      lookup->refused = absl::ResourceExhaustedError(
          absl::StrCat("resolve ", lookup->host, ": ", unanswered_,
                       " names are being looked up (SocketNetworkOptions::name_lookups_max)"));
    }
    ++unanswered_;
    asked_.push_back(std::move(lookup));
  }
  wakeup_.Wake();
}

void NameThread::Run() {
  NameThisThread("names");
  BlockSignals();
  while (!stopping_.load(std::memory_order_seq_cst)) {
    FinishDone();
    // What was begun may have ended at once, and so have left room for what still waits.
    if (!Begin()) Sleep();
  }
  CancelAll();
}

bool NameThread::Begin() {
  for (bool any = false;; any = true) {
    std::unique_ptr<Lookup> lookup;
    {
      MutexLock lock(mutex_);
      if (asked_.empty() || running_.size() >= kRunningMax) return any;
      lookup = std::move(asked_.front());
      asked_.pop_front();
    }
    BeginOne(std::move(lookup));
  }
}

void NameThread::BeginOne(std::unique_ptr<Lookup> lookup) {
  // Moved: nothing of a status that goes to another thread stays here.
  if (!lookup->refused.ok()) return Finish(*lookup, std::move(lookup->refused));
  const std::vector<Address> found =
      FindInHosts(ReadHosts(lookup->options.hosts_file), lookup->host);
  if (!found.empty()) {
    NameAnswer answer;
    answer.addresses = InterleaveFamilies(found, lookup->options.addresses_max);
    return Finish(*lookup, std::move(answer));
  }
  // Time spent in the queue counts.
  if (MonotonicNow() >= lookup->asked + lookup->options.timeout) {
    return Finish(*lookup,
                  absl::UnavailableError(absl::StrCat(
                      "resolve ", lookup->host, ": its turn had not come within ",
                      absl::FormatDuration(lookup->options.timeout),
                      " (NameOptions::timeout): ", kRunningMax, " names are looked up at a time")));
  }
  lookup->dns = NewDnsLookup(lookup->host, lookup->options, lookup->asked);
  running_.push_back(std::move(lookup));
}

void NameThread::Finish(Lookup& lookup, absl::StatusOr<NameAnswer> answer) {
  {
    MutexLock lock(mutex_);
    --unanswered_;
  }
  std::move(lookup.done)(std::move(answer));
}

void NameThread::Sleep() {
  polled_.assign(1, pollfd{wakeup_.descriptor(), POLLIN, 0});
  const Instant now = MonotonicNow();
  Instant until = Instant::Infinite();
  for (const auto& lookup : running_) {
    lookup->dns->AddTo(polled_);
    until = std::min(until, lookup->dns->due(now));
  }
  const int64_t nanoseconds = SleepNanoseconds(now, until);
  const timespec time{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  ppoll(polled_.data(), polled_.size(), nanoseconds < 0 ? nullptr : &time, nullptr);
  if (polled_[0].revents != 0) wakeup_.Drain();
  const Instant woken = MonotonicNow();
  for (const auto& lookup : running_) lookup->dns->Process(polled_, woken);
}

void NameThread::FinishDone() {
  for (size_t i = 0; i < running_.size();) {
    if (!running_[i]->dns->done()) {
      ++i;
      continue;
    }
    const std::unique_ptr<Lookup> lookup = std::move(running_[i]);
    running_.erase(running_.begin() + static_cast<ptrdiff_t>(i));
    Finish(*lookup, lookup->dns->Take());
  }
}

void NameThread::CancelAll() {
  std::deque<std::unique_ptr<Lookup>> all;
  {
    MutexLock lock(mutex_);
    all.swap(asked_);
  }
  for (auto& lookup : running_) all.push_back(std::move(lookup));
  running_.clear();
  for (auto& lookup : all) {
    std::move(lookup->done)(absl::CancelledError(
        absl::StrCat("resolve ", lookup->host, ": the network is being destroyed")));
  }
}

}  // namespace dialtone
