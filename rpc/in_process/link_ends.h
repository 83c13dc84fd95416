// The two ends of an in-process connection. Internal to in_process/.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "client_protocol.h"
#include "connection_info.h"
#include "linked_call.h"
#include "server_core.h"
#include "server_protocol.h"

namespace dialtone::in_process {

class ServerEnd final : public ServerConnection {
 public:
  ServerEnd(std::shared_ptr<Link> link, ServerConnection::Owner& owner)
      : link_(std::move(link)), owner_(owner) {
    info_.protocol = kProtocolName;
    link_->server = this;
  }
  ~ServerEnd() override { link_->server = nullptr; }

  ConnectionInfo info() const override { return info_; }
  uint32_t calls_in_flight() const override { return static_cast<uint32_t>(calls_.size()); }
  void Drain() override;
  void Abort() override;

  void Begin(std::shared_ptr<LinkedCall> call, ServerRequestHead&& head, std::string_view path);
  void Forget(LinkedCall& call);
  // The client starts no more calls.
  void OnClientDone() {
    client_done_ = true;
    CheckClosed();
  }
  void CancelAll(CancelReason reason);

 private:
  void CheckClosed();
  void TellClosed();

  const std::shared_ptr<Link> link_;
  ServerConnection::Owner& owner_;
  ConnectionInfo info_;
  std::vector<std::shared_ptr<LinkedCall>> calls_;
  bool draining_ = false;
  bool client_done_ = false;
  bool closed_ = false;
};

class ClientEnd final : public ClientConnection {
 public:
  ClientEnd(std::shared_ptr<Link> link, std::shared_ptr<internal::ServerCore> server,
            ClientConnection::Owner& owner);
  ~ClientEnd() override { link_->client = nullptr; }

  bool has_capacity() const override {
    return ready_ && !draining_ && calls_.size() < server_->options().limits.streams_max;
  }
  uint32_t calls_in_flight() const override { return static_cast<uint32_t>(calls_.size()); }
  ClientStream* Start(ClientStreamHandler& handler, const RequestHead& head,
                      OutgoingMessage* message, bool end) override;
  void Drain() override;
  void Close(const absl::Status& status) override;

  // From the server's end.
  void OnReady();
  void OnRefused();
  void OnServerDraining();
  void OnServerClosed();
  // The server has finished with `call`.
  void Forget(LinkedCall& call);

 private:
  absl::Status CheckSizes(const Metadata& metadata, const OutgoingMessage* message) const;
  void PostToServer(absl::AnyInvocable<void(ServerEnd&) &&> event);
  // Starts no more calls, and lets the server know.
  void StopStarting();
  void EndAll(const absl::Status& status);

  const std::shared_ptr<Link> link_;
  const std::shared_ptr<internal::ServerCore> server_;
  ClientConnection::Owner& owner_;
  ConnectionInfo info_;
  std::vector<std::shared_ptr<LinkedCall>> calls_;  // until the server has finished with them
  bool ready_ = false;
  bool draining_ = false;
  bool closed_ = false;
};

}  // namespace dialtone::in_process
