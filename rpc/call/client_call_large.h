// What a client's call has while a worker serialises its request or parses its reply. Internal to rpc/.
#pragma once

#include "absl/status/status.h"
#include "client_call.h"
#include "large_message.h"

namespace dialtone::internal {

struct ClientCall::LargeMessages {
  explicit LargeMessages(ClientCall& call)
      : pack(call), packed(call), parse(call), when_parsed(call) {}

  MemberWork<&ClientCall::PackOnWorker> pack;
  MemberWork<&ClientCall::OnPacked> packed;
  KeptBytes reply;
  absl::Status parsed;
  absl::Status end;  // told while the reply is parsed
  MemberWork<&ClientCall::ParseOnWorker> parse;
  MemberWork<&ClientCall::OnParsed> when_parsed;
};

}  // namespace dialtone::internal
