#include "link.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "link_ends.h"
#include "trace_room.h"

namespace dialtone::in_process {

// --- ServerEnd ---

void ServerEnd::Begin(std::shared_ptr<LinkedCall> call, ServerRequestHead&& head,
                      std::string_view path) {
  if (closed_) return;
  LinkedCall& begun = *call;
  calls_.push_back(std::move(call));
  begun.Begin(link_->server_part, std::move(head), path);
}

void ServerEnd::Forget(LinkedCall& call) {
  std::erase_if(calls_, [&](const auto& other) { return other.get() == &call; });
  CheckClosed();
}

void ServerEnd::Drain() {
  if (std::exchange(draining_, true)) return;
  link_->client_loop.Post([link = link_] {
    if (link->client != nullptr) link->client->OnServerDraining();
  });
}

void ServerEnd::CancelAll(CancelReason reason) {
  const auto calls = calls_;  // a handler may finish from within
  for (const auto& call : calls) call->ReceiveCancel(reason);
}

void ServerEnd::Abort() {
  Drain();
  CancelAll(CancelReason::kShutdown);
  TellClosed();  // without waiting for the handlers
  OnClientDone();
}

void ServerEnd::TellClosed() {
  link_->client_loop.Post([link = link_] {
    if (link->client != nullptr) link->client->OnServerClosed();
  });
}

void ServerEnd::CheckClosed() {
  if (!client_done_ || !calls_.empty() || std::exchange(closed_, true)) return;
  TellClosed();
  owner_.OnClosed(*this);
}

// --- ClientEnd ---

ClientEnd::ClientEnd(std::shared_ptr<Link> link, std::shared_ptr<internal::ServerCore> server,
                     ClientConnection::Owner& owner)
    : link_(std::move(link)), server_(std::move(server)), owner_(owner) {
  KeepInfo(info_);
  info_.protocol = kProtocolName;
  link_->client = this;
  link_->server_loop.Post([link = link_, core = server_]() mutable {
    const bool taken = link->server_part.AddInProcess([&](ServerConnection::Owner& server_owner) {
      return std::make_unique<ServerEnd>(link, server_owner);
    });
    core.reset();
    link->client_loop.Post([link, taken] {
      if (link->client == nullptr) return;
      taken ? link->client->OnReady() : link->client->OnRefused();
    });
  });
}

void ClientEnd::OnReady() {
  ready_ = true;
  owner_.OnConnected(*this);
  if (!draining_) owner_.OnReady(*this);
}

void ClientEnd::OnRefused() {
  draining_ = true;
  if (!std::exchange(closed_, true)) {
    owner_.OnClosed(*this, absl::UnavailableError("connect in-process: the server is not running"));
  }
}

absl::Status ClientEnd::CheckSizes(const Metadata& metadata, const OutgoingMessage* message) const {
  const ConnectionLimits& limits = server_->options().limits;
  if (message != nullptr && message->declared_bytes() > limits.message_bytes_max)
    return TooLarge("request", message->declared_bytes(), limits.message_bytes_max, kMessageOption);
  const size_t metadata_bytes = MetadataBytes(metadata);
  if (metadata_bytes > limits.metadata_bytes_max)
    return TooLarge("request's metadata", metadata_bytes, limits.metadata_bytes_max,
                    kMetadataOption);
  return absl::OkStatus();
}

ClientStream* ClientEnd::Start(ClientStreamHandler& handler, const RequestHead& head,
                               OutgoingMessage* message, bool end) {
  auto call = std::make_shared<LinkedCall>(link_);
  call->client_handler = &handler;
  call->reply_bytes_max = head.reply_bytes_max;
  ServerRequestHead server_head;
  if (head.metadata != nullptr) {
    const internal::MetadataRoom room{.bytes = server_->options().limits.metadata_bytes_max,
                                      .bytes_a_pair = kPairFramingBytes};
    Metadata shorter;
    server_head.metadata = internal::FitTrace(head, room, shorter);
  }
  if (absl::Status status = CheckSizes(server_head.metadata, message); !status.ok()) {
    link_->client_loop.Post(
        [call, status = std::move(status)] { call->End(status, /*local=*/true); });
    return call.get();
  }
  calls_.push_back(call);
  server_head.deadline = head.deadline;
  server_head.whole = end;
  PostToServer([call, server_head = std::move(server_head), path = head.method->path,
                has_message = message != nullptr,
                linked = message == nullptr ? LinkedMessage() : LinkedMessage(*message),
                end](ServerEnd& server) mutable {
    server.Begin(call, std::move(server_head), path);
    if (has_message) call->Receive(linked);
    if (end) call->ReceiveEnd();
  });
  return call.get();
}

void ClientEnd::PostToServer(absl::AnyInvocable<void(ServerEnd&) &&> event) {
  link_->server_loop.Post([link = link_, event = std::move(event)]() mutable {
    if (link->server != nullptr) std::move(event)(*link->server);
  });
}

void ClientEnd::Forget(LinkedCall& call) {
  const bool was_full = ready_ && !draining_ && !has_capacity();
  std::erase_if(calls_, [&](const auto& other) { return other.get() == &call; });
  if (was_full) owner_.OnCapacity(*this);
}

void ClientEnd::StopStarting() {
  draining_ = true;
  PostToServer(
      [](ServerEnd& server) { server.OnClientDone(); });  // behind all calls that were started
}

void ClientEnd::OnServerDraining() {
  if (draining_) return;
  StopStarting();
  owner_.OnDraining(*this);
}

void ClientEnd::Drain() {
  if (!draining_) StopStarting();
}

void ClientEnd::Close(const absl::Status& status) {
  PostToServer([](ServerEnd& server) { server.CancelAll(CancelReason::kCancelled); });
  if (!draining_) StopStarting();
  EndAll(status);
  if (std::exchange(closed_, true)) return;
  link_->client_loop.Post([link = link_, status] {
    if (link->client != nullptr) link->client->owner_.OnClosed(*link->client, status);
  });
}

void ClientEnd::OnServerClosed() {
  if (std::exchange(closed_, true)) return;
  draining_ = true;
  EndAll(absl::UnavailableError("in-process: the server has shut down"));
  owner_.OnClosed(*this, absl::OkStatus());
}

void ClientEnd::EndAll(const absl::Status& status) {
  for (const auto& call : std::exchange(calls_, {})) call->End(status);
}

std::unique_ptr<ClientConnection> OpenLink(Loop& loop, std::shared_ptr<internal::ServerCore> server,
                                           const ConnectionLimits& limits,
                                           ClientConnection::Owner& owner) {
  internal::ServerLoop* server_loop = server->LoopForInProcess(loop);
  DIALTONE_CHECK(server_loop != nullptr,
                 "a channel to a server of this process is used before the server is started");
  auto link = std::make_shared<Link>(loop, *server_loop, limits, server->options().limits);
  return std::make_unique<ClientEnd>(std::move(link), std::move(server), owner);
}

}  // namespace dialtone::in_process
