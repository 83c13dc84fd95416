#include "stream_client_call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "channel_core.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone::internal {

StreamClientCall::StreamClientCall(ChannelCore& channel, const Method& method,
                                   const FirstMessage& request, const CallOptions& options,
                                   const ReplyType& reply_type)
    : ClientCall(channel, method, request, options, reply_type),
      runtime_(channel.runtime()),
      unpacked_(channel.compressions_seen()) {
  reply();  // from now on any thread may ask for it
}

StreamClientCall* StreamClientCall::Make(ChannelCore& channel, const Method& method,
                                         const FirstMessage& request, const CallOptions& options,
                                         const ReplyType& reply_type) {
  return MakeInBlock<StreamClientCall>(channel, method, request, options, reply_type);
}

void StreamClientCall::RunOnLoop(Work& work) {
  Ref();
  if (LeadScope lead(loop()); lead.leading()) {
    work.Run();
  } else {
    loop().Post(work);
  }
}

void StreamClientCall::HalfCloseOnLoop() {
  port_.HalfClose();
  Unref();
}

void StreamClientCall::FinishOnLoop() {
  // A client that does not stream has half-closed with its request.
  if (writes()) port_.HalfClose();
  port_.Discard();
  Unref();
}

void StreamClientCall::OnMessage(IncomingMessage& message) {
  if (reads()) {
    CountMessageIn(message);
    port_.Deliver(message);
  } else {
    ClientCall::OnMessage(message);
  }
}

void StreamClientCall::OnInvalidMessage(const absl::Status& parsed) {
  GiveUp(CancelReason::kTooLarge,
         absl::InternalError(absl::StrCat(ToAbsl(method().path), ": a message of ",
                                          peer().ToString(), " ", parsed.message())));
}

Workers& StreamClientCall::port_workers() { return runtime_.message_workers(); }

}  // namespace dialtone::internal
