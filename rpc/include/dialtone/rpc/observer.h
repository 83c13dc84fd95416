// Observers watch calls and may reject them: metrics, tracing, access logs, authentication, fault
// injection. Each side has an ordered list of them in its options; starts are told in that order,
// ends in reverse.
//
//   class TokenCheck final : public dialtone::ServerObserver {
//     absl::Status OnStart(dialtone::ServerCall& call) override {
//       if (call.metadata().Get("authorization") == "Bearer abc") return absl::OkStatus();
//       return absl::UnauthenticatedError("no valid token");
//     }
//   };
//   options.observers.push_back(std::make_shared<TokenCheck>());
//
// What an observer throws is logged. From OnStart() it ends the call with INTERNAL, as an error would end it; from
// anything else it changes nothing, and the other observers are told as ever.
#pragma once

#include <google/protobuf/message_lite.h>

#include <cstdint>

#include "absl/status/status.h"
#include "dialtone/rpc/call_notes.h"
#include "dialtone/rpc/context.h"
#include "dialtone/rpc/metadata.h"
#include "dialtone/rpc/method.h"
#include "dialtone/rpc/server_call.h"
#include "dialtone/transport/address.h"
#include "dialtone/transport/instant.h"

namespace dialtone {

// Called on the call's reactor, by several reactors at a time; must not block. For each call:
// OnStart once; if it was OK, messages as they pass and OnEnd once.
class ServerObserver {
 public:
  virtual ~ServerObserver() = default;
  // Before the request is parsed. An error ends the call with it; observers further down the list
  // never hear of the call.
  virtual absl::Status OnStart(ServerCall& /*call*/) { return absl::OkStatus(); }
  virtual void OnMessageIn(ServerCall& /*call*/, const google::protobuf::MessageLite& /*request*/) {
  }
  virtual void OnMessageOut(ServerCall& /*call*/, const google::protobuf::MessageLite& /*reply*/) {}
  // Just before the answer leaves: trailing metadata can still be added. `status` is what the client gets: a reply that is
  // above its limits has ended the call, and OnMessageOut() has not been told of it.
  virtual void OnEnd(ServerCall& /*call*/, const absl::Status& /*status*/) {}
};

// A call on the client's side, as its observers see it.
struct ClientCallView {
  const Method& method;
  Instant deadline;
  Metadata& metadata;      // travels with the request, until OnStart has returned
  const Context& context;  // that the call is made in
  CallNotes& notes;
  // At its end: who answered, no address if it never left; and how often it was sent.
  const Address& peer;
  uint32_t attempts;
};

// OnStart and OnMessageOut run on the thread that makes the call, the others on the call's loop,
// under its lead; must not block.
class ClientObserver {
 public:
  virtual ~ClientObserver() = default;
  // Before the call leaves. An error ends it with that status.
  virtual absl::Status OnStart(ClientCallView& /*call*/) { return absl::OkStatus(); }
  virtual void OnMessageOut(const ClientCallView& /*call*/,
                            const google::protobuf::MessageLite& /*request*/) {}
  // Whether OnWritten() is wanted. Asked once, when the channel is made: calls of channels without such an
  // observer do not pay for it.
  virtual bool WantsWritten() const { return false; }
  // The request was handed to the kernel, wholly, at `when` by the clock of the runtime's network: for
  // sockets the machine's monotonic one. Of a client's stream: what begins it. Once for each time that
  // the call is sent, to `server`; never within the process, or if the call ends before.
  virtual void OnWritten(const ClientCallView& /*call*/, const Address& /*server*/,
                         Instant /*when*/) {}
  // Of a stream each one, as it is read; those are left out that are read when its end has come already.
  virtual void OnMessageIn(const ClientCallView& /*call*/,
                           const google::protobuf::MessageLite& /*reply*/) {}
  virtual void OnEnd(const ClientCallView& /*call*/, const absl::Status& /*status*/) {}
};

}  // namespace dialtone
