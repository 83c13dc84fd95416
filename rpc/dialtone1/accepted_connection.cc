#include "accepted_connection.h"

#include <algorithm>
#include <utility>

namespace dialtone::dialtone1 {

using AwakeState = std::unique_ptr<ServerSession>;

AcceptedConnection::AcceptedConnection(AcceptorState& acceptor, std::unique_ptr<ByteStream> stream,
                                       std::string_view first_bytes)
    : state_(std::make_unique<ServerSession>(acceptor, *this)) {
  std::get<AwakeState>(state_)->Begin(std::move(stream), first_bytes);
}

AcceptedConnection::~AcceptedConnection() = default;

void* AcceptedConnection::operator new(size_t, AcceptorState& acceptor) {
  return acceptor.connections.Allocate();
}

void AcceptedConnection::operator delete(void* memory, AcceptorState& acceptor) {
  acceptor.connections.Free(memory);
}

void AcceptedConnection::operator delete(AcceptedConnection* connection, std::destroying_delete_t) {
  AcceptorState& acceptor = connection->acceptor();
  connection->~AcceptedConnection();
  acceptor.connections.Free(connection);
}

AcceptorState& AcceptedConnection::acceptor() const {
  const auto* const session = std::get_if<AwakeState>(&state_);
  return session != nullptr ? (*session)->acceptor()
                            : std::get<RestingState>(state_).common->home->acceptor();
}

ServerConnection::Rest AcceptedConnection::TryRest() {
  auto* const session = std::get_if<AwakeState>(&state_);
  if (session == nullptr) return Rest::kResting;
  if ((*session)->WasUsed()) return Rest::kUsed;
  if (!(*session)->MayRest()) return Rest::kBusy;
  RestingState rest = (*session)->Rest();
  rest.stream->SetHandler(*this);
  state_ = std::move(rest);
  return Rest::kResting;
}

ServerSession& AcceptedConnection::Awake() {
  if (auto* const session = std::get_if<AwakeState>(&state_); session != nullptr) return **session;
  RestingState rest = std::move(std::get<RestingState>(state_));
  AcceptorState& acceptor = rest.common->home->acceptor();
  ServerSession& session =
      *state_.emplace<AwakeState>(std::make_unique<ServerSession>(acceptor, *this));
  session.Resume(std::move(rest));
  acceptor.owner.OnAwake(*this);
  return session;
}

void AcceptedConnection::OnSessionClosed() { acceptor().owner.OnClosed(*this); }

// --- Looking ---

ConnectionInfo AcceptedConnection::info() const {
  if (const auto* const session = std::get_if<AwakeState>(&state_); session != nullptr)
    return (*session)->info();
  const RestingState& rest = std::get<RestingState>(state_);
  return ServerSession::InfoOf(rest.stream->peer(), rest.common->peer_settings);
}

uint32_t AcceptedConnection::calls_in_flight() const {
  const auto* const session = std::get_if<AwakeState>(&state_);
  return session == nullptr ? 0 : (*session)->calls_in_flight();
}

Address AcceptedConnection::local() const {
  const auto* const session = std::get_if<AwakeState>(&state_);
  return session == nullptr ? std::get<RestingState>(state_).stream->local() : (*session)->local();
}

ConnectionTraffic AcceptedConnection::traffic() const {
  if (const auto* const session = std::get_if<AwakeState>(&state_); session != nullptr)
    return (*session)->traffic();
  const RestingState& rest = std::get<RestingState>(state_);
  return ConnectionTraffic{rest.bytes_read, rest.bytes_written, rest.stream->tcp_info()};
}

Instant AcceptedConnection::rest_due() const {
  const auto* const rest = std::get_if<RestingState>(&state_);
  return rest == nullptr ? Instant::Infinite() : std::min(rest->idle_at, rest->aged_at);
}

}  // namespace dialtone::dialtone1
