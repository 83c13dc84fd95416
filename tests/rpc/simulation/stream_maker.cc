// The streams of a program, drawn from a source of chance of their own: so a seed has the same unary
// calls with or without them.
#include <algorithm>

#include "program.h"
#include "support/sim_random.h"

namespace dialtone::simulation {
namespace {

constexpr absl::StatusCode kStreamHandlersCodes[] = {
    absl::StatusCode::kNotFound, absl::StatusCode::kAborted, absl::StatusCode::kDataLoss};
// More than the window of a stream.
constexpr size_t kFloodBytes = 600'000;
// Serialised and parsed on a worker thread.
constexpr size_t kLargeBytes = 1'200'000;

class StreamMaker {
 public:
  explicit StreamMaker(Program& program)
      : random_(program.seed ^ 0x57e4'0000),
        marks_(program.seed ^ 0x3a4c'0000),
        program_(program),
        network_(program.network) {
    is_quick_ = network_.buffer_bytes > 60'000 && network_.slice_probability < 0.2;
  }

  void Make() {
    if (random_.Chance(0.3)) return;
    program_.compresses = random_.Chance(0.15);
    for (ServerPlan& server : program_.servers) Choose(server.options);
    for (ChannelPlan& channel : program_.channels) Choose(channel.options);
    first_chain_ = static_cast<int>(program_.channels.size() - program_.servers.size()) + 1;
    const size_t count = 1 + random_.Below(random_.Chance(0.2) ? 12 : 4);
    for (size_t i = 0; i < count; ++i)
      AddStream(kNone, static_cast<int>(random_.Below(first_chain_)));
    for (int channel = 0; channel < first_chain_; ++channel) {
      if (random_.Chance(0.4)) AddHealthCheck(channel);
    }
  }

 private:
  template <class T, size_t N>
  const T& Pick(const T (&from)[N]) {
    return from[random_.Below(N)];
  }
  absl::Duration Micros(int64_t min, int64_t max) {
    return absl::Microseconds(random_.Between(min, max));
  }

  void AddStream(int parent, int channel) {
    CallPlan plan;
    plan.parent = parent;
    plan.channel = channel;
    plan.at = Micros(0, random_.Chance(0.3) ? 1'000 : 2'000'000);
    plan.way = parent != kNone        ? Way::kAwait
               : random_.Chance(0.75) ? Way::kThen
               : random_.Chance(0.5)  ? Way::kWait
                                      : Way::kBlockOn;
    // What blocks holds up whatever blocked before it: a shutdown would wait for that in vain.
    if (program_.weather == Weather::kDrains && parent == kNone) plan.way = Way::kThen;
    StreamPlan& stream = plan.stream.emplace();
    stream.kind = Pick({MethodKind::kServerStreaming, MethodKind::kClientStreaming,
                        MethodKind::kBidirectionalStreaming});
    plan.has_metadata = stream.client_writes() || random_.Chance(0.4);
    plan.wait_for_ready = random_.Chance(0.5);
    plan.sends_headers = random_.Chance(0.2);
    plan.request_bytes = random_.Below(300);
    plan.reply_bytes = SomeBytes();
    stream.requests = stream.client_writes() ? SomeMessages() : std::vector<size_t>();
    stream.replies = stream.client_reads() ? SomeMessages() : std::vector<size_t>();
    ChooseHandling(plan);
    ChooseOutcome(plan);
    ChooseEnd(plan);
    WriteScripts(plan);
    const int server = program_.channels[channel].server;
    const int id = static_cast<int>(program_.calls.size());
    const bool calls_on = plan.handling == Handling::kCoroutine && !plan.until_cancelled &&
                          HasNextServer(channel) && random_.Chance(0.3);
    if (calls_on) plan.child = id + 1;
    ChooseFailures(plan);
    program_.calls.push_back(std::move(plan));
    if (calls_on) AddStream(id, first_chain_ + server);
  }

  bool HasNextServer(int channel) const {
    const ChannelPlan& plan = program_.channels[channel];
    return plan.other_server == kNone &&
           plan.server + 1 < static_cast<int>(program_.servers.size());
  }

  // A server's options, or a channel's.
  template <class Options>
  void Choose(Options& options) {
    // Windows that stay as they are show best whether they are kept to.
    options.limits.window_bytes_max = Pick<uint32_t>({0, 0, 500'000, 8'000'000});
    if (program_.compresses)
      options.compression.algorithm =
          Pick({Compression::kNone, Compression::kGzip, Compression::kZstd});
  }

  // --- Messages ---

  size_t SomeBytes() {
    switch (random_.Below(10)) {
      case 0:
      case 1:
        return 0;
      case 2:
        return random_.Below(std::min<size_t>(program_.message_bytes_max, 70'000));
      case 3:
      case 4:
        return random_.Below(std::min<size_t>(program_.message_bytes_max, 5'000));
      default:
        return random_.Below(100);
    }
  }

  std::vector<size_t> SomeMessages() {
    std::vector<size_t> messages;
    if (is_quick_ && random_.Chance(0.15)) {
      // More than one piece each, sometimes.
      const size_t bytes = random_.Chance(0.3) ? 65'600 : 3'000 + random_.Below(20'000);
      messages.assign(2 + kFloodBytes / bytes, bytes);
    } else if (is_quick_ && random_.Chance(0.04)) {
      messages = {10, kLargeBytes, 20, 0, kLargeBytes + random_.Below(1000), 30};
    } else {
      const size_t most = Pick<size_t>({1, 5, 5, 5, 30, 30, 200});
      messages.resize(random_.Below(most + 1));
      const size_t bytes_max = is_quick_ ? 400'000 : program_.message_bytes_max;
      size_t bytes = 0;
      for (size_t& message : messages) {
        message = bytes < bytes_max ? SomeBytes() : random_.Below(20);
        bytes += message;
      }
    }
    return messages;
  }

  // --- How it goes ---

  void ChooseHandling(CallPlan& plan) {
    plan.handling = Handling::kCoroutine;
    const uint64_t lot = random_.Below(20);
    if (lot == 0) plan.handling = Handling::kMissing;
    // In the simulation a plain handler holds up all that blocked before it, and its own client must
    // not be among that.
    if (lot > 14 && plan.way == Way::kThen && program_.weather != Weather::kDrains)
      plan.handling = Handling::kWorkers;
  }

  void ChooseOutcome(CallPlan& plan) {
    const uint64_t lot = random_.Below(10);
    if (lot == 0) plan.outcome = Outcome::kThrow;
    if (lot == 1 || lot == 2) {
      plan.outcome = Outcome::kFail;
      plan.code = Pick(kStreamHandlersCodes);
    }
  }

  void ChooseEnd(CallPlan& plan) {
    StreamPlan& stream = *plan.stream;
    plan.has_timeout = random_.Chance(0.3);
    plan.timeout = Micros(0, Pick({20'000, 500'000, 3'000'000}));
    if (plan.way == Way::kWait || plan.way == Way::kBlockOn) {
      // What blocks must end by itself.
      if (!std::exchange(plan.has_timeout, true)) plan.timeout = absl::Seconds(10);
    }
    if (plan.way == Way::kThen) {
      stream.on_reactor = random_.Chance(0.5);
      stream.in_context = random_.Chance(0.3);
      stream.ending = Pick({StreamEnding::kFinish, StreamEnding::kFinish, StreamEnding::kCallback,
                            StreamEnding::kDestroy});
      if (random_.Chance(0.4)) {
        plan.giving_up = random_.Chance(0.5) ? GivingUp::kCancel : GivingUp::kEndContext;
        plan.gives_up_after = random_.Chance(0.2) ? absl::ZeroDuration() : Micros(0, 400'000);
        stream.reads_on = random_.Chance(0.7);
      }
    }
    // Until it is told to stop: somebody must do that.
    if (plan.handling != Handling::kCoroutine || !random_.Chance(0.15)) return;
    plan.until_cancelled = true;
    const bool is_cancelled = plan.giving_up == GivingUp::kCancel ||
                              (plan.giving_up == GivingUp::kEndContext && stream.in_context);
    if (is_cancelled || plan.has_timeout) return;
    plan.has_timeout = true;
    plan.timeout = Micros(1'000, 800'000);
  }

  // In peace alone, where a run that has failed has ended: so there is one at a time, and what has
  // passed is known.
  void ChooseFailures(CallPlan& plan) {
    if (program_.weather != Weather::kPeaceful || plan.child != kNone || !marks_.Chance(0.6))
      return;
    if (plan.handling == Handling::kMissing) return;
    StreamPlan& stream = *plan.stream;
    stream.failures = static_cast<int>(1 + marks_.Below(3));
    if (plan.handling == Handling::kCoroutine && !stream.replies.empty() && marks_.Chance(0.2))
      stream.failure_writes = 1;
  }

  // --- Scripts ---

  void Sleeps(StreamScript& script, double often, int64_t micros_max) {
    if (random_.Chance(often)) script.push_back({StreamAct::kSleep, Micros(0, micros_max)});
  }

  void WriteScripts(CallPlan& plan) {
    StreamPlan& stream = *plan.stream;
    const bool one_for_all = plan.way != Way::kThen;
    if (one_for_all && stream.kind == MethodKind::kBidirectionalStreaming)
      return WriteConversation(stream);
    WriteWriter(stream);
    stream.reader = Reads(stream.client_reads() ? stream.replies.size() : 0);
    if (stream.client_reads()) stream.reader.push_back({StreamAct::kReadAll, {}});
    if (one_for_all && stream.client_reads()) stream.writer = std::move(stream.reader);
    // Who reads no more may keep the handler from reading, and so from ending.
    const bool ends_anyway = plan.giving_up != GivingUp::kNever || plan.has_timeout;
    if (!one_for_all && stream.client_reads() && ends_anyway && random_.Chance(0.3))
      stream.reader.resize(random_.Below(stream.reader.size()));
    WriteHandler(stream);
  }

  // The message is answered before the next one is written.
  void WriteConversation(StreamPlan& stream) {
    const size_t rounds = std::min(stream.requests.size(), stream.replies.size());
    for (size_t i = 0; i < rounds; ++i) {
      Sleeps(stream.writer, 0.1, 20'000);
      stream.writer.push_back({StreamAct::kWrite, {}});
      stream.writer.push_back({StreamAct::kRead, {}});
      stream.handler.push_back({StreamAct::kRead, {}});
      Sleeps(stream.handler, 0.1, 20'000);
      stream.handler.push_back({StreamAct::kWrite, {}});
    }
    if (random_.Chance(0.5)) stream.writer.push_back({StreamAct::kHalfClose, {}});
    if (random_.Chance(0.5)) return;
    if (stream.writer.empty() || stream.writer.back().act != StreamAct::kHalfClose)
      stream.writer.push_back({StreamAct::kHalfClose, {}});
    stream.handler.push_back({StreamAct::kReadAll, {}});
    stream.writer.push_back({StreamAct::kReadAll, {}});
  }

  void WriteWriter(StreamPlan& stream) {
    if (!stream.client_writes()) return;
    const double often = Pick({0.0, 0.1, 0.1, 0.5});
    for (size_t i = 0; i < stream.requests.size(); ++i) {
      Sleeps(stream.writer, often, 20'000);
      const bool last = i + 1 == stream.requests.size() && random_.Chance(0.4);
      stream.writer.push_back({last ? StreamAct::kWriteLast : StreamAct::kWrite, {}});
    }
    Sleeps(stream.writer, 0.2, 100'000);
    stream.writer.push_back({StreamAct::kHalfClose, {}});
  }

  // So many, after a while, and slowly.
  StreamScript Reads(size_t count) {
    StreamScript script;
    Sleeps(script, 0.3, 500'000);
    const double often = Pick({0.0, 0.1, 0.5});
    for (size_t i = 0; i < count; ++i) {
      script.push_back({StreamAct::kRead, {}});
      Sleeps(script, often, 30'000);
    }
    return script;
  }

  void WriteHandler(StreamPlan& stream) {
    StreamScript& script = stream.handler;
    StreamScript reads = Reads(stream.requests.size());
    reads.push_back({StreamAct::kReadAll, {}});
    if (!stream.client_writes()) reads.clear();
    // Ends while its client still writes.
    if (random_.Chance(0.25)) reads.resize(reads.size() / (1 + random_.Below(3)));
    StreamScript writes;
    const double often = Pick({0.0, 0.1, 0.5});
    for (size_t i = 0; i < stream.replies.size(); ++i) {
      Sleeps(writes, often, 20'000);
      writes.push_back({StreamAct::kWrite, {}});
    }
    switch (random_.Below(3)) {
      case 0:
        std::swap(reads, writes);
        [[fallthrough]];
      case 1:
        script = std::move(reads);
        script.insert(script.end(), writes.begin(), writes.end());
        return;
      default:  // in turn
        for (size_t i = 0; i < std::max(reads.size(), writes.size()); ++i) {
          if (i < reads.size()) script.push_back(reads[i]);
          if (i < writes.size()) script.push_back(writes[i]);
        }
        return;
    }
  }

  // More than every window of the connection, both ways.
  void AddHealthCheck(int channel) {
    CallPlan plan;
    plan.is_health_check = true;
    plan.channel = channel;
    plan.has_timeout = true;
    plan.timeout = absl::Seconds(60);
    plan.wait_for_ready = true;
    plan.has_metadata = true;
    StreamPlan& stream = plan.stream.emplace();
    const size_t bytes = std::min<size_t>(20'000, program_.message_bytes_max / 2 - 100);
    const size_t count = (is_quick_ ? kFloodBytes : 2 * program_.message_bytes_max) / bytes;
    stream.requests.assign(count, bytes);
    stream.replies.assign(count, bytes);
    for (size_t i = 0; i < count; ++i) {
      stream.writer.push_back({StreamAct::kWrite, {}});
      stream.handler.push_back({StreamAct::kRead, {}});
      stream.handler.push_back({StreamAct::kWrite, {}});
    }
    stream.writer.push_back({StreamAct::kHalfClose, {}});
    stream.reader.push_back({StreamAct::kReadAll, {}});
    stream.handler.push_back({StreamAct::kReadAll, {}});
    program_.calls.push_back(std::move(plan));
  }

  SimRandom random_;
  SimRandom marks_;  // so a seed has the same streams with or without marks
  Program& program_;
  const SimOptions& network_;
  bool is_quick_ = false;  // the network, so that much data costs little time
  int first_chain_ = 0;
};

std::string MessageOf(int id, bool from_client, size_t number, size_t bytes) {
  const uint64_t salt = static_cast<uint64_t>(id) * 2 + (from_client ? 1 : 0);
  return Payload((salt << 20) + number, bytes);
}

}  // namespace

void AddStreams(Program& program) { StreamMaker(program).Make(); }

std::string StreamRequestOf(const CallPlan& plan, int id, size_t number) {
  return MessageOf(id, true, number, plan.stream->requests[number]);
}

std::string StreamReplyOf(const CallPlan& plan, int id, size_t number) {
  return MessageOf(id, false, number, plan.stream->replies[number]);
}

}  // namespace dialtone::simulation
