// The program's side of a simulated connection: the byte stream, and the connection that nobody has
// adopted yet.
#pragma once

#include <memory>
#include <span>

#include "dialtone/transport/network.h"
#include "support/sim_connection.h"
#include "support/sim_loop.h"

namespace dialtone {

class SimStream final : public ByteStream, public SimReady {
 public:
  // Of a connection that stands.
  SimStream(SimLoop& loop, SimEnd& end, Handler& handler);
  // Of one whose handshake has begun: OnConnected() will tell how it ended.
  SimStream(SimLoop& loop, SimEnd& end, Handler& handler, absl::Duration connect_timeout);
  ~SimStream() override;

  IoResult Read(std::span<char> into) override;
  IoResult ReadScattered(std::span<const iovec> into) override;
  IoResult Write(std::span<const iovec> from) override;
  void ShutdownWrite() override;
  void SetReading(bool reading) override;
  // Of half of all ends.
  bool PeerIsOnAnotherProcessor() const override { return (end_.local.port() & 1) != 0; }
  absl::Status status() const override;
  const Address& peer() const override { return end_.peer_address; }
  Address local() const override { return end_.local; }

  // By the end: something may have to be told.
  void Ready();

  bool Pending() const override;
  void OnTurn() override;

 private:
  absl::Status ConnectStatus() const;
  void CheckLead() const;

  SimLoop& loop_;
  SimEnd& end_;
  bool connecting_;
  const absl::Duration connect_timeout_;  // for the error's text
  bool reading_ = true;
  const char* failed_operation_ = "read";
};

class SimAcceptedStream final : public AcceptedStream {
 public:
  explicit SimAcceptedStream(SimEnd& end) : end_(&end), peer_(end.peer_address) {}
  ~SimAcceptedStream() override;

  const Address& peer() const override { return peer_; }
  std::unique_ptr<ByteStream> Adopt(Loop& loop, ByteStream::Handler& handler) && override;

 private:
  SimEnd* end_;  // null: adopted
  const Address peer_;
};

}  // namespace dialtone
