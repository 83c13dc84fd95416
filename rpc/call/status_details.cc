#include "dialtone/rpc/status_details.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone {
namespace {

std::string TypeUrl(const google::protobuf::MessageLite& message) {
  return absl::StrCat("type.googleapis.com/", message.GetTypeName());
}

}  // namespace

void AddDetail(absl::Status& status, const google::protobuf::MessageLite& detail) {
  status.SetPayload(TypeUrl(detail), absl::Cord(detail.SerializeAsString()));
}

bool GetDetail(const absl::Status& status, google::protobuf::MessageLite& detail) {
  const absl::optional<absl::Cord> payload = status.GetPayload(TypeUrl(detail));
  return payload.has_value() && detail.ParseFromString(std::string(*payload));
}

}  // namespace dialtone
