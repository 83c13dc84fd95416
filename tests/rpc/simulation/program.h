// A random program for the simulation: which servers and channels there are, which calls are made,
// what their handlers do, and what goes wrong when. All of it follows from a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/server.h"
#include "stream_plan.h"
#include "support/sim_options.h"

namespace dialtone::simulation {

// What may go wrong in a world decides what its calls may end in.
enum class Weather {
  kPeaceful,  // nothing; callers give up, deadlines pass, channels are destroyed
  kDrains,    // servers are shut down in good time and started again
  kFaults,    // resets, partitions, machines that vanish or hang, hurried shutdowns
};

enum class Handling { kCoroutine, kPlain, kWorkers, kMissing };
enum class Way { kThen, kWait, kBlockOn, kAwait };
enum class GivingUp {
  kNever,
  kCancel,
  kDestroyHandle,
  kEndContext,  // of a stream's client
};
enum class Outcome { kOk, kFail, kThrow };

inline constexpr int kNone = -1;

struct CallPlan {
  // --- The caller ---
  int channel = 0;
  int parent = kNone;  // the call whose handler makes this one
  absl::Duration at;   // when, if it has no parent
  Way way = Way::kThen;
  bool has_timeout = true;
  absl::Duration timeout;  // without: the channel's default
  bool wait_for_ready = false;
  bool has_metadata = false;
  size_t request_bytes = 0;
  size_t attachment_bytes = 0;  // beside the request and beside the reply; of unary calls
  GivingUp giving_up = GivingUp::kNever;
  absl::Duration gives_up_after;
  bool destroys_channel = false;  // from within its callback
  bool is_health_check = false;   // made when all is well again
  std::optional<StreamPlan> stream;
  // --- The handler ---
  Handling handling = Handling::kCoroutine;
  size_t reply_bytes = 0;
  absl::Duration handler_time;
  bool until_cancelled = false;  // instead of a time
  int child = kNone;             // a call that it makes and whose failure it passes on
  Outcome outcome = Outcome::kOk;
  absl::StatusCode code = absl::StatusCode::kOk;
  bool sends_headers = false;
};

struct ServerPlan {
  std::string address;
  RuntimeOptions runtime;
  ServerOptions options;
};

struct ChannelPlan {
  int host = 0;  // servers are hosts 0 … n-1, clients follow
  int server = 0;
  int other_server = kNone;  // a second one, as good; calls there call no further servers
  bool in_process = false;   // with no network between; `host` is the server's
  bool queue_is_small = false;
  ChannelOptions options;
};

enum class StepKind {
  kResetServer,
  kResetSome,
  kPartition,
  kBlackHole,
  kPauseHost,
  kShutdown,
  kDestroyChannel
};

struct Step {
  StepKind kind = StepKind::kResetSome;
  absl::Duration at;
  int target = 0;  // a server, a host, or a channel
  int host = 0;    // of kPartition: the other side
  absl::Duration lasts;
  absl::Duration deadline;  // of kShutdown
};

struct Program {
  uint64_t seed = 0;
  Weather weather = Weather::kPeaceful;
  SimOptions network;
  int clients = 1;
  std::vector<ServerPlan> servers;
  std::vector<ChannelPlan> channels;
  std::vector<CallPlan> calls;
  std::vector<Step> steps;
  size_t message_bytes_max = 0;  // that calls of this world send
  bool compresses = false;
  bool shuts_servers_down_first = false;
};

Program MakeProgram(uint64_t seed);
// Adds streams to a program that has its calls. In stream_maker.cc, as is the rest of what concerns
// them.
void AddStreams(Program& program);
// A call's messages, `number` from 0.
std::string StreamRequestOf(const CallPlan& plan, int id, size_t number);
std::string StreamReplyOf(const CallPlan& plan, int id, size_t number);

// Bytes that follow from `salt`, printable.
std::string Payload(uint64_t salt, size_t bytes);
std::string RequestOf(const CallPlan& plan, int id);
std::string ReplyOf(const CallPlan& plan, int id);
std::string RequestAttachmentOf(const CallPlan& plan, int id);
std::string ReplyAttachmentOf(const CallPlan& plan, int id);

}  // namespace dialtone::simulation
