// Random calls, most of which may run more than once, against servers that fail, dawdle, refuse, push
// back, restart and lose their connections: whatever happens, each call ends once and in time, with what
// one of its runs has said or with why there was none; and a call that may not run twice does not.
// DIALTONE_SEEDS=first:count changes which seeds are tried.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "attempts_fixture.h"
#include "rpc/simulation/host.h"
#include "support/random_runs.h"
#include "support/sim_random.h"

namespace dialtone {
namespace {

// The plain service's method, which runs on workers, marked.
constexpr Method kPlainReadMethod{"/test.Plain/Plain", MethodKind::kUnary,
                                  Idempotency::kNoSideEffects};
constexpr absl::Duration kSlack = absl::Milliseconds(2);

struct StormCall {
  bool may_run_twice = false;
  Instant deadline;
  std::optional<CancelHandle> handle;
  CallInfo info;
  int told = 0;
  int ends_observed = 0;
  Instant ended;
  absl::StatusOr<Text> reply = absl::UnknownError("not told");
  // At the servers.
  uint32_t runs = 0;
  std::vector<absl::Status> said;  // by runs that have ended, before the call had
};

class Storm {
 public:
  explicit Storm(uint64_t seed)
      : random_(seed * 77 + 5), sim_(Network(seed, random_)), client_(sim_, "client", Runtimes(2)) {
    const int servers = static_cast<int>(1 + random_.Below(4));
    std::vector<std::string> addresses;
    for (int i = 0; i < servers; ++i) {
      addresses.push_back(absl::StrCat("10.0.0.", i + 1, ":7000"));
      hosts_.push_back(std::make_unique<simulation::Host>(sim_, absl::StrCat("server", i),
                                                          Runtimes(random_.Below(3))));
      servers_.push_back(nullptr);
      Serve(i);
    }
    ChooseOptions();
    channel_ = std::make_unique<Channel>("list:" + absl::StrJoin(addresses, ","), options_);
    calls_.resize(40);
  }

