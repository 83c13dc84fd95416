// Longer than 400 lines because the two ends and the call between them are read together.
#include "link.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "unshared_status.h"

namespace dialtone::in_process {
namespace {

constexpr std::string_view kProtocolName = "in-process";

class ClientEnd;
class ServerEnd;

// Shared by the ends and by what is posted between them.
struct Link {
  Link(Loop& client_side, internal::ServerLoop& server_side, const ConnectionLimits& limits)
      : client_loop(client_side),
        server_loop(server_side.loop()),
        reply_metadata_max(limits.metadata_bytes_max),
        server_part(server_side) {}

  Loop& client_loop;
  Loop& server_loop;
  const size_t reply_metadata_max;
  // Under its loop's lead, and only while the server's end lives, or the core is held.
  internal::ServerLoop& server_part;
  ClientEnd* client = nullptr;  // under the client loop's lead; null when it is gone
  ServerEnd* server = nullptr;  // under the server loop's lead; null when it is gone
};

std::string BytesOf(OutgoingMessage& message) {
  std::string bytes(message.size(), '\0');
  message.WriteTo(bytes.data());
  return bytes;
}

// As much as a wire would take, or a little more.
size_t MetadataBytes(const Metadata& metadata) {
  constexpr size_t kFramingBytes = 8;
  size_t bytes = 0;
  for (const auto& [key, value] : metadata) bytes += key.size() + value.size() + kFramingBytes;
  return bytes;
}

absl::Status TooLarge(const char* what, uint64_t size, uint64_t limit, const char* option) {
  return absl::ResourceExhaustedError(absl::StrCat("in-process: the ", what, " of ", size,
                                                   " bytes is above the limit of ", limit, " (",
                                                   option, ")"));
}
constexpr const char* kMessageOption = "ConnectionLimits::message_bytes_max";
constexpr const char* kMetadataOption = "ConnectionLimits::metadata_bytes_max";

// One call, shared by both ends; each touches only its own part.
class LinkedCall final : public ClientStream,
                         public ServerStream,
                         public std::enable_shared_from_this<LinkedCall> {
 public:
  explicit LinkedCall(std::shared_ptr<Link> link) : link_(std::move(link)) {}

  // --- Under the client loop's lead ---
  void Send(OutgoingMessage& message, bool end) override;
  void Cancel(CancelReason reason) override;

  ClientStreamHandler* client_handler = nullptr;  // null: given up, or ended
  uint64_t reply_bytes_max = 0;

  // --- Under the server loop's lead ---
  void Begin(CallDispatcher& dispatcher, ServerRequestHead&& head, std::string_view path);
  void Receive(std::string message, bool end);
  void ReceiveCancel(CancelReason reason);
  void SendHeaders(const Metadata& initial) override;
  void Send(OutgoingMessage& message) override;
  void Finish(const dialtone::ServerEnd& end) override;
  const ConnectionInfo& connection() const override;

 private:
  using Event = absl::AnyInvocable<void(ClientStreamHandler&)>;
  // Runs `event` on the client's side, unless the call was given up there.
  void TellClient(Event event);

  const std::shared_ptr<Link> link_;
  ServerStreamHandler* server_handler_ = nullptr;  // null: not begun, or finished
  bool finished_ = false;
  absl::Status failure_;  // not OK: the end of the call, whatever its handler says
};

class ServerEnd final : public ServerConnection {
 public:
  ServerEnd(std::shared_ptr<Link> link, ServerConnection::Owner& owner)
      : link_(std::move(link)), owner_(owner) {
    info_.protocol = kProtocolName;
    link_->server = this;
  }
  ~ServerEnd() override { link_->server = nullptr; }

