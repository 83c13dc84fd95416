// A status whose text says one thing more. Internal to rpc/.
#pragma once

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone::internal {

inline void AddReason(absl::Status& status, std::string_view reason) {
  absl::Status with_reason(status.code(), absl::StrCat(status.message(), "; ", ToAbsl(reason)));
  status.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) {
    with_reason.SetPayload(type, payload);
  });
  status = std::move(with_reason);
}

}  // namespace dialtone::internal