  void Run() {
    std::multimap<int64_t, std::function<void()>> plan;  // by when, in µs
    for (size_t id = 0; id < calls_.size(); ++id)
      plan.emplace(random_.Between(0, 400'000), [this, id] { Begin(id); });
    for (int i = 0; i < 8; ++i) plan.emplace(random_.Between(0, 500'000), [this] { Disturb(); });
    for (const auto& [when, happens] : plan) {
      const Instant due = Instant::FromNanoseconds(when * 1000);
      if (due > sim_.Now()) sim_.RunFor(due - sim_.Now());
      happens();
    }
    sim_.RunFor(absl::Seconds(10));  // longer than any call has
    if (channel_ != nullptr) stats_ = channel_->stats();
    channel_.reset();
    sim_.RunFor(absl::Seconds(5));
    for (const auto& server : servers_) {
      if (server != nullptr && server->calls_in_flight() != 0)
        Complain("calls are left at a server");
    }
    servers_.clear();
    for (size_t id = 0; id < calls_.size(); ++id) Judge(id);
    JudgeStats();
  }

  const ChannelStats& stats() const { return stats_; }
  const std::vector<std::string>& complaints() const { return complaints_; }
  uint64_t ok() const { return ok_; }

 private:
  struct Watch final : ClientObserver {
    explicit Watch(Storm& its_storm) : storm(its_storm) {}
    absl::Status OnStart(ClientCallView& call) override {
      // A call's metadata stays where it is until the call is gone.
      ids.emplace_back(&call.metadata, storm.starting_);
      return absl::OkStatus();
    }
    void OnEnd(const ClientCallView& call, const absl::Status&) override {
      const auto known = std::find_if(ids.rbegin(), ids.rend(),
                                      [&](const auto& id) { return id.first == &call.metadata; });
      StormCall& ended = storm.calls_[known->second];
      ++ended.ends_observed;
      ended.ended = storm.sim_.Now();
    }
    Storm& storm;
    std::vector<std::pair<const Metadata*, size_t>> ids;
  };

  static SimOptions Network(uint64_t seed, SimRandom& random) {
    SimOptions options(seed);
    options.latency_max = absl::Microseconds(random.Between(50, 5'000));
    options.reset_probability = random.Chance(0.3) ? 0.01 : 0;
    options.refuse_probability = random.Chance(0.3) ? 0.3 : 0;
    return options;
  }
  static RuntimeOptions Runtimes(size_t worker_queue_max) {
    RuntimeOptions options;
    options.reactors = 1;
    options.worker_threads = 1;
    options.worker_queue_max = worker_queue_max;
    return options;
  }

  void ChooseOptions() {
    options_.runtime = client_.runtime.get();
    options_.observers.push_back(watch_);
    options_.retry.attempts_max = static_cast<uint32_t>(1 + random_.Below(4));
    options_.retry.backoff.initial = absl::Milliseconds(random_.Between(1, 40));
    if (random_.Chance(0.7)) {
      options_.hedging.delay = absl::Microseconds(random_.Between(0, 40'000));
      options_.hedging.hedges_max = static_cast<uint32_t>(1 + random_.Below(3));
    }
    if (random_.Chance(0.3)) options_.retry_budget.per_second = 1;
    const PickPolicy policies[] = {PickPolicy::kFirstThatWorks, PickPolicy::kRoundRobin,
                                   PickPolicy::kLeastLoadedOfTwo, PickPolicy::kLeastLoadedOfTwo};
    options_.pick_policy = policies[random_.Below(4)];
  }

  void Serve(int index) {
    ServerOptions options;
    options.runtime = hosts_[index]->runtime.get();
    auto server = std::make_unique<Server>(options);
    server->Add(std::make_unique<CoroutineService>(
        [this](ServerCall& call, const Text& request, Text& reply) {
          return Handle(call, request, reply);
        }));
    ServiceOptions on_workers;
    on_workers.run_on_workers = true;
    server->Add(
        std::make_unique<PlainService>([this](ServerCall& call, const Text& request, Text& reply) {
          StormCall& state = CallOf(request);
          ++state.runs;
          return End(state, call, reply);
        }),
        on_workers);
    if (!server->Listen(absl::StrCat("10.0.0.", index + 1, ":7000")).ok() || !server->Start().ok())
      Complain("a server could not listen");
    servers_[index] = std::move(server);
  }

  StormCall& CallOf(const Text& request) {
    size_t id = 0;
    if (!absl::SimpleAtoi(request.value(), &id) || id >= calls_.size())
      Complain("a request that nobody sent");
    return calls_[id % calls_.size()];
  }

  Task<absl::Status> Handle(ServerCall& call, const Text& request, Text& reply) {
    StormCall& state = CallOf(request);
    ++state.runs;
    const absl::Duration takes = random_.Chance(0.3)
                                     ? absl::ZeroDuration()
                                     : absl::Microseconds(random_.Between(0, 100'000));
    if (takes > absl::ZeroDuration()) {
      const absl::Status slept = co_await Sleep(takes);
      if (!slept.ok()) co_return slept;
    }
    co_return End(state, call, reply);
  }

  absl::Status End(StormCall& state, ServerCall& call, Text& reply) {
    absl::Status status;
    const uint64_t lot = random_.Below(10);
    if (lot < 3) status = absl::UnavailableError("unlucky");
    if (lot == 3) status = absl::NotFoundError("nothing there");
    if (random_.Chance(0.2))
      call.set_retry_pushback(random_.Chance(0.3) ? absl::InfiniteDuration()
                                                  : absl::Microseconds(random_.Between(0, 30'000)));
    reply.set_value("reply");
    if (state.told == 0) state.said.push_back(status);
    return status;
  }

  void Begin(size_t id) {
    if (channel_ == nullptr) return;
    StormCall& state = calls_[id];
    const Method* const methods[] = {&kReadMethod,      &kReadMethod,      &kWriteMethod,
                                     &kPlainReadMethod, &kCoroutineMethod, &kPlainMethod};
    const Method& method = *methods[random_.Below(6)];
    state.may_run_twice = method.idempotency != Idempotency::kUnknown;
    const absl::Duration timeout =
        random_.Chance(0.5) ? absl::Microseconds(random_.Between(0, 150'000)) : absl::Seconds(5);
    CallOptions options = Timeout(timeout).set_wait_for_ready(random_.Chance(0.5));
    if (random_.Chance(0.1)) {
      options.set_retry(RetryOptions()).set_hedging(HedgeAfter(absl::Milliseconds(5)));
      state.may_run_twice = true;
    }
    state.deadline = sim_.Now() + timeout;
    starting_ = id;
    Call<Text> call(*channel_, method, MakeText(absl::StrCat(id)), options);
    state.handle.emplace(
        std::move(call).Capture(state.info).Then([&state](absl::StatusOr<Text> reply) {
          ++state.told;
          state.reply = std::move(reply);
        }));
  }

  void Disturb() {
    switch (random_.Below(6)) {
      case 0:
        sim_.ResetRandomConnection();
        return;
      case 1: {
        const int index = static_cast<int>(random_.Below(servers_.size()));
        servers_[index]
            ->Shutdown(random_.Chance(0.5) ? absl::ZeroDuration() : absl::Seconds(1))
            .IgnoreError();
        servers_[index].reset();
        Serve(index);
        return;
      }
      case 2:
        if (!random_.Chance(0.2) || channel_ == nullptr) return;
        stats_ = channel_->stats();
        channel_.reset();
        return;
      default:
        for (int i = 0; i < 4; ++i) {
          StormCall& call = calls_[random_.Below(calls_.size())];
          if (call.handle.has_value()) call.handle->Cancel();
        }
    }
  }

  // --- What must hold ---

  void Complain(std::string what) { complaints_.push_back(std::move(what)); }

  void Judge(size_t id) {
    const StormCall& call = calls_[id];
    if (!call.handle.has_value()) return;
    const absl::Status status = call.reply.status();
    const auto expect = [&](bool good, std::string_view otherwise) {
      if (!good)
        Complain(absl::StrCat("call ", id, ": ", std::string(otherwise), "; ", call.runs, " runs, ",
                              call.info.attempts, " attempts, ", status.ToString()));
    };
    expect(call.told == 1, absl::StrCat("told ", call.told, " times"));
    expect(call.ends_observed == 1, absl::StrCat("ended ", call.ends_observed, " times"));
    expect(call.ended <= call.deadline + kSlack, "ended after its deadline");
    expect(call.runs <= call.info.attempts, "ran more often than it was sent");
    expect(call.runs <= 1 || call.may_run_twice, "ran twice, and may not");
    const auto says = [&](const absl::Status& said) {
      return said.code() == status.code() && absl::StartsWith(status.message(), said.message());
    };
    const bool was_said = std::any_of(call.said.begin(), call.said.end(), says);
    if (status.ok()) {
      ++ok_;
      expect(was_said && call.reply->value() == "reply", "OK that no run has said");
    } else if (absl::IsNotFound(status)) {
      expect(was_said, "an error that no run has said");
    } else if (absl::IsUnavailable(status)) {
      expect(was_said || !absl::StrContains(status.message(), "unlucky"), "nobody was unlucky");
    } else if (absl::IsResourceExhausted(status)) {
      expect(absl::StrContains(status.message(), "ResendOptions") ||
                 absl::StrContains(status.message(), "not sent again"),
             "was refused and not sent again");
    } else {
      expect(absl::IsDeadlineExceeded(status) || absl::IsCancelled(status), "such an end");
    }
  }

  void JudgeStats() {
    uint64_t left = 0;
    uint64_t attempts = 0;
    for (const StormCall& call : calls_) {
      left += call.info.attempts > 0;
      attempts += call.info.attempts;
    }
    const uint64_t again = stats_.resends + stats_.retries + stats_.hedges;
    if (attempts > left + again || attempts < left + stats_.hedges)
      Complain(absl::StrCat(attempts, " attempts of ", left, " calls, and ", again, " counted"));
    if (stats_.hedges_won > stats_.hedges) Complain("more hedges have won than there were");
  }

  SimRandom random_;
  SimNetwork sim_;
  simulation::Host client_;
  std::vector<std::unique_ptr<simulation::Host>> hosts_;
  std::vector<std::unique_ptr<Server>> servers_;
  ChannelOptions options_;
  std::unique_ptr<Channel> channel_;
  std::shared_ptr<Watch> watch_ = std::make_shared<Watch>(*this);
  std::deque<StormCall> calls_;
  size_t starting_ = 0;
  ChannelStats stats_;
  uint64_t ok_ = 0;
  std::vector<std::string> complaints_;
};

TEST(AttemptsStorm, EveryCallEndsOnceAndInTimeAndNoneRunsTwiceThatMayNot) {
  uint64_t first = 1;
  uint64_t count = RandomRuns(600);
  if (const char* const asked = std::getenv("DIALTONE_SEEDS"); asked != nullptr) {
    ASSERT_EQ(std::sscanf(asked, "%lu:%lu", &first, &count), 2) << "first:count";
  }
  ChannelStats all;
  uint64_t ok = 0;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE(absl::StrCat("DIALTONE_SEEDS=", seed, ":1"));
    Storm storm(seed);
    storm.Run();
    ASSERT_TRUE(storm.complaints().empty()) << absl::StrJoin(storm.complaints(), "\n");
    ok += storm.ok();
    all.resends += storm.stats().resends;
    all.retries += storm.stats().retries;
    all.hedges += storm.stats().hedges;
    all.hedges_won += storm.stats().hedges_won;
    all.over_budget += storm.stats().over_budget;
  }
  std::printf("%lu OK, %lu resends, %lu retries, %lu hedges, %lu won, %lu over budget\n", ok,
              all.resends, all.retries, all.hedges, all.hedges_won, all.over_budget);
  if (count < RandomRuns(600)) return;
  // All of it must occur, or else this shows little.
  for (const uint64_t events :
       {ok, all.resends, all.retries, all.hedges, all.hedges_won, all.over_budget})
    EXPECT_GT(events, count / 10);
}

}  // namespace
}  // namespace dialtone
