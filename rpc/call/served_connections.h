// The connections of one of a server's loops, and which of them are at rest. A connection that is
// awake has a session with room for calls; one that is silent needs little more than its socket, and
// thousands of those are what a server has most. So only a few of those that are silent stay awake,
// and which ones is found as a page's successor is: they stand in a queue, and who comes to its front
// goes to its back if something has come since, and to rest if not. Internal to rpc/.
//
//   Add ──▶ awake ── TryRest, for each that comes or wakes, and later ──▶ at rest
//             ▲                                                             │
//             └─────── OnAwake ◀── bytes, rest_due, Drain, Abort ───────────┘
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "connection_gate.h"
#include "dialtone/transport/loop.h"
#include "server_protocol.h"

namespace dialtone::internal {

// Owns them. Under the loop's lead.
class ServedConnections final : private Loop::BatchEnd {
 public:
  // While no more than `awake_max` are awake, none is asked to rest. `due_slack`: how late a rest's
  // end may be seen.
  ServedConnections(Loop& loop, ConnectionGate& gate, uint32_t awake_max, absl::Duration due_slack)
      : loop_(loop), gate_(gate), awake_max_(awake_max), due_slack_(due_slack) {}
  ~ServedConnections();
  ServedConnections(const ServedConnections&) = delete;
  ServedConnections& operator=(const ServedConnections&) = delete;

  bool empty() const { return size() == 0; }
  size_t size() const { return awake_.size + resting_.size; }
  size_t awake() const { return awake_.size; }

  ServerConnection& Add(std::unique_ptr<ServerConnection> connection, ConnectionGate::Place place);
  // Destroys it.
  void Remove(ServerConnection& connection);
  // For tests: looks at it now, twice if need be. False: it stays awake.
  bool LetRest(ServerConnection& connection);
  // It is awake again.
  void OnAwake(ServerConnection& connection);
  static bool IsResting(const ServerConnection& connection) { return connection.resting_ != 0; }
  // In the order in which they came: what a server does must not depend on where its memory lies, or
  // no simulated run could be repeated. A copy, for walks during which some may come.
  std::vector<ServerConnection*> InOrder() const { return InOrder(0, size()); }
  // The first `max` of those whose number is above `after`.
  std::vector<ServerConnection*> InOrder(uint64_t after, size_t max) const;
  // Which one it is, of all that have come: from 1 on.
  static uint64_t NumberOf(const ServerConnection& connection) { return connection.number_; }
  static Instant Since(const ServerConnection& connection) { return connection.since_; }
  void Clear();

 private:
  struct List {
    void PushBack(ServerConnection& connection);
    void Remove(ServerConnection& connection);

    ServerConnection* first = nullptr;
    ServerConnection* last = nullptr;
    size_t size = 0;
  };
  // Looked at for each that comes or wakes. With one, they would become ever more; with many, some
  // that are in use would go to rest when a few more are in use than may be awake.
  static constexpr size_t kLooks = 2;
  // Those that are too many are all looked at after so long, again and again as long as that finds
  // one that has been used, or goes to rest. Then all that are left are busy, until the next comes or
  // wakes.
  static constexpr absl::Duration kLookAgain = absl::Seconds(1);

  List& ListOf(const ServerConnection& connection) {
    return IsResting(connection) ? resting_ : awake_;
  }
  void AddAwake(ServerConnection& connection);
  void OnBatchEnd() override;
  // False: all of them are busy.
  bool LookAtFirst(size_t count);
  ServerConnection::Rest LookAt(ServerConnection& connection);
  void OnTimer();
  void ArmFor(Instant due);

  Loop& loop_;
  ConnectionGate& gate_;
  const size_t awake_max_;
  const absl::Duration due_slack_;
  List awake_;  // the one to be looked at next first
  List resting_;
  uint64_t last_number_ = 0;
  size_t looks_due_ = 0;
  bool others_have_written_ = false;  // at this batch's end
  MemberTimer<&ServedConnections::OnTimer> timer_{*this};
};

}  // namespace dialtone::internal
