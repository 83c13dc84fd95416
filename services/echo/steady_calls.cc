#include "steady_calls.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "dialtone/rpc/call_info.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/transport/network.h"

namespace echo {
namespace {

// Calls are begun so many at a time at most, as timers are not finer than that.
constexpr absl::Duration kPace = absl::Milliseconds(1);

absl::Status Check(const absl::StatusOr<EchoReply>& reply, int64_t id) {
  if (!reply.ok()) return reply.status();
  if (reply->id() != id) return absl::DataLossError("another call's reply");
  return absl::OkStatus();
}

}  // namespace

SteadyCalls::SteadyCalls(dialtone::Channel& channel, const SteadyOptions& options)
    : client_(channel), options_(options) {}

SteadyCalls::~SteadyCalls() = default;

int64_t SteadyCalls::Run(dialtone::Event& stop) {
  dialtone::Network& network = dialtone::Runtime::Default().network();
  const dialtone::Instant start = network.Now();
  dialtone::Instant next_report = start + options_.report_every;
  while (!stop.is_set() && (options_.count == 0 || begun_ < options_.count)) {
    const dialtone::Instant due = start + absl::Seconds(begun_) / options_.rate;
    const dialtone::Instant now = network.Now();
    if (now >= next_report) {
      dialtone::MutexLock lock(mutex_);
      Report("", std::exchange(since_report_, Tally()));
      next_report = next_report + options_.report_every;
    }
    if (due <= now && !IsFull()) {
      Begin(options_.first_id + begun_++);
    } else {
      network.Wait(stop, now + kPace);
    }
  }
  WaitForAll();
  dialtone::MutexLock lock(mutex_);
  Report("total: ", total_);
  return total_.failed;
}

void SteadyCalls::Begin(int64_t id) {
  EchoRequest request;
  request.set_id(id);
  auto info = std::make_shared<dialtone::CallInfo>();
  client_.Echo(request, dialtone::Timeout(options_.timeout))
      .Capture(*info)
      .Then([this, id, info, began = absl::Now()](const absl::StatusOr<EchoReply>& reply) {
        OnEnd(id, began, info->peer.ToString(), Check(reply, id));
      });
}

void SteadyCalls::OnEnd(int64_t id, absl::Time began, const std::string& peer,
                        const absl::Status& status) {
  if (!status.ok()) {
    std::printf(
        "failed id=%lld peer=%s code=%s began=%.3f took_ms=%.1f %s\n", static_cast<long long>(id),
        peer.c_str(), absl::StatusCodeToString(status.code()).c_str(),
        absl::ToDoubleSeconds(began - absl::UnixEpoch()),
        absl::ToDoubleMilliseconds(absl::Now() - began), std::string(status.message()).c_str());
  }
  dialtone::MutexLock lock(mutex_);
  for (Tally* const tally : {&total_, &since_report_}) {
    ++tally->ended;
    if (status.ok()) {
      ++tally->answered_by[peer];
    } else {
      ++tally->failed;
    }
  }
  one_ended_.NotifyOne();
}

void SteadyCalls::Report(const char* before, const Tally& tally) const {
  std::string line = absl::StrCat(before, "calls=", tally.ended, " failed=", tally.failed);
  for (const auto& [peer, calls] : tally.answered_by) absl::StrAppend(&line, " ", peer, "=", calls);
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

bool SteadyCalls::IsFull() {
  dialtone::MutexLock lock(mutex_);
  return begun_ - total_.ended >= options_.in_flight_max;
}

void SteadyCalls::WaitForAll() {
  dialtone::MutexLock lock(mutex_);
  while (total_.ended < begun_) one_ended_.Wait(mutex_);
}

}  // namespace echo
