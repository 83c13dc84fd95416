#include "stream_run.h"

#include <algorithm>

#include "dialtone/rpc/block_on.h"
#include "dialtone/transport/check.h"

namespace dialtone::simulation {

World::StreamRun::StreamRun(World& world, int id)
    : world_(world), id_(id), plan_(world.program_.calls[id]), record_(world.records_[id]) {}

void World::StreamRun::Post(Work& work) {
  if (plan_.stream->on_reactor) {
    reactor().Post(work);
  } else {
    DIALTONE_CHECK(world_.director_threads_->Post(work));
  }
}

void World::StreamRun::Begin() {
  record_.stream.client_runs = true;
  Post(start_);
}

void World::StreamRun::Start() {
  if (world_.channels_[plan_.channel].channel == nullptr) {
    record_.stream.client_runs = false;
    return;
  }
  const Context its = plan_.stream->in_context ? context_ : Context();
  stream_.emplace(world_.StartStream(id_, its));
  player_.emplace(world_, id_, *stream_);
  if (given_up_) GiveUp();
  scripts_ = 2;
  writer_.Run(player_->Play(plan_.stream->writer), context_, [this] { OnScriptDone(); });
  reader_.Run(player_->Play(plan_.stream->reader), context_, [this] { OnScriptDone(); });
}

// Before it has begun, too.
void World::StreamRun::GiveUp() {
  given_up_ = true;
  const bool ends_context = plan_.giving_up == GivingUp::kEndContext;
  if (ends_context) context_.Cancel();
  if (!stream_.has_value()) return;
  if (!ends_context || plan_.stream->in_context) record_.gave_up = world_.sim_.Now();
  if (ends_context) return;
  if (record_.cancel.has_value()) {
    record_.cancel->Cancel();
  } else {
    stream_->Cancel();
  }
}

void World::StreamRun::OnScriptDone() {
  if (--scripts_ > 0) return;
  if (context_.cancelled() && plan_.stream->reads_on) return ReadOn();
  End();
}

// What a read that its context has ended did not get is there for the next one.
void World::StreamRun::ReadOn() {
  SideRecord& mine = record_.stream.client;
  mine.half_closed = true;
  stream_->HalfClose();
  mine.reads_are_over = !plan_.stream->client_reads();
  reader_.Run(player_->Play(read_all_), Context(), [this] { End(); });
}

void World::StreamRun::End() {
  record_.stream.client_is_done = true;
  if (plan_.stream->ending == StreamEnding::kDestroy) {
    record_.stream.was_destroyed = true;
    record_.gave_up = std::min(record_.gave_up, world_.sim_.Now());
    stream_.reset();
    return OnEnded();
  }
  record_.stream.client.half_closed = true;
  if (plan_.stream->ending == StreamEnding::kFinish)
    return end_.Run(AwaitEnd(), Context(), [this] { OnEnded(); });
  record_.cancel = stream_->FinishThen([this](const absl::StatusOr<Text>& reply) {
    world_.StreamTold(id_, reply);
    OnEnded();
  });
}

Task<absl::Status> World::StreamRun::AwaitEnd() {
  const absl::StatusOr<Text> reply = co_await stream_->Finish();
  world_.StreamTold(id_, reply);
  co_return absl::OkStatus();
}

// --- Of all ways ---

AnyStream World::StartStream(int id, const Context& context) {
  const CallPlan& plan = program_.calls[id];
  const std::unique_ptr<Channel>& channel = channels_[plan.channel].channel;
  CallOptions options = Prepare(id, context);
  const Context::Scope its(context);
  const bool plain = plan.handling == Handling::kWorkers;
  const bool marked = plan.stream->failures > 0;
  if (plain && marked) options.set_retry(RetryOptions());  // the caller's word is a mark, too
  CallInfo& info = records_[id].info;
  starting_ = id;
  if (plan.handling == Handling::kMissing) {
    return AnyStream(ChatCall(*channel, kMissingStream, options).Capture(info));
  }
  switch (plan.stream->kind) {
    case MethodKind::kServerStreaming:
      return AnyStream(DownCall(*channel,
                                plain    ? kPlainDown
                                : marked ? kMarkedDown
                                         : kDownMethod,
                                MakeText(RequestOf(plan, id)), options)
                           .Capture(info));
    case MethodKind::kClientStreaming:
      return AnyStream(UpCall(*channel,
                              plain    ? kPlainUp
                              : marked ? kMarkedUp
                                       : kUpMethod,
                              options)
                           .Capture(info));
    default:
      return AnyStream(ChatCall(*channel,
                                plain    ? kPlainChat
                                : marked ? kMarkedChat
                                         : kChatMethod,
                                options)
                           .Capture(info));
  }
}

void World::BeginStream(int id) {
  const CallPlan& plan = program_.calls[id];
  if (plan.way == Way::kThen) {
    StreamRun& run = *(stream_runs_[id] = std::make_unique<StreamRun>(*this, id));
    if (plan.giving_up != GivingUp::kNever) At(plan.gives_up_after, [this, id] { GiveUp(id); });
    return run.Begin();
  }
  ++blocked_;
  if (plan.way == Way::kWait) return BlockOnStream(id);
  Runtime& runtime = *hosts_[program_.channels[plan.channel].host]->runtime;
  const absl::Status waited = BlockOn(AwaitStream(id, Context()), runtime);
  if (records_[id].told == 0) Complain(waited.ToString());
}

Task<absl::Status> World::AwaitStream(int id, Context context) {
  CallRecord& record = records_[id];
  AnyStream stream = StartStream(id, context);
  StreamPlayer player(*this, id, stream);
  const absl::Status played = co_await player.Play(program_.calls[id].stream->writer);
  record.stream.client.half_closed = record.stream.client_is_done = true;
  const absl::StatusOr<Text> reply = co_await stream.Finish();
  StreamTold(id, reply);
  co_return reply.status();
}

void World::BlockOnStream(int id) {
  CallRecord& record = records_[id];
  AnyStream stream = StartStream(id, Context());
  StreamPlayer player(*this, id, stream);
  player.PlayBlocking(program_.calls[id].stream->writer);
  record.stream.client.half_closed = record.stream.client_is_done = true;
  StreamTold(id, stream.FinishBlocking());
}

void World::StreamTold(int id, const absl::StatusOr<Text>& reply) {
  CallRecord& record = records_[id];
  ++record.told;
  record.told_status = reply.status();
  if (!reply.ok()) return;
  const bool has_reply = program_.calls[id].stream->kind == MethodKind::kClientStreaming;
  record.reply_is_right = !has_reply || reply->value() == ReplyOf(program_.calls[id], id);
}

}  // namespace dialtone::simulation
