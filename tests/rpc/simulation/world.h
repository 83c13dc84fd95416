// A world in which a random program runs: hosts, servers and channels on one simulated network,
// and a record of what each call met. Nothing here judges; see judge.h.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dialtone/rpc/call.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/server.h"
#include "host.h"
#include "program.h"
#include "stream_record.h"
#include "support/sim_network.h"
#include "test_service.h"

namespace dialtone::simulation {

// What happened to one call, seen from both sides.
struct CallRecord {
  // --- The caller ---
  bool begun = false;
  Instant began;
  Instant deadline;
  Instant gave_up = Instant::Infinite();
  int ends_observed = 0;  // by the channel's observer
  Instant ended = Instant::Infinite();
  absl::Status end_status;
  int told = 0;  // by the way in which the caller waited
  absl::Status told_status;
  // Its caller is a handler that was destroyed while it waited: its server's shutdown was over.
  bool caller_abandoned = false;
  bool reply_is_right = false;
  CallInfo info;
  // --- The handler ---
  int server = kNone;  // where it ran
  bool is_handled() const { return runs > 0 && handler_ended.infinite(); }
  int runs = 0;
  bool request_is_right = false;
  Instant handler_began = Instant::Infinite();
  Instant handler_ended = Instant::Infinite();
  Instant handler_deadline = Instant::Infinite();
  Instant context_ended = Instant::Infinite();
  absl::Status context_status;
  bool threw = false;
  bool said = false;  // it has ended with a status of its own
  absl::Status handler_status;
  Metadata initial;
  Metadata trailing;
  // --- While it is under way ---
  std::optional<Call<Text>> handle;
  std::optional<CancelHandle> cancel;
  StreamRecord stream;
  bool is_under_way() const {
    return stream.client_runs || (begun && ends_observed == 0) || is_handled();
  }
};

struct LiveChannel {
  std::unique_ptr<Channel> channel;
  Instant first_call = Instant::Infinite();
  Instant destroyed = Instant::Infinite();
};

struct LiveServer {
  std::unique_ptr<Server> server;
  bool stopping = false;
  Instant started;
  // Since when connections to it may fail, and since when they may do so other than by a drain.
  Instant unreliable = Instant::Infinite();
  Instant hurt = Instant::Infinite();
  std::vector<Instant> drains;
};

class World {
 public:
  explicit World(const Program& program);
  ~World();

  // Runs the program, then lets all calls end, makes the health checks, and takes everything down.
  void Run();

  const Program& program() const { return program_; }
  SimNetwork& sim() { return sim_; }
  const std::deque<CallRecord>& records() const { return records_; }
  const std::vector<std::unique_ptr<Host>>& hosts() const { return hosts_; }
  const std::vector<LiveServer>& servers() const { return servers_; }
  const std::vector<LiveChannel>& channels() const { return channels_; }
  // What was wrong besides what a judge sees in the records.
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  class Action;
  class ClientWatch;
  class HandlerRun;
  class StreamRun;
  friend class StreamPlayer;

  // --- Setting up and taking down ---
  void StartServer(int index);
  void MakeChannel(int index);
  std::string TargetOf(const ChannelPlan& plan) const;
  void CheckHealth();
  void TakeDown();
  void ShutDownServers();
  void ExpectNothingLeft();
  void Complain(std::string what) { complaints_.push_back(std::move(what)); }
  bool AllEnded() const;
  void AwaitEnds();
  void ComplainOfHanging();

  // --- Steps ---
  // Runs `function` at a time from now, on a thread that leads no loop and may block.
  void At(absl::Duration after, std::function<void()> function);
  void Take(const Step& step);
  void CutOff(const Step& step);
  void PauseHost(const Step& step);
  void ShutDown(const Step& step);
  void DestroyChannel(int index);
  void Disturb(int server);

  // --- Calls ---
  void Begin(int id);
  Call<Text> Start(int id, const Context& context);
  void GiveUp(int id);
  void Told(int id, const absl::StatusOr<Text>& reply);
  // Notes that a call is about to be made, and with what.
  CallOptions Prepare(int id, const Context& context);
  Task<absl::Status> Await(int id, Call<Text> call);

  // --- Handlers ---
  Task<absl::Status> HandleCoroutine(int server, ServerCall& call, const Text& request,
                                     Text& reply);
  absl::Status HandlePlain(int server, ServerCall& call, const Text& request, Text& reply);
  absl::Status HandleOnWorkers(int server, ServerCall& call, const Text& request, Text& reply);
  // Which call `request` is of; null: only its metadata say so.
  int IdOf(ServerCall& call, const Text* request);

  // --- Streams ---
  void AddStreamServices(Server& server, int index);
  void BeginStream(int id);
  AnyStream StartStream(int id, const Context& context);
  // One coroutine, or thread, does all.
  Task<absl::Status> AwaitStream(int id, Context context);
  void BlockOnStream(int id);
  void StreamTold(int id, const absl::StatusOr<Text>& reply);
  // A run that fails, as planned, is due; notes it.
  bool FailsFirst(int id, ServerCall& call);
  Task<absl::Status> FailStream(int id, StreamParts parts);
  Task<absl::Status> HandleStream(int server, ServerCall& call, StreamParts parts);
  absl::Status HandlePlainStream(int server, ServerCall& call, StreamParts parts);

  const Program program_;
  SimNetwork sim_;
  std::unique_ptr<Loop> director_;
  std::unique_ptr<Workers> director_threads_;
  std::deque<Action> actions_;
  size_t actions_left_ = 0;
  size_t blocked_ = 0;  // how often an action has blocked
  std::vector<std::unique_ptr<Host>> hosts_;
  std::vector<LiveServer> servers_;
  std::vector<LiveChannel> channels_;
  std::deque<CallRecord> records_;
  std::map<int, std::unique_ptr<StreamRun>> stream_runs_;
  std::shared_ptr<ClientWatch> watch_;
  int starting_ = kNone;  // the call whose constructor runs
  std::vector<std::string> complaints_;
};

}  // namespace dialtone::simulation
