#include "linked_call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "link_ends.h"
#include "unshared_status.h"

namespace dialtone::in_process {
namespace {

// So that empty messages which nobody takes are bounded, too.
constexpr uint64_t kMessageOverheadBytes = 64;

}  // namespace

absl::Status TooLarge(const char* what, uint64_t size, uint64_t limit, const char* option) {
  return absl::ResourceExhaustedError(absl::StrCat("in-process: the ", what, " of ", size,
                                                   " bytes is above the limit of ", limit, " (",
                                                   option, ")"));
}

size_t MetadataBytes(const Metadata& metadata) {
  size_t bytes = 0;
  for (const auto& [key, value] : metadata) bytes += key.size() + value.size() + kPairFramingBytes;
  return bytes;
}

LinkedMessage::LinkedMessage(OutgoingMessage& message)
    : bytes(message.size(), '\0'), attachment(message.attachment()) {
  message.WriteTo(bytes.data());
}

uint64_t LinkedMessage::cost() const { return declared_bytes() + kMessageOverheadBytes; }

IncomingMessage LinkedMessage::Incoming() const {
  IncomingMessage message;
  message.bytes = bytes;
  message.attachment = attachment;
  message.cost.memory_bytes = cost();
  return message;
}

// --- The client's side ---

bool LinkedCall::Send(OutgoingMessage& message, bool end) {
  if (message.declared_bytes() > link_->request_bytes_max) {
    link_->client_loop.Post([self = shared_from_this(), size = message.declared_bytes()] {
      self->End(TooLarge("request", size, self->link_->request_bytes_max, kMessageOption),
                /*local=*/true);
    });
    link_->server_loop.Post(
        [self = shared_from_this()] { self->ReceiveCancel(CancelReason::kCancelled); });
    return true;
  }
  LinkedMessage linked(message);
  const bool more = to_server_.Take(linked.cost());
  link_->server_loop.Post([self = shared_from_this(), linked = std::move(linked), end] {
    self->Receive(linked);
    if (end) self->ReceiveEnd();
  });
  return more;
}

void LinkedCall::SendEnd() {
  link_->server_loop.Post([self = shared_from_this()] { self->ReceiveEnd(); });
}

void LinkedCall::Taken(const MessageCost& cost) { GiveToServer(cost.memory_bytes); }

void LinkedCall::Cancel(CancelReason reason) {
  client_handler = nullptr;
  link_->server_loop.Post([self = shared_from_this(), reason] { self->ReceiveCancel(reason); });
}

void LinkedCall::End(const absl::Status& status, bool local) {
  if (client_handler == nullptr) return;
  StreamEnd end;
  end.status = status;
  end.local = local;
  std::exchange(client_handler, nullptr)->OnEnd(std::move(end));
}

void LinkedCall::ReceiveReply(const LinkedMessage& reply) {
  if (client_handler == nullptr) return;
  IncomingMessage message = reply.Incoming();
  client_handler->OnMessage(message);
  if (!message.kept) GiveToServer(message.cost.memory_bytes);
}

void LinkedCall::GiveToServer(uint64_t bytes) {
  link_->server_loop.Post([self = shared_from_this(), bytes] {
    if (self->to_client_.Give(bytes) && self->server_handler_ != nullptr)
      self->server_handler_->OnWritable();
  });
}

void LinkedCall::TellClient(Event event) {
  link_->client_loop.Post([self = shared_from_this(), event = std::move(event)]() mutable {
    if (self->client_handler != nullptr) event(*self->client_handler);
  });
}

// --- The server's side ---

void LinkedCall::Begin(CallDispatcher& dispatcher, ServerRequestHead&& head,
                       std::string_view path) {
  head.path = path;
  head.method = dispatcher.FindMethod(path);
  ServerStreamHandler* handler =
      dispatcher.Begin(link_->server_loop, server_side_, std::move(head));
  if (!finished_) server_handler_ = handler;
}

void LinkedCall::Receive(const LinkedMessage& linked) {
  if (server_handler_ == nullptr) return;
  IncomingMessage message = linked.Incoming();
  server_handler_->OnMessage(message);
  if (!message.kept) GiveToClient(message.cost.memory_bytes);
}

void LinkedCall::ReceiveEnd() {
  if (server_handler_ != nullptr) server_handler_->OnHalfClose();
}

void LinkedCall::ReceiveCancel(CancelReason reason) {
  if (server_handler_ != nullptr) server_handler_->OnCancel(reason);
}

void LinkedCall::GiveToClient(uint64_t bytes) {
  link_->client_loop.Post([self = shared_from_this(), bytes] {
    if (self->to_server_.Give(bytes) && self->client_handler != nullptr)
      self->client_handler->OnWritable();
  });
}

absl::Status LinkedCall::CheckHeaders(const Metadata& initial) const {
  const size_t bytes = MetadataBytes(initial);
  if (bytes <= link_->reply_metadata_max) return absl::OkStatus();
  link_->server_part.OnLimit(ServerLimit::kMetadataBytes);
  return TooLarge("reply's initial metadata", bytes, link_->reply_metadata_max, kMetadataOption);
}

absl::Status LinkedCall::CheckMessage(const OutgoingMessage& message) const {
  if (message.declared_bytes() <= reply_bytes_max) return absl::OkStatus();
  link_->server_part.OnLimit(ServerLimit::kMessageBytes);
  return TooLarge("reply", message.declared_bytes(), reply_bytes_max, kMessageOption);
}

void LinkedCall::SendHeaders(const Metadata& initial) {
  failure_ = CheckHeaders(initial);
  if (!failure_.ok()) return;
  TellClient([initial](ClientStreamHandler& handler) { handler.OnHeaders(Metadata(initial)); });
}

bool LinkedCall::SendReply(OutgoingMessage& message) {
  LinkedMessage linked(message);
  const bool more = to_client_.Take(linked.cost());
  link_->client_loop.Post(
      [self = shared_from_this(), linked = std::move(linked)] { self->ReceiveReply(linked); });
  return more;
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
  if (!stream_end.status.ok()) stream_end.pushback = end.pushback;
  stream_end.queue_us = end.queue_us;
  stream_end.handler_us = end.handler_us;
  const bool has_reply = end.reply != nullptr && failure_.ok();
  link_->client_loop.Post(
      [self, stream_end = std::move(stream_end), has_reply,
       reply = has_reply ? LinkedMessage(*end.reply) : LinkedMessage()]() mutable {
        if (self->link_->client != nullptr) self->link_->client->Forget(*self);
        if (has_reply && self->client_handler != nullptr) {
          IncomingMessage message = reply.Incoming();
          self->client_handler->OnMessage(message);
        }
        ClientStreamHandler* const handler = std::exchange(self->client_handler, nullptr);
        if (handler != nullptr) handler->OnEnd(std::move(stream_end));
      });
  if (link_->server != nullptr) link_->server->Forget(*this);
}

// The same for both sides. Nothing is unpacked here: what would be the use?
const ConnectionInfo& LinkedCall::connection() const {
  static const ConnectionInfo& info = *new ConnectionInfo{Address(), kProtocolName, {}};
  return info;
}

}  // namespace dialtone::in_process
