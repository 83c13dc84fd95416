// Longer than 400 lines because all that a program can have is drawn by one maker from one source of
// chance.
#include "program.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "support/sim_random.h"

namespace dialtone::simulation {
namespace {

// Codes that nobody but a handler gives a call.
constexpr absl::StatusCode kHandlersCodes[] = {
    absl::StatusCode::kInvalidArgument, absl::StatusCode::kNotFound,
    absl::StatusCode::kAlreadyExists, absl::StatusCode::kAborted, absl::StatusCode::kDataLoss};

// Of messages that are not complete: two large ones are too many.
constexpr uint64_t kSmallBudget = 150'000;

constexpr absl::Duration kFirstRestart = absl::Milliseconds(1'500);

class Maker {
 public:
  explicit Maker(uint64_t seed) : random_(seed ^ 0x5eed) { program_.seed = seed; }

  Program Make() {
    const uint64_t weather = random_.Below(10);
    program_.weather = weather < 4   ? Weather::kPeaceful
                       : weather < 6 ? Weather::kDrains
                                     : Weather::kFaults;
    MakeNetwork();
    MakeServers();
    MakeChannels();
    MakeCalls();
    MakeSteps();
    // A server outlives its in-process channels.
    program_.shuts_servers_down_first = !has_in_process() && random_.Chance(0.5);
    return std::move(program_);
  }

 private:
  bool faulty() const { return program_.weather == Weather::kFaults; }
  template <class T, size_t N>
  const T& Pick(const T (&from)[N]) {
    return from[random_.Below(N)];
  }
  absl::Duration Micros(int64_t min, int64_t max) {
    return absl::Microseconds(random_.Between(min, max));
  }

  void MakeNetwork() {
    SimOptions& network = program_.network;
    network = SimOptions(program_.seed);
    network.latency_min = absl::Microseconds(10);
    network.latency_max = absl::Microseconds(Pick({50, 500, 2'000, 20'000}));
    network.bytes_per_second = Pick({0, 0, 0, 4'000'000});
    network.buffer_bytes = Pick<size_t>({700, 4'096, 65'536, 65'536, 1'048'576});
    network.slice_probability = Pick({0.0, 0.1, 0.1, 0.5});
    network.loss_probability = Pick({0.0, 0.0, 0.01});
    network.lead_busy_probability = Pick({0.0, 0.1, 0.5});
    network.events_max = 4'000'000;
    if (faulty() && random_.Chance(0.2)) network.reset_probability = 0.001;
    if (faulty() && random_.Chance(0.2)) network.refuse_probability = 0.2;
    program_.message_bytes_max = network.buffer_bytes < 1'000      ? 6'000
                                 : network.buffer_bytes < 10'000   ? 40'000
                                 : network.slice_probability > 0.3 ? 150'000
                                                                   : 500'000;
  }

  void MakeServers() {
    const int count = static_cast<int>(1 + random_.Below(3));
    for (int i = 0; i < count; ++i) {
      ServerPlan server;
      server.address = absl::StrCat("10.0.0.", i + 1, ":7000");
      server.runtime.reactors = random_.Chance(0.5) ? 1 : 2;
      server.runtime.worker_threads = static_cast<int>(2 + random_.Below(6));
      ConnectionLimits& limits = server.options.limits;
      limits.streams_max = Pick<uint32_t>({64, 64, 100, 1024});
      if (random_.Chance(0.15)) limits.message_bytes_max = program_.message_bytes_max / 2;
      if (random_.Chance(0.15)) limits.write_queue_bytes_max = 20'000;
      if (random_.Chance(0.3)) limits.methods_max = 64;
      if (random_.Chance(0.05)) limits.streams_max = 8;
      if (random_.Chance(0.1)) limits.bytes_in_flight_max = kSmallBudget;
      if (random_.Chance(0.2)) server.runtime.worker_queue_max = 1;
      // Half of them let connections rest whenever nothing is under way.
      if ((program_.seed + static_cast<uint64_t>(i)) % 2 == 0)
        server.options.connections_awake_max = 0;
      program_.servers.push_back(std::move(server));
    }
    program_.clients = static_cast<int>(1 + random_.Below(2));
  }

  void MakeChannels() {
    const int servers = static_cast<int>(program_.servers.size());
    const int from_clients = static_cast<int>(1 + random_.Below(3));
    for (int i = 0; i < from_clients; ++i) {
      const int server = static_cast<int>(random_.Below(servers));
      const bool in_process = program_.weather != Weather::kDrains && random_.Chance(0.1);
      AddChannel(in_process ? server : servers + i % program_.clients, server);
      ChannelPlan& channel = program_.channels.back();
      channel.in_process = in_process;
      if (servers > 1 && !in_process && random_.Chance(0.4))
        channel.other_server =
            static_cast<int>((server + 1 + random_.Below(servers - 1)) % servers);
      // One whose calls fail, by their short deadlines say, would rest, and nobody be connected to it
      // when the other one is restarted.
      if (program_.weather == Weather::kDrains) channel.options.outliers.resting_share_max = 0;
    }
    // A chain of servers; the last one knows nobody.
    first_chain_ = from_clients;
    for (int i = 0; i + 1 < servers; ++i) AddChannel(i, i + 1);
  }

  bool has_in_process() const {
    return std::any_of(program_.channels.begin(), program_.channels.end(),
                       [](const ChannelPlan& channel) { return channel.in_process; });
  }

  // Whether a handler of a call there can make calls of its own.
  bool HasNextServer(const ChannelPlan& channel) const {
    return channel.other_server == kNone &&
           channel.server + 1 < static_cast<int>(program_.servers.size());
  }

  void AddChannel(int host, int server) {
    ChannelPlan channel;
    channel.host = host;
    channel.server = server;
    ChannelOptions& options = channel.options;
    options.default_timeout = absl::Seconds(15);
    options.backoff.initial = absl::Milliseconds(random_.Between(5, 100));
    options.backoff.max = absl::Seconds(2);
    options.connect.timeout = absl::Seconds(2);
    if (random_.Chance(0.1)) {
      channel.queue_is_small = true;
      options.queued_calls_max = random_.Below(4);
    }
    if (random_.Chance(0.1)) options.limits.message_bytes_max = program_.message_bytes_max / 2;
    if (random_.Chance(0.1)) options.limits.bytes_in_flight_max = kSmallBudget;
    program_.channels.push_back(std::move(channel));
  }

  size_t SomeBytes() {
    switch (random_.Below(8)) {
      case 0:
        return 0;
      case 1:
        return program_.message_bytes_max / (1 + random_.Below(4));
      case 2:
        return random_.Below(std::min<size_t>(program_.message_bytes_max, 70'000));
      default:
        return random_.Below(300);
    }
  }

  void MakeCalls() {
    const size_t roots = 3 + random_.Below(20);
    for (size_t i = 0; i < roots; ++i) {
      CallPlan plan;
      plan.channel = static_cast<int>(random_.Below(first_chain_));
      plan.at = Micros(0, random_.Chance(0.3) ? 1'000 : 2'000'000);
      plan.way = Pick({Way::kThen, Way::kThen, Way::kWait, Way::kBlockOn});
      AddCall(std::move(plan));
    }
    if (random_.Chance(0.25)) AddStorm();
    for (int channel = 0; channel < first_chain_; ++channel) AddHealthChecks(channel);
  }

  // Enough calls to use every slot and more than every window of a connection, if any was lost.
  void AddHealthChecks(int channel) {
    const int count = random_.Chance(0.3) ? 80 : 4;
    for (int i = 0; i < count; ++i) AddHealthCheck(channel, 8);
    const size_t bytes = program_.message_bytes_max / 2 - 100;
    if (bytes < 200'000 || !random_.Chance(0.4)) return;
    for (int i = 0; i < 6; ++i) AddHealthCheck(channel, bytes);
  }

  void AddHealthCheck(int channel, size_t bytes) {
    CallPlan plan;
    plan.is_health_check = true;
    plan.channel = channel;
    plan.timeout = absl::Seconds(60);
    plan.wait_for_ready = true;
    plan.request_bytes = plan.reply_bytes = bytes;
    plan.handler_time = Micros(0, 5'000);
    const int id = static_cast<int>(program_.calls.size());
    const int server = program_.channels[channel].server;
    program_.calls.push_back(plan);
    if (!HasNextServer(program_.channels[channel]) || !random_.Chance(0.3)) return;
    plan.parent = id;
    plan.way = Way::kAwait;
    plan.channel = first_chain_ + server;
    program_.calls[id].child = id + 1;
    program_.calls.push_back(std::move(plan));
  }

  // More calls at once than a connection takes; or as many one after the other, nearly all of them
  // given up.
  void AddStorm() {
    const bool is_given_up = random_.Chance(0.5);
    const int count = is_given_up ? 150 : 90;
    const absl::Duration at = Micros(0, 1'000'000);
    const int channel = static_cast<int>(random_.Below(first_chain_));
    for (int i = 0; i < count; ++i) {
      CallPlan plan;
      plan.channel = channel;
      plan.at = at + Micros(0, is_given_up ? 300'000 : 1'000);
      plan.timeout = absl::Seconds(30);
      plan.request_bytes = plan.reply_bytes = 8;
      plan.handler_time = Micros(0, 20'000);
      if (is_given_up && random_.Chance(0.9)) {
        plan.giving_up = GivingUp::kCancel;
        plan.gives_up_after = Micros(0, 10'000);
        plan.handler_time += absl::Milliseconds(5);
      }
      program_.calls.push_back(std::move(plan));
    }
  }

  void AddCall(CallPlan plan) {
    const int server = program_.channels[plan.channel].server;
    const bool has_next_server = HasNextServer(program_.channels[plan.channel]);
    plan.request_bytes = SomeBytes();
    plan.reply_bytes = SomeBytes();
    plan.has_metadata = random_.Chance(0.4);
    plan.wait_for_ready = random_.Chance(0.5);
    plan.sends_headers = random_.Chance(0.2);
    const uint64_t handling = random_.Below(20);
    plan.handling = handling < 12   ? Handling::kCoroutine
                    : handling < 16 ? Handling::kPlain
                    : handling < 19 ? Handling::kWorkers
                                    : Handling::kMissing;
    ChooseTimeout(plan);
    ChooseOutcome(plan);
    // In the simulation a thread that waits for a handler, in a shutdown, may hold that handler up.
    const bool may_block =
        plan.handling == Handling::kWorkers && program_.weather != Weather::kDrains;
    if (plan.handling == Handling::kCoroutine || may_block)
      plan.handler_time = Micros(0, Pick({2'000, 2'000, 300'000, 1'500'000}));
    const double hangs = plan.giving_up != GivingUp::kNever ? 0.5 : 0.15;
    if (plan.handling == Handling::kCoroutine && random_.Chance(hangs)) ChooseToHang(plan);
    const int id = static_cast<int>(program_.calls.size());
    const bool can_call_on = plan.handling == Handling::kCoroutine || may_block;
    const Handling handling_of_parent = plan.handling;
    program_.calls.push_back(std::move(plan));
    if (!can_call_on || !has_next_server) return;
    if (!random_.Chance(0.5)) return;
    CallPlan child;
    child.parent = id;
    child.channel = first_chain_ + server;
    child.way = handling_of_parent == Handling::kCoroutine ? Way::kAwait : Way::kWait;
    program_.calls[id].child = static_cast<int>(program_.calls.size());
    program_.calls[id].until_cancelled = false;
    AddCall(std::move(child));
  }

  void ChooseTimeout(CallPlan& plan) {
    switch (random_.Below(5)) {
      case 0:
        plan.timeout = Micros(0, 20'000);
        break;
      case 1:
        plan.timeout = Micros(50'000, 500'000);
        break;
      case 2:
        plan.has_timeout = false;
        break;
      default:
        plan.timeout = absl::InfiniteDuration();
        break;
    }
    // What blocks must end by itself: in the simulation it holds up whatever blocked before it.
    const bool blocks = plan.way == Way::kWait || plan.way == Way::kBlockOn;
    if (blocks && plan.timeout == absl::InfiniteDuration()) plan.timeout = absl::Seconds(10);
    if (random_.Chance(0.3) && plan.way != Way::kAwait) {
      plan.giving_up = random_.Chance(0.5) ? GivingUp::kCancel : GivingUp::kDestroyHandle;
      plan.gives_up_after = random_.Chance(0.3) ? absl::ZeroDuration() : Micros(0, 200'000);
      if (blocks) plan.giving_up = GivingUp::kNever;
    }
  }

  void ChooseOutcome(CallPlan& plan) {
    const uint64_t outcome = random_.Below(10);
    if (outcome == 0) plan.outcome = Outcome::kThrow;
    if (outcome == 1 || outcome == 2) {
      plan.outcome = Outcome::kFail;
      plan.code = Pick(kHandlersCodes);
    }
  }

  // Until it is told to stop: somebody must do that.
  void ChooseToHang(CallPlan& plan) {
    plan.until_cancelled = true;
    if (plan.giving_up != GivingUp::kNever) return;
    plan.has_timeout = true;
    plan.timeout = Micros(1'000, 800'000);
  }

  void MakeSteps() {
    if (program_.weather == Weather::kPeaceful || random_.Chance(0.1)) {
      if (random_.Chance(0.3)) AddDestruction();
      return;
    }
    if (!faulty() && program_.servers.size() > 1 && random_.Chance(0.4)) return AddRestarts();
    const size_t count = 1 + random_.Below(faulty() ? 6 : 3);
    for (size_t i = 0; i < count; ++i) {
      Step step;
      step.at = Micros(0, 2'500'000);
      if (faulty()) {
        ChooseFault(step);
      } else {
        step.kind = StepKind::kShutdown;
        step.deadline = absl::Seconds(60);
        step.lasts = Micros(0, 500'000);
      }
      if (step.kind != StepKind::kPauseHost)
        step.target = static_cast<int>(random_.Below(program_.servers.size()));
      program_.steps.push_back(step);
    }
    if (random_.Chance(0.2)) AddDestruction();
  }

  // One server after the other, each soon after the one before is back, and calls meanwhile; on
  // connections that stand for long enough to lose none.
  void AddRestarts() {
    const absl::Duration period = Micros(5'000, 150'000);
    for (int i = 0; i < 12; ++i) {
      Step step;
      step.kind = StepKind::kShutdown;
      step.at = kFirstRestart + i * period + Micros(0, 5'000);
      step.target = i % static_cast<int>(program_.servers.size());
      step.deadline = absl::Seconds(60);
      step.lasts = Micros(0, 20'000);
      program_.steps.push_back(step);
    }
    for (int i = 0; i < 60; ++i) {
      CallPlan plan;
      plan.channel = i % first_chain_;
      if (i >= first_chain_)
        plan.at = kFirstRestart + Micros(0, absl::ToInt64Microseconds(12 * period));
      plan.timeout = absl::Seconds(30);
      plan.request_bytes = plan.reply_bytes = 8;
      plan.handler_time = Micros(0, 5'000);
      program_.calls.push_back(std::move(plan));
    }
  }

  void ChooseFault(Step& step) {
    step.kind = Pick({StepKind::kResetServer, StepKind::kResetSome, StepKind::kPartition,
                      StepKind::kPartition, StepKind::kBlackHole, StepKind::kPauseHost,
                      StepKind::kPauseHost, StepKind::kShutdown});
    const int hosts = static_cast<int>(program_.servers.size()) + program_.clients;
    step.host = static_cast<int>(random_.Below(hosts));
    step.lasts = random_.Chance(0.2) ? Micros(0, 40'000'000) : Micros(0, 600'000);
    step.deadline = random_.Chance(0.3) ? absl::ZeroDuration() : Micros(0, 400'000);
    if (has_in_process() && step.kind == StepKind::kShutdown) step.kind = StepKind::kResetServer;
    if (step.kind == StepKind::kPauseHost) step.target = step.host;
  }

  void AddDestruction() {
    if (random_.Chance(0.5)) {
      Step step;
      step.kind = StepKind::kDestroyChannel;
      step.at = Micros(0, 2'000'000);
      step.target = static_cast<int>(random_.Below(program_.channels.size()));
      program_.steps.push_back(step);
      return;
    }
    for (CallPlan& plan : program_.calls) {
      if (plan.way != Way::kThen || plan.parent != kNone || plan.is_health_check) continue;
      if (!random_.Chance(0.2)) continue;
      plan.destroys_channel = true;
      return;
    }
  }

  SimRandom random_;
  Program program_;
  int first_chain_ = 0;
};

// From a source of chance of their own: so a seed has the same calls with or without them.
void AddAttachments(Program& program) {
  SimRandom random(program.seed ^ 0xa77a'0000);
  if (random.Chance(0.6)) return;
  for (CallPlan& plan : program.calls) {
    if (!random.Chance(0.3)) continue;
    const size_t most = random.Chance(0.2) ? program.message_bytes_max / 4 : 2'000;
    plan.attachment_bytes = 1 + random.Below(most);
  }
}

uint64_t NextWord(uint64_t& state) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return state ^ (state >> 31);
}

}  // namespace

Program MakeProgram(uint64_t seed) {
  Program program = Maker(seed).Make();
  AddAttachments(program);
  AddStreams(program);
  return program;
}

std::string Payload(uint64_t salt, size_t bytes) {
  std::string payload(bytes, ' ');
  uint64_t state = salt * 0x9e3779b97f4a7c15 + 1;
  for (size_t i = 0; i < bytes; i += sizeof(uint64_t)) {
    const uint64_t word = (NextWord(state) & 0x3f3f3f3f3f3f3f3f) + 0x3030303030303030;
    std::memcpy(payload.data() + i, &word, std::min(sizeof(word), bytes - i));
  }
  return payload;
}

// Without metadata the request itself must say which call it is.
std::string RequestOf(const CallPlan& plan, int id) {
  std::string request = Payload(static_cast<uint64_t>(id) * 2, plan.request_bytes);
  if (!plan.has_metadata) request.insert(0, absl::StrFormat("%08d", id));
  return request;
}

std::string ReplyOf(const CallPlan& plan, int id) {
  return Payload(static_cast<uint64_t>(id) * 2 + 1, plan.reply_bytes);
}

std::string RequestAttachmentOf(const CallPlan& plan, int id) {
  return Payload(~(static_cast<uint64_t>(id) * 2), plan.attachment_bytes);
}

std::string ReplyAttachmentOf(const CallPlan& plan, int id) {
  return Payload(~(static_cast<uint64_t>(id) * 2 + 1), plan.attachment_bytes);
}

}  // namespace dialtone::simulation
