#include "support/sim_connection.h"

#include <utility>

#include "support/sim_listener.h"

namespace dialtone {
namespace {

constexpr int64_t kSynRetry = 1'000'000'000;

}  // namespace

SimConnection::SimConnection(SimWorld& world, SimLink& link, const Address& target,
                             const ConnectOptions& options)
    : world_(world),
      link_(link),
      id_(world.NewId()),
      target_(target),
      index_(world.connections.size()),
      ends_{{world, *this}, {world, *this}},
      syn_(*this, "syn", id_),
      syn_ack_(*this, "syn-ack", id_),
      timeout_(*this, "connect timeout", id_) {
  ends_[0].peer_ = &ends_[1];
  ends_[1].peer_ = &ends_[0];
  world_.connections.push_back(this);
  client().peer_address = target;
  client().options = options.stream;
  if (target.is_ip()) client().local = target.WithPort(world.PickClientPort());
  client().Open();
  world_.queue.Arm(syn_, world_.now() + world_.Latency(link_));
  world_.queue.Arm(timeout_,
                   (Instant::FromNanoseconds(world_.now()) + options.timeout).nanoseconds());
}

SimConnection::~SimConnection() {
  std::swap(world_.connections[index_], world_.connections.back());
  world_.connections[index_]->index_ = index_;
  world_.connections.pop_back();
}

void SimConnection::ReleaseIfClosed() {
  if (!client().open() && !server().open()) delete this;
}

void SimConnection::OnSyn() {
  const int64_t now = world_.now();
  if (cut()) return world_.queue.Arm(syn_, now + kSynRetry);
  SimListener* listener = world_.FindListener(target_);
  if (listener == nullptr || world_.random.Chance(world_.options.refuse_probability)) {
    refused_ = true;
    return world_.queue.Arm(syn_ack_, now + world_.Latency(link_));
  }
  if (!listener->HasRoom())
    return world_.queue.Arm(syn_, now + kSynRetry);  // dropped, as a full backlog does
  server().local = target_;
  server().peer_address = client().local;
  server().Open();
  server().SetConnected();
  // Nothing that the server sends overtakes its answer.
  client().last_arrival_ = now + world_.Latency(link_) + 1;
  world_.queue.Arm(syn_ack_, client().last_arrival_ - 1);
  listener->Push(*this);
}

void SimConnection::OnSynAck() {
  if (cut()) return world_.queue.Arm(syn_ack_, world_.now() + kSynRetry);
  world_.queue.Disarm(timeout_);
  if (refused_) return client().Fail(SimEnd::Failure::kRefused);
  if (client().failure() == SimEnd::Failure::kNone) client().SetConnected();
}

void SimConnection::OnConnectTimeout() { client().Fail(SimEnd::Failure::kTimedOut); }

void SimConnection::StopHandshake() {
  world_.queue.Disarm(syn_);
  world_.queue.Disarm(syn_ack_);
  world_.queue.Disarm(timeout_);
}

void SimConnection::BlackHole() {
  if (cut()) {
    black_hole_ = true;
    return;
  }
  black_hole_ = true;
  for (SimEnd& end : ends_) end.OnCut();
}

void SimConnection::LinkChanged() {
  if (black_hole_) return;
  for (SimEnd& end : ends_) link_.partitioned ? end.OnCut() : end.OnHealed();
}

void SimConnection::Reset() {
  for (SimEnd& end : ends_) end.ScheduleReset();
}

}  // namespace dialtone
