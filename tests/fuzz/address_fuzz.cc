// The parser of addresses: what it takes is written as a text that it takes as the same address;
// what it refuses, it refuses with INVALID_ARGUMENT.
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dialtone/transport/address.h"
#include "dialtone/transport/check.h"
#include "fuzz_target.h"

namespace dialtone::fuzz {

void RunInput(std::string_view data) {
  const absl::StatusOr<Address> address = Address::Parse(data);
  if (!address.ok()) {
    DIALTONE_CHECK(address.status().code() == absl::StatusCode::kInvalidArgument);
    DIALTONE_CHECK(!address.status().message().empty());
    return;
  }
  const std::string text = address->ToString();
  const absl::StatusOr<Address> again = Address::Parse(text);
  DIALTONE_CHECK(again.ok() && *again == *address, "an address's text is another address");
  DIALTONE_CHECK(again->ToString() == text);
  DIALTONE_CHECK(address->unix_path().size() <= Address::kUnixPathMax);
  if (address->is_ip()) DIALTONE_CHECK(address->WithPort(7).port() == 7);
}

}  // namespace dialtone::fuzz
