// One call between the two ends of an in-process connection, and what these share. Each end touches
// only its own part, under its own loop's lead; what passes between them is posted, so it stays in
// order. Internal to in_process/.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "client_protocol.h"
#include "server_loop.h"
#include "server_protocol.h"

namespace dialtone::in_process {

class ClientEnd;
class ServerEnd;

inline constexpr std::string_view kProtocolName = "in-process";

// Shared by the ends and by what is posted between them.
struct Link {
  Link(Loop& client_side, internal::ServerLoop& server_side, const ConnectionLimits& client_limits,
       const ConnectionLimits& server_limits)
      : client_loop(client_side),
        server_loop(server_side.loop()),
        reply_metadata_max(client_limits.metadata_bytes_max),
        reply_window(client_limits.stream_window_bytes),
        request_bytes_max(server_limits.message_bytes_max),
        request_window(server_limits.stream_window_bytes),
        server_part(server_side) {}

  Loop& client_loop;
  Loop& server_loop;
  const size_t reply_metadata_max;
  const uint64_t reply_window;  // what a stream may have on its way to the client, not taken
  const uint64_t request_bytes_max;
  const uint64_t request_window;
  // Under its loop's lead, and only while the server's end lives, or the core is held.
  internal::ServerLoop& server_part;
  ClientEnd* client = nullptr;  // under the client loop's lead; null when it is gone
  ServerEnd* server = nullptr;  // under the server loop's lead; null when it is gone
};

// RESOURCE_EXHAUSTED, naming the option.
absl::Status TooLarge(const char* what, uint64_t size, uint64_t limit, const char* option);
inline constexpr const char* kMessageOption = "ConnectionLimits::message_bytes_max";
inline constexpr const char* kMetadataOption = "ConnectionLimits::metadata_bytes_max";
// As much as a wire would take, or a little more.
inline constexpr size_t kPairFramingBytes = 8;
size_t MetadataBytes(const Metadata& metadata);

// A message on its way: its bytes, and what goes beside them, shared.
struct LinkedMessage {
  LinkedMessage() = default;
  explicit LinkedMessage(OutgoingMessage& message);

  // What its sender's flow is charged.
  uint64_t cost() const;
  uint64_t declared_bytes() const { return bytes.size() + attachment.size(); }
  // Valid as long as this.
  IncomingMessage Incoming() const;

  std::string bytes;
  Attachment attachment;
};

// What one direction's sender knows of messages that were not taken yet. A value.
class Flow {
 public:
  explicit Flow(uint64_t window) : window_(window) {}
  // False: no more should be sent before Give() has said true.
  bool Take(uint64_t bytes) {
    untaken_ += bytes;
    full_ = full_ || untaken_ >= window_;
    return !full_;
  }
  bool Give(uint64_t bytes) {
    untaken_ -= bytes;
    return full_ && !(full_ = untaken_ > window_ / 2);
  }

 private:
  const uint64_t window_;
  uint64_t untaken_ = 0;
  bool full_ = false;
};

// Shared by both ends.
class LinkedCall final : public ClientStream, public std::enable_shared_from_this<LinkedCall> {
 public:
  explicit LinkedCall(std::shared_ptr<Link> link)
      : link_(std::move(link)),
        to_server_(link_->request_window),
        to_client_(link_->reply_window) {}

  // --- Under the client loop's lead ---
  bool Send(OutgoingMessage& message, bool end) override;
  void SendEnd() override;
  void Taken(const MessageCost& cost) override;
  const ConnectionInfo& connection() const override;
  void Cancel(CancelReason reason) override;
  // Ends the call here; the server is not told. `local`: see StreamEnd.
  void End(const absl::Status& status, bool local = false);

  ClientStreamHandler* client_handler = nullptr;  // null: given up, or ended
  uint64_t reply_bytes_max = 0;                   // constant from when the server knows the call

  // --- Under the server loop's lead ---
  void Begin(CallDispatcher& dispatcher, ServerRequestHead&& head, std::string_view path);
  void Receive(const LinkedMessage& message);
  void ReceiveEnd();
  void ReceiveCancel(CancelReason reason);

 private:
  // The call as the server's call part sees it.
  class ServerSide final : public ServerStream {
   public:
    explicit ServerSide(LinkedCall& call) : call_(call) {}
    absl::Status CheckHeaders(const Metadata& initial) override {
      return call_.CheckHeaders(initial);
    }
    absl::Status CheckMessage(const OutgoingMessage& message) override {
      return call_.CheckMessage(message);
    }
    void SendHeaders(const Metadata& initial) override { call_.SendHeaders(initial); }
    bool Send(OutgoingMessage& message) override { return call_.SendReply(message); }
    void Taken(const MessageCost& cost) override { call_.GiveToClient(cost.memory_bytes); }
    void Finish(const dialtone::ServerEnd& end) override { call_.Finish(end); }
    const ConnectionInfo& connection() const override { return call_.connection(); }

   private:
    LinkedCall& call_;
  };
  using Event = absl::AnyInvocable<void(ClientStreamHandler&)>;

  absl::Status CheckHeaders(const Metadata& initial) const;
  absl::Status CheckMessage(const OutgoingMessage& message) const;
  void SendHeaders(const Metadata& initial);
  bool SendReply(OutgoingMessage& message);
  void Finish(const dialtone::ServerEnd& end);
  void ReceiveReply(const LinkedMessage& reply);
  // Runs `event` on the client's side, unless the call was given up there.
  void TellClient(Event event);
  // What the one side has taken is given back to the other.
  void GiveToClient(uint64_t bytes);
  void GiveToServer(uint64_t bytes);

  const std::shared_ptr<Link> link_;
  ServerSide server_side_{*this};
  Flow to_server_;                                 // the client loop's
  Flow to_client_;                                 // the server loop's
  ServerStreamHandler* server_handler_ = nullptr;  // null: not begun, or finished
  bool finished_ = false;
  absl::Status failure_;  // not OK: the end of the call, whatever its handler says
};

}  // namespace dialtone::in_process
