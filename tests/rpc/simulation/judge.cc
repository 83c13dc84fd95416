#include "judge.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "world_parts.h"

namespace dialtone::simulation {
namespace {

// How late a loop that is awake may be.
constexpr absl::Duration kSlack = absl::Milliseconds(2);
// A deadline travels in whole microseconds.
constexpr absl::Duration kRounding = absl::Microseconds(2);
// How long a cancellation may take to a handler: behind what is on its way, over a slow line.
constexpr absl::Duration kNewsTravels = absl::Seconds(30);
// RetryOptions::attempts_max, as it is where nothing is set.
constexpr int kAttemptsMax = 3;

class CallJudge {
 public:
  CallJudge(const World& world, int id, std::vector<std::string>& complaints)
      : world_(world),
        id_(id),
        plan_(world.program().calls[id]),
        record_(world.records()[id]),
        channel_plan_(world.program().channels[plan_.channel]),
        channel_(world.channels()[plan_.channel]),
        complaints_(complaints) {
    servers_.push_back(channel_plan_.server);
    if (channel_plan_.other_server != kNone) servers_.push_back(channel_plan_.other_server);
  }

  void Judge() {
    if (!record_.begun) return;
    JudgeTelling();
    if (record_.ends_observed == 0) return;
    JudgeTime();
    JudgeHandler();
    JudgeStatus();
    if (plan_.stream.has_value()) {
      const std::string wrong = WhyStreamIsWrong(record_);
      Expect(wrong.empty(), wrong);
    }
  }

 private:
  void Expect(bool good, std::string_view otherwise) {
    if (good) return;
    complaints_.push_back(absl::StrCat(
        "call ", id_, ": ", std::string(otherwise), " (channel ", plan_.channel, ", server ",
        absl::StrJoin(servers_, "/"),
        plan_.parent == kNone ? "" : absl::StrCat(", of call ", plan_.parent),
        plan_.is_health_check ? ", health check" : "", "; began ", Show(record_.began),
        ", deadline ", Show(record_.deadline), ", given up ", Show(gave_up()), ", handled from ",
        Show(record_.handler_began), " to ", Show(record_.handler_ended), ", ", plan_.request_bytes,
        " bytes out, ", plan_.reply_bytes, " back, ended ", Show(record_.ended), ": ",
        record_.end_status.ToString(), ")"));
  }
  static std::string Show(Instant when) {
    return when.infinite() ? "never" : absl::FormatDuration(absl::Nanoseconds(when.nanoseconds()));
  }

  Instant gave_up() const { return record_.gave_up; }
  Instant parents_context_ended() const {
    return plan_.parent == kNone ? Instant::Infinite()
                                 : world_.records()[plan_.parent].context_ended;
  }
  bool caller_was_shut_down() const {
    const int channel = world_.program().calls[plan_.parent].channel;
    return !world_.servers()[world_.program().channels[channel].server].drains.empty();
  }
  const Host& client() const { return *world_.hosts()[channel_plan_.host]; }
  const Host& server_host() const { return *world_.hosts()[record_.server]; }
  bool AnyServer(bool (*is_so)(const LiveServer&, Instant), Instant when) const {
    return std::any_of(servers_.begin(), servers_.end(),
                       [&](int server) { return is_so(world_.servers()[server], when); });
  }

  void JudgeTelling() {
    Expect(record_.ends_observed == 1,
           absl::StrCat("it ended ", record_.ends_observed, " times, not once"));
    const bool handle_only =
        record_.stream.was_destroyed ||
        (plan_.way == Way::kThen && plan_.giving_up == GivingUp::kDestroyHandle);
    const int tellings = handle_only || record_.caller_abandoned ? 0 : 1;
    Expect(!record_.caller_abandoned || caller_was_shut_down(),
           "the handler that made it was destroyed, and its server was not shut down");
    Expect(record_.told == tellings, absl::StrCat("its caller was told ", record_.told, " times"));
    if (record_.told == 1)
      Expect(record_.told_status == record_.end_status,
             absl::StrCat("its caller was told ", record_.told_status.ToString()));
  }

  void JudgeTime() {
    EndsBy(record_.deadline, "its deadline");
    EndsBy(gave_up(), "it was given up");
    EndsBy(channel_.destroyed, "its channel was destroyed");
    EndsBy(parents_context_ended(), "its context ended");
  }
  void EndsBy(Instant when, std::string_view what) {
    if (when.infinite()) return;
    const Instant latest = client().Awake(std::max(when, record_.began)) + kSlack;
    Expect(record_.ended <= latest,
           absl::StrCat("it ended ", absl::FormatDuration(record_.ended - when), " after ",
                        std::string(what)));
  }

