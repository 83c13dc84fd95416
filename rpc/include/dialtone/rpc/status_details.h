// Typed details of a status: Protobuf messages that travel beside its code and text.
//
//   absl::Status status = absl::InvalidArgumentError("name is empty");
//   dialtone::AddDetail(status, field_violation);                                  // a handler
//   std::optional<FieldViolation> why = dialtone::GetDetail<FieldViolation>(status);  // a client
#pragma once

#include <google/protobuf/message_lite.h>

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace dialtone {

// Details are kept as payloads of the status under "type.googleapis.com/<message type>": one a
// type. No-op on OK.
void AddDetail(absl::Status& status, const google::protobuf::MessageLite& detail);
// False if there is none of the type, or it does not parse.
bool GetDetail(const absl::Status& status, google::protobuf::MessageLite& detail);

template <class Message>
std::optional<Message> GetDetail(const absl::Status& status) {
  Message detail;
  if (!GetDetail(status, detail)) return std::nullopt;
  return detail;
}

}  // namespace dialtone
