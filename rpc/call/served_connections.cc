#include "served_connections.h"

#include <algorithm>
#include <utility>

#include "dialtone/transport/check.h"

namespace dialtone::internal {

ServedConnections::~ServedConnections() { Clear(); }

ServerConnection& ServedConnections::Add(std::unique_ptr<ServerConnection> connection,
                                         ConnectionGate::Place place) {
  ServerConnection& added = *connection.release();
  added.number_ = ++last_number_;
  added.since_ = loop_.Now();
  added.has_place_ = place.Release() ? 1 : 0;
  AddAwake(added);
  return added;
}

void ServedConnections::Remove(ServerConnection& connection) {
  const std::unique_ptr<ServerConnection> removed(&connection);
  ListOf(connection).Remove(connection);
  if (connection.has_place_ != 0) gate_.Leave(connection.info().peer);
  if (empty()) loop_.Disarm(timer_);
}

void ServedConnections::OnAwake(ServerConnection& connection) {
  DIALTONE_CHECK(IsResting(connection));
  resting_.Remove(connection);
  AddAwake(connection);
}

void ServedConnections::AddAwake(ServerConnection& connection) {
  connection.resting_ = 0;
  awake_.PushBack(connection);
  if (awake_.size <= awake_max_) return;
  // One of those below us on the stack may be at the front.
  if (looks_due_ == 0) loop_.AtBatchEnd(*this);
  looks_due_ += kLooks;
}

void ServedConnections::OnBatchEnd() {
  // Who has just answered a call writes at this batch's end, most likely behind us.
  others_have_written_ = !others_have_written_;
  if (others_have_written_) return loop_.AtBatchEnd(*this);
  LookAtFirst(std::exchange(looks_due_, 0));
  if (awake_.size > awake_max_) ArmFor(loop_.Now() + kLookAgain);
}

bool ServedConnections::LookAtFirst(size_t count) {
  bool all_busy = true;
  for (; count > 0 && awake_.size > awake_max_; --count) {
    ServerConnection& first = *awake_.first;
    const ServerConnection::Rest rest = LookAt(first);
    all_busy = all_busy && rest == ServerConnection::Rest::kBusy;
    if (rest == ServerConnection::Rest::kResting) continue;
    awake_.Remove(first);
    awake_.PushBack(first);
  }
  return !all_busy;
}

ServerConnection::Rest ServedConnections::LookAt(ServerConnection& connection) {
  const ServerConnection::Rest rest = connection.TryRest();
  if (rest != ServerConnection::Rest::kResting) return rest;
  awake_.Remove(connection);
  connection.resting_ = 1;
  resting_.PushBack(connection);
  ArmFor(connection.rest_due());
  return rest;
}

bool ServedConnections::LetRest(ServerConnection& connection) {
  for (int looks = 0; looks < 2 && !IsResting(connection); ++looks) {
    if (LookAt(connection) == ServerConnection::Rest::kResting) return true;
  }
  return false;
}

void ServedConnections::OnTimer() {
  const Instant now = loop_.Now();
  const bool look_again = LookAtFirst(awake_.size);
  Instant next = Instant::Infinite();
  for (ServerConnection* at = resting_.first; at != nullptr;) {
    ServerConnection& connection = *std::exchange(at, at->next_);
    if (connection.rest_due() > now) {
      next = std::min(next, connection.rest_due());
    } else {
      connection.OnRestDue();  // which may wake this one, and no other
    }
  }
  if (look_again && awake_.size > awake_max_) next = std::min(next, now + kLookAgain);
  ArmFor(next);
}

// Many may be due at about the same time, and each look walks them all.
void ServedConnections::ArmFor(Instant due) {
  if (due.infinite()) return;
  due = std::max(due, loop_.Now() + std::min<absl::Duration>(due_slack_, kLookAgain));
  if (!timer_.armed() || due < timer_.when()) loop_.Arm(timer_, due);
}

std::vector<ServerConnection*> ServedConnections::InOrder(uint64_t after, size_t max) const {
  std::vector<ServerConnection*> all;
  if (after >= last_number_) return all;
  for (const List* list : {&awake_, &resting_}) {
    for (ServerConnection* at = list->first; at != nullptr; at = at->next_) {
      if (at->number_ > after) all.push_back(at);
    }
  }
  const auto came_before = [](const ServerConnection* a, const ServerConnection* b) {
    return a->number_ < b->number_;
  };
  if (all.size() > max) {
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(max);
    std::nth_element(all.begin(), end, all.end(), came_before);
    all.erase(end, all.end());
  }
  std::sort(all.begin(), all.end(), came_before);
  return all;
}

void ServedConnections::Clear() {
  for (ServerConnection* connection : InOrder()) Remove(*connection);
}

void ServedConnections::List::PushBack(ServerConnection& connection) {
  connection.previous_ = last;
  connection.next_ = nullptr;
  (last == nullptr ? first : last->next_) = &connection;
  last = &connection;
  ++size;
}

void ServedConnections::List::Remove(ServerConnection& connection) {
  ServerConnection* const previous = connection.previous_;
  ServerConnection* const next = connection.next_;
  (previous == nullptr ? first : previous->next_) = next;
  (next == nullptr ? last : next->previous_) = previous;
  --size;
}

}  // namespace dialtone::internal