  void JudgeHandler() {
    Expect(record_.runs <= 1, absl::StrCat("its handler ran ", record_.runs, " times"));
    Expect(record_.runs + record_.stream.failures <= kAttemptsMax,
           absl::StrCat("it was tried ", record_.runs + record_.stream.failures, " times"));
    if (record_.runs == 0) return;
    Expect(record_.request_is_right,
           "its handler got another request, other metadata or another attachment");
    JudgeHandlersDeadline();
    const Instant noticed = std::min(record_.context_ended, record_.handler_ended);
    if (!record_.handler_deadline.infinite()) {
      const Instant due = std::max(record_.handler_deadline, record_.handler_began);
      Expect(noticed <= server_host().Awake(due) + kSlack,
             absl::StrCat("its handler's context had a deadline at ", Show(due), " and ended ",
                          Show(noticed)));
    }
    if (world_.program().weather == Weather::kPeaceful) {
      Expect(noticed <= std::max(record_.ended, record_.handler_began) + kNewsTravels,
             absl::StrCat("its handler was not told that the caller gave up; noticed ",
                          Show(noticed)));
    }
  }
  void JudgeHandlersDeadline() {
    if (record_.deadline.infinite()) {
      Expect(record_.handler_deadline.infinite(), "its handler had a deadline nobody asked for");
      return;
    }
    const absl::Duration on_its_way = record_.handler_began - record_.began;
    Expect(record_.handler_deadline + kRounding >= record_.deadline &&
               record_.handler_deadline <= record_.deadline + on_its_way + kRounding,
           absl::StrCat("its handler saw the deadline ", Show(record_.handler_deadline)));
  }

  void JudgeStatus() {
    const absl::Status& status = record_.end_status;
    const bool answered = record_.runs == 1 && record_.handler_ended <= record_.ended;
    // A limit's words may be the handler's own, who has them from its context: the protocol has answered before.
    const bool by_limit = absl::IsResourceExhausted(status) && limit_reached();
    if (answered && record_.said && status == record_.handler_status && !by_limit)
      return JudgeAnswer();
    if (std::optional<std::string> wrong = WhyNot(status, answered); wrong.has_value())
      Expect(false, *wrong);
    const bool all_was_well = plan_.is_health_check &&
                              world_.program().network.reset_probability == 0 &&
                              world_.program().network.refuse_probability == 0;
    if (all_was_well) Expect(IsOwnDoing(status), "all was well again, and it was not OK");
  }

  // It would have ended like this in the best of worlds, too.
  bool IsOwnDoing(const absl::Status& status) const {
    return record_.threw || channel_.destroyed <= record_.ended ||
           (absl::IsResourceExhausted(status) && limit_reached());
  }

  // What the handler said arrives as it was said.
  void JudgeAnswer() {
    if (record_.told == 0) return;
    if (record_.end_status.ok()) {
      Expect(record_.reply_is_right, "the reply is not the handler's");
      Expect(record_.info.attachment.view() == ReplyAttachmentOf(plan_, id_),
             "the reply came with another attachment");
    }
    Expect(record_.info.trailing_metadata == record_.trailing, "other trailing metadata");
    Expect(record_.info.initial_metadata == record_.initial, "other initial metadata");
  }

  // Why a call may not end like this by itself; nothing if it may.
  std::optional<std::string> WhyNot(const absl::Status& status, bool answered) const {
    switch (status.code()) {
      case absl::StatusCode::kOk:
        return "OK without a handler that said so";
      case absl::StatusCode::kDeadlineExceeded:
        if (record_.ended + kRounding >= record_.deadline) return std::nullopt;
        // The parent's client may have said so before the parent's own clock did.
        if (parents_context_ended() <= record_.ended &&
            absl::IsDeadlineExceeded(world_.records()[plan_.parent].context_status))
          return std::nullopt;
        return "before its deadline";
      case absl::StatusCode::kCancelled:
        if (gave_up() <= record_.ended || channel_.destroyed <= record_.ended ||
            parents_context_ended() <= record_.ended)
          return std::nullopt;
        return "nobody cancelled it";
      case absl::StatusCode::kUnavailable:
        return absl::StartsWith(status.message(), kPlannedFailure) ? WhyNotTriedAgain(status)
                                                                   : WhyNotUnavailable();
      case absl::StatusCode::kResourceExhausted:
        if (!limit_reached()) return "no limit was in reach";
        // A full queue of workers refuses calls: they are sent again.
        if (absl::StrContains(status.message(), "worker_queue_max") &&
            !absl::StrContains(status.message(), "ResendOptions") && !MayHaveSpoken())
          return "it was refused, and not sent again";
        return std::nullopt;
      case absl::StatusCode::kInternal:
        if (answered && record_.threw && absl::StrContains(status.message(), "threw"))
          return std::nullopt;
        return "its handler did not throw";
      case absl::StatusCode::kUnimplemented:
        if (plan_.handling == Handling::kMissing && absl::StrContains(status.message(), "Missing"))
          return std::nullopt;
        return "there is such a method";
      default:
        return absl::StrCat("nobody gave it this status; its handler said ",
                            record_.handler_status.ToString(), " at ", Show(record_.handler_ended));
    }
  }

