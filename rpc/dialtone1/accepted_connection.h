// A connection that a server has accepted, for as long as it lasts: awake, as a ServerSession, or at
// rest, as what that has left behind. Internal to dialtone1/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string_view>
#include <variant>

#include "dialtone/transport/slab.h"
#include "resting_state.h"
#include "server_protocol.h"
#include "server_session.h"

namespace dialtone::dialtone1 {

class AcceptedConnection final : public ServerConnection, private ByteStream::Handler {
 public:
  // `acceptor` outlives it.
  AcceptedConnection(AcceptorState& acceptor, std::unique_ptr<ByteStream> stream,
                     std::string_view first_bytes);
  ~AcceptedConnection() override;
  // Lies in its acceptor's slab.
  static void* operator new(size_t, AcceptorState& acceptor);
  static void operator delete(void* memory, AcceptorState& acceptor);
  static void operator delete(AcceptedConnection* connection, std::destroying_delete_t);

  // --- ServerConnection ---
  ConnectionInfo info() const override;
  uint32_t calls_in_flight() const override;
  Address local() const override;
  ConnectionTraffic traffic() const override;
  void Drain() override { Awake().Drain(); }
  void Abort() override { Awake().Abort(); }
  Rest TryRest() override;
  Instant rest_due() const override;
  void OnRestDue() override { Awake(); }

  // From its session: closed, and no call is left.
  void OnSessionClosed();

 private:
  AcceptorState& acceptor() const;

  // --- ByteStream::Handler, while it is at rest ---
  void OnConnected(const absl::Status&) override {}
  void OnReadable() override { Awake().OnReadable(); }
  void OnWritable() override {}

  // Ends a rest, if it is at rest. What was due meanwhile comes in the loop's next turn.
  ServerSession& Awake();

  std::variant<std::unique_ptr<ServerSession>, RestingState> state_;
};
static_assert(sizeof(AcceptedConnection) <= 128, "a server has thousands");

// What the connections on one loop have in common.
struct AcceptorState {
  Loop& loop;
  const ConnectionLimits& limits;
  CallDispatcher& dispatcher;
  ServerConnection::Owner& owner;
  CommonStates common{this};
  Slab<AcceptedConnection> connections{};
};

}  // namespace dialtone::dialtone1
