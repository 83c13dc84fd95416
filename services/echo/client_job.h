// What echo_client is asked to do: its command line, read and checked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "dialtone/rpc/call_options.h"

namespace echo {

struct Job {
  const std::string& address() const { return words[0]; }
  const std::string& verb() const { return words[1]; }
  // What stands behind the verb.
  std::vector<std::string> arguments() const { return {words.begin() + 2, words.end()}; }

  std::vector<std::string> words;
  int64_t count = 1;
  int64_t payload_bytes = 0;
  int64_t messages = 3;
  absl::Duration interval;
  absl::Duration timeout;  // zero: what Dialtone gives such a call by itself

  // From the words and the flags, once they are checked.
  absl::Duration sleep;
  absl::StatusCode code = absl::StatusCode::kUnknown;
  dialtone::CallOptions options;
};

// INVALID_ARGUMENT, with a text for whoever typed it, if the words make no job, or a number is out of
// bounds; else fills in the rest of it.
absl::Status CheckJob(Job& job);

}  // namespace echo