  // A stream that has said something is not sent again.
  bool MayHaveSpoken() const { return plan_.stream.has_value() && plan_.stream->client_writes(); }

  // A run that failed as planned was the last one.
  std::optional<std::string> WhyNotTriedAgain(const absl::Status& status) const {
    if (record_.stream.failures == 0) return "no run had failed like this";
    if (record_.runs > 0) return "the run behind those that failed did not say so";
    if (MayHaveSpoken() || plan_.stream->failure_writes > 0) return std::nullopt;
    const bool says_why = absl::StrContains(status.message(), "RetryOptions::attempts_max") ||
                          absl::StrContains(status.message(), "not tried again");
    if (says_why) return std::nullopt;
    return "nothing had passed, and it was not tried again";
  }

  std::optional<std::string> WhyNotUnavailable() const {
    const auto unreliable = [](const LiveServer& server, Instant by) {
      return server.unreliable <= by;
    };
    if (!AnyServer(unreliable, record_.ended)) return "nothing had failed";
    const auto hurt = [](const LiveServer& server, Instant by) { return server.hurt <= by; };
    if (AnyServer(hurt, record_.ended)) return std::nullopt;
    // A drain loses no call that waits for a connection, or that has another server to go to (they
    // are drained one at a time); but those of a connection that was being made: its first requests
    // do not wait for the server's answer.
    if (!plan_.wait_for_ready && servers_.size() == 1) return std::nullopt;
    if (MayHaveSpoken()) return std::nullopt;
    const bool from_handler = plan_.parent != kNone;
    const auto drained_since = [](const LiveServer& server, Instant when) {
      return std::any_of(server.drains.begin(), server.drains.end(),
                         [&](Instant drain) { return when > drain; });
    };
    const bool first_connection = AnyServer(drained_since, channel_.first_call + absl::Seconds(1));
    if (from_handler || first_connection) return std::nullopt;
    return "its servers were only drained, and it could wait or go elsewhere";
  }

  bool limit_reached() const {
    return std::any_of(servers_.begin(), servers_.end(),
                       [this](int server) { return LimitReached(server); });
  }
  bool LimitReached(int index) const {
    const ServerPlan& server = world_.program().servers[index];
    const bool too_many =
        channel_plan_.queue_is_small || server.options.limits.streams_max < 64 ||
        (plan_.handling == Handling::kWorkers && server.runtime.worker_queue_max < 2);
    if (plan_.stream.has_value() && StreamIsTooLarge(server.options.limits)) return true;
    const size_t beside = plan_.attachment_bytes;
    return too_many || TooLarge(plan_.request_bytes + beside, server.options.limits) ||
           TooLarge(plan_.reply_bytes + beside, channel_plan_.options.limits) ||
           HasSmallBudget(server.options.limits);  // where replies wait for their turn
  }
  // Messages that are not taken count, too, and so may another stream's pieces.
  bool StreamIsTooLarge(const ConnectionLimits& server) const {
    const auto any_is = [](const std::vector<size_t>& messages, const ConnectionLimits& receiver) {
      return std::any_of(messages.begin(), messages.end(),
                         [&](size_t bytes) { return TooLarge(bytes, receiver); });
    };
    return HasSmallBudget(channel_plan_.options.limits) || any_is(plan_.stream->requests, server) ||
           any_is(plan_.stream->replies, channel_plan_.options.limits);
  }
  static bool HasSmallBudget(const ConnectionLimits& limits) {
    return limits.bytes_in_flight_max < ConnectionLimits().bytes_in_flight_max;
  }
  static bool TooLarge(size_t bytes, const ConnectionLimits& receiver) {
    constexpr size_t kFraming = 64;
    constexpr size_t kOnePiece = 64 * 1024;
    return bytes + kFraming > receiver.message_bytes_max ||
           (bytes + kFraming > kOnePiece && HasSmallBudget(receiver));
  }

  const World& world_;
  const int id_;
  const CallPlan& plan_;
  const CallRecord& record_;
  const ChannelPlan& channel_plan_;
  const LiveChannel& channel_;
  std::vector<int> servers_;  // that it may have gone to
  std::vector<std::string>& complaints_;
};

}  // namespace

std::vector<std::string> Judge(const World& world) {
  std::vector<std::string> complaints = world.complaints();
  for (size_t id = 0; id < world.records().size(); ++id)
    CallJudge(world, static_cast<int>(id), complaints).Judge();
  return complaints;
}

}  // namespace dialtone::simulation
