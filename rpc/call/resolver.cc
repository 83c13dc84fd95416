#include "resolver.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone::internal {
namespace {

Resolver::Result Parse(std::string_view target) {
  absl::string_view rest = ToAbsl(target);
  std::vector<absl::string_view> parts = {rest};
  if (absl::ConsumePrefix(&rest, "list:")) parts = absl::StrSplit(rest, ',');
  std::vector<Address> addresses;
  for (absl::string_view part : parts) {
    absl::StatusOr<Address> address = Address::Parse(ToStd(part));
    if (!address.ok()) return address.status();
    if (address->is_ip() && address->port() == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("resolve \"", ToAbsl(target), "\": port 0 finds no server"));
    }
    addresses.push_back(*std::move(address));
  }
  return addresses;
}

}  // namespace

void AddressResolver::Resolve(std::string_view target, absl::AnyInvocable<void(Result) &&> done) {
  std::move(done)(Parse(target));
}

}  // namespace dialtone::internal
