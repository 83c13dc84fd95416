// A copy of a status that shares nothing with it. Copies of an absl::Status share what they say and count their owners,
// inside of Abseil; the distribution's is built without the thread sanitizer, which then takes the last owner's
// clean-up for a race with what the others read before. So a status that goes to another thread, while this one keeps
// a copy, is copied like this.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/cord.h"

namespace dialtone::internal {

inline absl::Status Unshared(const absl::Status& status) {
  absl::Status copy(status.code(), status.message());
  status.ForEachPayload([&copy](absl::string_view type_url, const absl::Cord& payload) {
    copy.SetPayload(type_url, absl::Cord(std::string(payload)));
  });
  return copy;
}

}  // namespace dialtone::internal
