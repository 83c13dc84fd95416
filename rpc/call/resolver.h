// From a target, as the user wrote it, to the addresses of its servers. Internal to rpc/.
#pragma once

#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dialtone/transport/address.h"

namespace dialtone::internal {

// Thread-safe.
class Resolver {
 public:
  using Result = absl::StatusOr<std::vector<Address>>;

  virtual ~Resolver() = default;
  // Calls `done` once, from within or later on any thread, with at least one address or with why
  // there is none.
  virtual void Resolve(std::string_view target, absl::AnyInvocable<void(Result) &&> done) = 0;
};

// Targets that are addresses: "127.0.0.1:7000", "[::1]:7000", "unix:/path", and "list:" with
// several of them between commas. Answers from within.
class AddressResolver final : public Resolver {
 public:
  void Resolve(std::string_view target, absl::AnyInvocable<void(Result) &&> done) override;
};

}  // namespace dialtone::internal
