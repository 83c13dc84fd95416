// Longer than 400 lines because the steps of a world and the calls that it makes are read together.
#include "world.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/block_on.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/timer.h"
#include "stream_run.h"
#include "world_parts.h"

namespace dialtone::simulation {
namespace {

constexpr Method kWorkersMethod{"/test.Workers/Plain", MethodKind::kUnary};

// The plain service again, under another name, for worker threads.
class WorkersService final : public Service {
 public:
  explicit WorkersService(PlainHandler handler)
      : Service("test.Workers"), handler_(std::move(handler)) {
    AddMethod<&WorkersService::Handle>(kWorkersMethod);
  }

 private:
  absl::Status Handle(ServerCall& call, const Text& request, Text& reply) {
    return handler_(call, request, reply);
  }
  PlainHandler handler_;
};

const Method& MethodOf(Handling handling) {
  switch (handling) {
    case Handling::kCoroutine:
      return kCoroutineMethod;
    case Handling::kPlain:
      return kPlainMethod;
    case Handling::kWorkers:
      return kWorkersMethod;
    case Handling::kMissing:
      return kMissingMethod;
  }
  return kMissingMethod;
}

}  // namespace

World::World(const Program& program)
    : program_(program),
      sim_(program.network),
      director_(sim_.NewReactor("director/steps")),
      director_threads_(sim_.NewWorkers(500, 100'000)),
      records_(program.calls.size()),
      watch_(std::make_shared<ClientWatch>(*this)) {
  for (size_t i = 0; i < program_.servers.size(); ++i) {
    hosts_.push_back(
        std::make_unique<Host>(sim_, absl::StrCat("server", i), program_.servers[i].runtime));
  }
  for (int i = 0; i < program_.clients; ++i)
    hosts_.push_back(std::make_unique<Host>(sim_, absl::StrCat("client", i), RuntimeOptions()));
  servers_.resize(program_.servers.size());
  for (size_t i = 0; i < servers_.size(); ++i) StartServer(static_cast<int>(i));
  for (size_t i = 0; i < program_.channels.size(); ++i) MakeChannel(static_cast<int>(i));
}

World::~World() {
  hosts_.clear();
  director_threads_.reset();
  director_.reset();
}

void World::StartServer(int index) {
  ServerOptions options = program_.servers[index].options;
  options.runtime = hosts_[index]->runtime.get();
  auto server = std::make_unique<Server>(options);
  server->Add(
      std::make_unique<CoroutineService>([this, index](auto& call, auto& request, auto& reply) {
        return HandleCoroutine(index, call, request, reply);
      }));
  server->Add(std::make_unique<PlainService>([this, index](auto& call, auto& request, auto& reply) {
    return HandlePlain(index, call, request, reply);
  }));
  ServiceOptions on_workers;
  on_workers.run_on_workers = true;
  server->Add(
      std::make_unique<WorkersService>([this, index](auto& call, auto& request, auto& reply) {
        return HandleOnWorkers(index, call, request, reply);
      }),
      on_workers);
  AddStreamServices(*server, index);
  if (auto bound = server->Listen(program_.servers[index].address); !bound.ok()) {
    // The one before, whose reactor did not answer, has not let go of the address yet.
    if (servers_[index].hurt.infinite())
      Complain(absl::StrCat("listen: ", bound.status().ToString()));
    return At(absl::Milliseconds(50), [this, index] { StartServer(index); });
  }
  if (absl::Status status = server->Start(); !status.ok()) Complain(status.ToString());
  servers_[index].server = std::move(server);
  servers_[index].stopping = false;
  servers_[index].started = sim_.Now();
}

std::string World::TargetOf(const ChannelPlan& plan) const {
  const std::string& first = program_.servers[plan.server].address;
  if (plan.other_server == kNone) return first;
  return absl::StrCat("list:", first, ",", program_.servers[plan.other_server].address);
}

void World::MakeChannel(int index) {
  const ChannelPlan& plan = program_.channels[index];
  ChannelOptions options = plan.options;
  options.runtime = hosts_[plan.host]->runtime.get();
  options.observers.push_back(watch_);
  LiveChannel live;
  live.channel = plan.in_process ? std::make_unique<Channel>(*servers_[plan.server].server, options)
                                 : std::make_unique<Channel>(TargetOf(plan), options);
  channels_.push_back(std::move(live));
}

void World::Run() {
  if (program_.network.reset_probability + program_.network.refuse_probability > 0) {
    for (size_t i = 0; i < servers_.size(); ++i) Disturb(static_cast<int>(i));
  }
  for (size_t id = 0; id < program_.calls.size(); ++id) {
    const CallPlan& plan = program_.calls[id];
    if (plan.parent != kNone || plan.is_health_check) continue;
    At(plan.at, [this, id] { Begin(static_cast<int>(id)); });
  }
  for (const Step& step : program_.steps) At(step.at, [this, &step] { Take(step); });
  AwaitEnds();
  CheckHealth();
  TakeDown();
}

void World::CheckHealth() {
  // Until what nobody told it of has been noticed by a kernel.
  if (program_.weather == Weather::kFaults) sim_.RunFor(absl::Seconds(100));
  for (size_t id = 0; id < program_.calls.size(); ++id) {
    const CallPlan& plan = program_.calls[id];
    if (plan.parent != kNone || !plan.is_health_check) continue;
    At(plan.at, [this, id] { Begin(static_cast<int>(id)); });
  }
  AwaitEnds();
}

bool World::AllEnded() const {
  return std::all_of(records_.begin(), records_.end(),
                     [](const CallRecord& record) { return !record.is_under_way(); });
}

void World::ComplainOfHanging() {
  for (size_t id = 0; id < records_.size(); ++id) {
    const CallRecord& record = records_[id];
    if (record.begun && record.ends_observed == 0) Complain(absl::StrCat("call ", id, " hangs"));
    if (record.is_handled()) Complain(absl::StrCat("the handler of call ", id, " hangs"));
    if (record.stream.client_runs) Complain(absl::StrCat("the client of stream ", id, " hangs"));
  }
  if (actions_left_ > 0)
    Complain(absl::StrCat(actions_left_, " steps have not ended after ten minutes"));
}

void World::AwaitEnds() {
  const auto done = [this] { return actions_left_ == 0 && AllEnded(); };
  if (!sim_.RunUntil(done, absl::Minutes(10))) ComplainOfHanging();
  sim_.RunFor(absl::Seconds(1));
}

void World::TakeDown() {
  for (size_t i = 0; i < servers_.size(); ++i) {
    if (servers_[i].server != nullptr && servers_[i].server->calls_in_flight() != 0)
      Complain(absl::StrCat("server ", i, " counts calls under way when all have ended"));
  }
  const auto nothing_is_held = [this] {
    return std::all_of(hosts_.begin(), hosts_.end(), [](const std::unique_ptr<Host>& host) {
      return host->runtime->bytes_in_flight().used() == 0;
    });
  };
  if (!sim_.RunUntil(nothing_is_held, absl::Minutes(1)))
    Complain("bytes are counted as in flight when all calls have ended");
  if (program_.shuts_servers_down_first) ShutDownServers();
  for (LiveChannel& live : channels_) live.channel.reset();
  ShutDownServers();
  for (CallRecord& record : records_) {
    record.handle.reset();
    record.cancel.reset();
  }
  stream_runs_.clear();
  if (!sim_.RunUntilIdle(absl::Minutes(20))) Complain("the world does not come to rest");
  ExpectNothingLeft();
}

void World::ShutDownServers() {
  for (size_t i = 0; i < servers_.size(); ++i) {
    std::unique_ptr<Server> server = std::move(servers_[i].server);
    if (server == nullptr) continue;
    if (absl::Status status = server->Shutdown(absl::Seconds(30)); !status.ok())
      Complain(absl::StrCat("shutdown of idle server ", i, ": ", status.ToString()));
    // A drained connection is told of after the wait; its count goes with the next turns.
    sim_.RunFor(absl::Seconds(1));
    if (server->connections() != 0 || server->calls_in_flight() != 0)
      Complain(absl::StrCat("server ", i, " was shut down and counts ", server->connections(),
                            " connections, ", server->calls_in_flight(), " calls"));
  }
}

void World::ExpectNothingLeft() {
  const auto expect_none = [this](std::string_view what, size_t count) {
    if (count != 0) Complain(absl::StrCat(count, " ", std::string(what), " left at the end"));
  };
  expect_none("streams", sim_.live_streams());
  expect_none("connections", sim_.live_connections());
  expect_none("listeners", sim_.live_listeners());
  expect_none("events to come", sim_.events_to_come());
  for (auto& host : hosts_) host->runtime.reset();
  expect_none("loops", sim_.live_loops() - 1);  // the director's
}

// --- Steps ---

void World::At(absl::Duration after, std::function<void()> function) {
  ++actions_left_;
  Action& action = actions_.emplace_back(*this, std::move(function));
  sim_.RunOn(*director_, [&] { director_->Arm(action.timer, sim_.Now() + after); });
}

void World::Disturb(int server) {
  servers_[server].unreliable = std::min(servers_[server].unreliable, sim_.Now());
  servers_[server].hurt = std::min(servers_[server].hurt, sim_.Now());
}

void World::Take(const Step& step) {
  sim_.Trace(absl::StrCat("step ", static_cast<int>(step.kind), " on ", step.target));
  switch (step.kind) {
    case StepKind::kResetServer:
      Disturb(step.target);
      sim_.ResetConnectionsTo(*Address::Parse(program_.servers[step.target].address));
      return;
    case StepKind::kResetSome:
      for (size_t i = 0; i < servers_.size(); ++i) Disturb(static_cast<int>(i));
      sim_.ResetRandomConnection();
      return;
    case StepKind::kPartition:
      return CutOff(step);
    case StepKind::kBlackHole:
      Disturb(step.target);
      sim_.BlackHole(*Address::Parse(program_.servers[step.target].address));
      return;
    case StepKind::kPauseHost:
      return PauseHost(step);
    case StepKind::kShutdown:
      return ShutDown(step);
    case StepKind::kDestroyChannel:
      return DestroyChannel(step.target);
  }
}

void World::CutOff(const Step& step) {
  const std::string& server = hosts_[step.target]->network.host();
  const std::string& other = hosts_[step.host]->network.host();
  Disturb(step.target);
  if (step.host < static_cast<int>(servers_.size())) Disturb(step.host);
  sim_.Partition(server, other);
  At(step.lasts, [this, server, other] { sim_.Heal(server, other); });
}

void World::PauseHost(const Step& step) {
  // Shorter than every timeout of a connection, a pause does no harm.
  if (step.lasts > absl::Milliseconds(900)) {
    for (size_t i = 0; i < servers_.size(); ++i) Disturb(static_cast<int>(i));
  }
  hosts_[step.target]->Pause(sim_, sim_.Now() + step.lasts);
  At(step.lasts, [this, host = step.target] { hosts_[host]->Resume(sim_); });
}

void World::ShutDown(const Step& step) {
  LiveServer& live = servers_[step.target];
  if (live.server == nullptr || live.stopping) return;
  // One at a time: in the simulation a wait holds up those that began before it, and a drained
  // server's handlers may need the other one to be there again. And not before its clients can know
  // that it is.
  absl::Duration news = 4 * program_.network.latency_max;
  // What is lost, the beginning of a connection, say, comes later.
  if (program_.network.loss_probability > 0) news += program_.network.retransmit_delay;
  for (const LiveServer& other : servers_) {
    if (program_.weather != Weather::kDrains || &other == &live) continue;
    if (other.stopping || sim_.Now() - other.started < news) return;
  }
  live.stopping = true;
  live.unreliable = std::min(live.unreliable, sim_.Now());
  live.drains.push_back(sim_.Now());
  if (program_.weather == Weather::kFaults) Disturb(step.target);
  const Instant began = sim_.Now();
  const size_t blocked = ++blocked_;
  const absl::Status status = live.server->Shutdown(step.deadline);
  if (program_.weather == Weather::kDrains && !status.ok())
    Complain(absl::StrCat("a drain in good time was not OK: ", status.ToString()));
  // What blocked meanwhile has held this thread up, in the simulation only.
  const absl::Duration took = sim_.Now() - began;
  if (blocked == blocked_ && took > step.deadline + absl::Seconds(1))
    Complain(absl::StrCat("shutdown took ", absl::FormatDuration(took), " of ",
                          absl::FormatDuration(step.deadline)));
  live.server.reset();
  At(step.lasts, [this, server = step.target] { StartServer(server); });
}

void World::DestroyChannel(int index) {
  LiveChannel& live = channels_[index];
  if (live.channel == nullptr) return;
  live.destroyed = sim_.Now();
  ++blocked_;
  const std::unique_ptr<Channel> channel = std::move(live.channel);
}

// --- Calls ---

CallOptions World::Prepare(int id, const Context& context) {
  const CallPlan& plan = program_.calls[id];
  CallRecord& record = records_[id];
  LiveChannel& live = channels_[plan.channel];
  CallOptions options;
  options.set_wait_for_ready(plan.wait_for_ready);
  if (plan.has_timeout) options.set_timeout(plan.timeout);
  if (plan.has_metadata) options.metadata = MetadataOf(id);
  options.set_attachment(Attachment(RequestAttachmentOf(plan, id)));
  record.begun = true;
  record.began = sim_.Now();
  const absl::Duration otherwise = plan.stream.has_value()
                                       ? absl::InfiniteDuration()
                                       : program_.channels[plan.channel].options.default_timeout;
  record.deadline =
      std::min(record.began + (plan.has_timeout ? plan.timeout : otherwise), context.deadline());
  live.first_call = std::min(live.first_call, sim_.Now());
  return options;
}

Call<Text> World::Start(int id, const Context& context) {
  const CallPlan& plan = program_.calls[id];
  LiveChannel& live = channels_[plan.channel];
  const CallOptions options = Prepare(id, context);
  starting_ = id;
  Call<Text> call(*live.channel, MethodOf(plan.handling), MakeText(RequestOf(plan, id)), options);
  starting_ = kNone;
  return call;
}

void World::Begin(int id) {
  const CallPlan& plan = program_.calls[id];
  CallRecord& record = records_[id];
  if (channels_[plan.channel].channel == nullptr) return;
  if (plan.stream.has_value()) return BeginStream(id);
  Call<Text> call = Start(id, Context());
  if (plan.giving_up != GivingUp::kNever) At(plan.gives_up_after, [this, id] { GiveUp(id); });
  switch (plan.way) {
    case Way::kThen:
      if (plan.giving_up == GivingUp::kDestroyHandle) {
        record.handle.emplace(std::move(call));
      } else {
        record.cancel.emplace(
            std::move(call).Capture(record.info).Then([this, id](absl::StatusOr<Text> reply) {
              Told(id, reply);
              if (program_.calls[id].destroys_channel) DestroyChannel(program_.calls[id].channel);
            }));
      }
      return;
    case Way::kWait:
      ++blocked_;
      Told(id, std::move(call).Capture(record.info).Wait());
      return;
    case Way::kBlockOn: {
      ++blocked_;
      Runtime& runtime = *hosts_[program_.channels[plan.channel].host]->runtime;
      const absl::Status waited = BlockOn(Await(id, std::move(call)), runtime);
      if (!waited.ok()) Complain(waited.ToString());
      return;
    }
    case Way::kAwait:
      return;  // only handlers await
  }
}

Task<absl::Status> World::Await(int id, Call<Text> call) {
  Call<Text> mine = std::move(call).Capture(records_[id].info);
  const absl::StatusOr<Text> reply = co_await mine;
  Told(id, reply);
  co_return absl::OkStatus();
}

void World::GiveUp(int id) {
  CallRecord& record = records_[id];
  if (const auto run = stream_runs_.find(id); run != stream_runs_.end())
    return run->second->GiveUp();
  record.gave_up = sim_.Now();
  if (record.cancel.has_value()) record.cancel->Cancel();
  record.handle.reset();
}

void World::Told(int id, const absl::StatusOr<Text>& reply) {
  CallRecord& record = records_[id];
  ++record.told;
  record.told_status = reply.status();
  if (reply.ok()) record.reply_is_right = reply->value() == ReplyOf(program_.calls[id], id);
}

}  // namespace dialtone::simulation