  const ConnectionInfo& info() const override { return info_; }
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
  const ConnectionInfo& info() const override { return info_; }
  uint32_t calls_in_flight() const override { return static_cast<uint32_t>(calls_.size()); }
  ClientStream* Start(ClientStreamHandler& handler, const RequestHead& head,
                      OutgoingMessage& message, bool end) override;
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
  absl::Status CheckSizes(const RequestHead& head, const OutgoingMessage& message) const;
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

// --- LinkedCall ---

void LinkedCall::Send(OutgoingMessage& message, bool end) {
  link_->server_loop.Post([self = shared_from_this(), bytes = BytesOf(message), end]() mutable {
    self->Receive(std::move(bytes), end);
  });
}

void LinkedCall::Cancel(CancelReason reason) {
  client_handler = nullptr;
  link_->server_loop.Post([self = shared_from_this(), reason] { self->ReceiveCancel(reason); });
}

void LinkedCall::Begin(CallDispatcher& dispatcher, ServerRequestHead&& head,
                       std::string_view path) {
  head.path = path;
  head.method = dispatcher.FindMethod(path);
  ServerStreamHandler* handler = dispatcher.Begin(link_->server_loop, *this, std::move(head));
  if (!finished_) server_handler_ = handler;
}

void LinkedCall::Receive(std::string message, bool end) {
  if (server_handler_ != nullptr) server_handler_->OnMessage(MessageView{message});
  if (server_handler_ != nullptr && end) server_handler_->OnHalfClose();
}

void LinkedCall::ReceiveCancel(CancelReason reason) {
  if (server_handler_ != nullptr) server_handler_->OnCancel(reason);
}

void LinkedCall::SendHeaders(const Metadata& initial) {
  const size_t bytes = MetadataBytes(initial);
  if (bytes > link_->reply_metadata_max) {
    failure_ =
        TooLarge("reply's initial metadata", bytes, link_->reply_metadata_max, kMetadataOption);
    return;
  }
  TellClient([initial](ClientStreamHandler& handler) { handler.OnHeaders(Metadata(initial)); });
}

void LinkedCall::Send(OutgoingMessage& message) {
  TellClient([bytes = BytesOf(message)](ClientStreamHandler& handler) {
    handler.OnMessage(MessageView{bytes});
  });
}

void LinkedCall::Finish(const dialtone::ServerEnd& end) {
  finished_ = true;
  server_handler_ = nullptr;
  auto self = shared_from_this();
  StreamEnd stream_end;
  stream_end.status = failure_.ok() ? internal::Unshared(end.status) : failure_;
  // The end itself is always told, without metadata if these are too much.
  if (end.trailing != nullptr && MetadataBytes(*end.trailing) <= link_->reply_metadata_max)
    stream_end.trailing = *end.trailing;
  stream_end.never_ran = stream_end.refused = end.refused;
  stream_end.queue_us = end.queue_us;
  stream_end.handler_us = end.handler_us;
  const bool has_reply = end.reply != nullptr && failure_.ok();
  link_->client_loop.Post([self, stream_end = std::move(stream_end), has_reply,
                           bytes = has_reply ? BytesOf(*end.reply) : std::string()]() mutable {
    if (self->link_->client != nullptr) self->link_->client->Forget(*self);
    ClientStreamHandler* handler = self->client_handler;
    if (handler == nullptr) return;
    if (has_reply && bytes.size() > self->reply_bytes_max) {
      stream_end.status = TooLarge("reply", bytes.size(), self->reply_bytes_max, kMessageOption);
    } else if (has_reply) {
      handler->OnMessage(MessageView{bytes});
    }
    self->client_handler = nullptr;
    handler->OnEnd(std::move(stream_end));
  });
  if (link_->server != nullptr) link_->server->Forget(*this);
}

void LinkedCall::TellClient(Event event) {
  link_->client_loop.Post([self = shared_from_this(), event = std::move(event)]() mutable {
    if (self->client_handler != nullptr) event(*self->client_handler);
  });
}

const ConnectionInfo& LinkedCall::connection() const {
  static const ConnectionInfo* const info = new ConnectionInfo{Address(), Address(), kProtocolName};
  return *info;
}

// Tells the client's side of a call its end.
void End(LinkedCall& call, const absl::Status& status) {
  StreamEnd end;
  end.status = status;
  std::exchange(call.client_handler, nullptr)->OnEnd(std::move(end));
}

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
  if (!draining_) owner_.OnReady(*this);
}

void ClientEnd::OnRefused() {
  draining_ = true;
  if (!std::exchange(closed_, true)) {
    owner_.OnClosed(*this, absl::UnavailableError("connect in-process: the server is not running"));
  }
}

absl::Status ClientEnd::CheckSizes(const RequestHead& head, const OutgoingMessage& message) const {
  const ConnectionLimits& limits = server_->options().limits;
  if (message.size() > limits.message_bytes_max)
    return TooLarge("request", message.size(), limits.message_bytes_max, kMessageOption);
  const size_t metadata_bytes = head.metadata == nullptr ? 0 : MetadataBytes(*head.metadata);
  if (metadata_bytes > limits.metadata_bytes_max)
    return TooLarge("request's metadata", metadata_bytes, limits.metadata_bytes_max,
                    kMetadataOption);
  return absl::OkStatus();
}

ClientStream* ClientEnd::Start(ClientStreamHandler& handler, const RequestHead& head,
                               OutgoingMessage& message, bool end) {
  auto call = std::make_shared<LinkedCall>(link_);
  call->client_handler = &handler;
  call->reply_bytes_max = head.reply_bytes_max;
  if (absl::Status status = CheckSizes(head, message); !status.ok()) {
    link_->client_loop.Post([call, status = std::move(status)] {
      if (call->client_handler != nullptr) End(*call, status);
    });
    return call.get();
  }
  calls_.push_back(call);
  ServerRequestHead server_head;
  if (head.metadata != nullptr) server_head.metadata = *head.metadata;
  server_head.deadline = head.deadline;
  PostToServer([call, server_head = std::move(server_head), path = head.method->path,
                bytes = BytesOf(message), end](ServerEnd& server) mutable {
    server.Begin(call, std::move(server_head), path);
    call->Receive(std::move(bytes), end);
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
  for (const auto& call : std::exchange(calls_, {})) {
    if (call->client_handler != nullptr) End(*call, status);
  }
}

}  // namespace

std::unique_ptr<ClientConnection> OpenLink(Loop& loop, std::shared_ptr<internal::ServerCore> server,
                                           const ConnectionLimits& limits,
                                           ClientConnection::Owner& owner) {
  internal::ServerLoop* server_loop = server->LoopForInProcess(loop);
  DIALTONE_CHECK(server_loop != nullptr,
                 "a channel to a server of this process is used before the server is started");
  auto link = std::make_shared<Link>(loop, *server_loop, limits);
  return std::make_unique<ClientEnd>(std::move(link), std::move(server), owner);
}

}  // namespace dialtone::in_process
