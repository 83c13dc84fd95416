#include "support/sim_listener.h"

#include "dialtone/transport/check.h"
#include "support/sim_stream.h"

namespace dialtone {

SimListener::SimListener(SimLoop& loop, const Address& address, const ListenOptions& options,
                         Handler& handler)
    : SimReady(loop),
      loop_(loop),
      address_(address),
      options_(options),
      handler_(handler),
      acceptable_(*this, "accept", loop.world().NewId()) {
  loop_.world().AddListener(*this);
}

SimListener::~SimListener() {
  DIALTONE_CHECK(loop_.IsLeading(), "a listener is destroyed under its loop's lead");
  *alive_ = false;
  loop_.world().RemoveListener(*this);
  for (SimConnection* connection : backlog_) {
    connection->client().ScheduleReset();
    connection->server().Close();
  }
}

void SimListener::Push(SimConnection& connection) {
  connection.server().options = options_.stream;
  backlog_.push_back(&connection);
  SimWorld& world = loop_.world();
  const int64_t delay =
      world.random.Between(0, absl::ToInt64Nanoseconds(world.options.accept_delay_max));
  world.queue.ArmNoLater(acceptable_, world.now() + delay);
}

void SimListener::AcceptOne() {
  SimConnection& connection = *backlog_.front();
  backlog_.pop_front();
  handler_.OnAccept(std::make_unique<SimAcceptedStream>(connection.server()));
}

void SimListener::AcceptPending() {
  DIALTONE_CHECK(loop_.IsLeading(), "a listener is used under its loop's lead");
  const std::shared_ptr<const bool> alive = alive_;
  while (*alive && !backlog_.empty()) AcceptOne();
}

}  // namespace dialtone
