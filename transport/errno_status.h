// Turns errno into a status that names the operation and the peer. Internal.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "dialtone/transport/address.h"

namespace dialtone::internal {

// "connection refused": the system's text in lower case, to stand at the end of a sentence.
std::string ErrnoText(int error);
// Descriptors or memory have run out: a state that passes.
bool IsExhaustion(int error);
// "listen 127.0.0.1:80: permission denied". RESOURCE_EXHAUSTED when something ran out, else `code`.
absl::Status ErrnoStatus(absl::StatusCode code, std::string_view operation, const Address& address,
                         int error);

}  // namespace dialtone::internal
