// The handlers of echo.Echo (proto/echo/echo.proto), as coroutines.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "echo/echo.dialtone.h"

namespace echo {

// Stateless, so that any number of calls run at a time.
class EchoService final : public Echo::Service {
 public:
  static constexpr absl::Duration kSleepMax = absl::Hours(1);

  dialtone::Task<absl::Status> Echo(dialtone::ServerCall& call, const EchoRequest& request,
                                    EchoReply& reply) override;
  dialtone::Task<absl::Status> Sleep(dialtone::ServerCall& call, const SleepRequest& request,
                                     SleepReply& reply) override;
  dialtone::Task<absl::Status> Fail(dialtone::ServerCall& call, const FailRequest& request,
                                    FailReply& reply) override;
};

}  // namespace echo
