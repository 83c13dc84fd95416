#include "incoming_connection.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "protocols.h"

namespace dialtone::internal {
namespace {

// No protocol needs more to be told from the others. And no more is read at first: a protocol's own first words leave before a
// call that came with the connection can run, which may hold the loop for longer than its client waits for them.
constexpr size_t kFirstBytesMax = 64;

}  // namespace

IncomingConnection::IncomingConnection(ServerLoop& server, std::unique_ptr<AcceptedStream> stream,
                                       absl::Duration handshake_timeout,
                                       ConnectionGate::Place place)
    : server_(server),
      place_(std::move(place)),
      stream_(std::move(*stream).Adopt(server.loop(), *this)) {
  server_.loop().Arm(timeout_, server_.loop().Now() + handshake_timeout);
}

IncomingConnection::IncomingConnection(ServerLoop& server, std::unique_ptr<AcceptedStream> stream,
                                       absl::Duration timeout, std::string refusal)
    : server_(server),
      refusal_(std::move(refusal)),
      stream_(std::move(*stream).Adopt(server.loop(), *this)) {
  server_.loop().Arm(timeout_, server_.loop().Now() + timeout);
}

IncomingConnection::~IncomingConnection() { server_.loop().Disarm(timeout_); }

void IncomingConnection::Hurry() {
  const Instant soon = server_.loop().Now() + absl::Seconds(1);
  if (timeout_.when() > soon) server_.loop().Arm(timeout_, soon);
}

void IncomingConnection::OnConnected(const absl::Status&) {}

void IncomingConnection::OnReadable() {
  char bytes[kFirstBytesMax];
  const size_t room = refused_ ? kFirstBytesMax : kFirstBytesMax - first_bytes_.size();
  const IoResult read = stream_->Read(std::span<char>(bytes, room));
  switch (read.state) {
    case IoResult::State::kWouldBlock:
      return;
    case IoResult::State::kEnd:
    case IoResult::State::kFailed:
      return Done();  // a probe that only looked whether the port is open, or one who gave up: no
                      // error
    case IoResult::State::kDone:
      break;
  }
  if (refused_) return;  // read away, so that closing resets nothing
  first_bytes_.append(bytes, read.bytes);
  if (Recognize()) Done();
}

bool IncomingConnection::Recognize() {
  bool more = false;
  const std::vector<const ServerProtocol*>& protocols = ServerProtocols();
  for (size_t i = 0; i < protocols.size(); ++i) {
    switch (protocols[i]->Recognize(first_bytes_)) {
      case ServerProtocol::Match::kYes:
        if (turned_away()) return Refuse(*protocols[i]);
        server_.loop().Disarm(timeout_);
        server_.AddConnection(server_.acceptor(i).Serve(std::move(stream_), first_bytes_),
                              std::move(place_));
        return true;
      case ServerProtocol::Match::kNeedMore:
        more = true;
        break;
      case ServerProtocol::Match::kNo:
        break;
    }
  }
  if (more && first_bytes_.size() < kFirstBytesMax) return false;
  server_.counters().Count(ServerLimit::kUnknownProtocol);
  static constinit LogKind kind(LogLevel::kWarning, "connections that begin like no protocol");
  if (kind.Admits()) {
    const std::string peer = stream_->peer().ToString();
    Log(kind.level(),
        absl::StrCat("connection from ", peer, ": no protocol of this server begins with \"",
                     absl::CHexEscape(first_bytes_), "\""),
        {{"peer", peer}});
  }
  return true;
}

bool IncomingConnection::Refuse(const ServerProtocol& protocol) {
  std::string bytes = protocol.Refusal(refusal_);
  if (bytes.empty()) return true;
  // A connection that has just been made has room for so little.
  const iovec block{bytes.data(), bytes.size()};
  if (stream_->Write(std::span<const iovec>(&block, 1)).state != IoResult::State::kDone)
    return true;
  stream_->ShutdownWrite();
  refused_ = true;
  return false;
}

void IncomingConnection::OnTimeout() {
  if (turned_away()) return Done();
  server_.counters().Count(ServerLimit::kHandshakeTimeout);
  static constinit LogKind kind(LogLevel::kWarning, "connections that say too little in time");
  if (kind.Admits()) {
    const std::string peer = stream_->peer().ToString();
    Log(kind.level(),
        absl::StrCat("connection from ", peer, ": closed after ", first_bytes_.size(),
                     " bytes, the handshake timeout has passed"),
        {{"peer", peer}});
  }
  Done();
}

void IncomingConnection::Done() {
  stream_.reset();
  server_.OnIncomingDone(*this);  // destroys this
}

}  // namespace dialtone::internal
