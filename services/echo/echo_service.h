// The handlers of echo.Echo (proto/echo/echo.proto), as coroutines.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "echo/echo.dialtone.h"
#include "journal.h"

namespace echo {

// Without state of its own, so that any number of calls run at a time.
class EchoService final : public Echo::Service {
 public:
  // Echo calls are written to `journal`, if there is one, before they are answered. It outlives this.
  explicit EchoService(Journal* journal = nullptr) : journal_(journal) {}

  static constexpr absl::Duration kSleepMax = absl::Hours(1);
  static constexpr absl::Duration kIntervalMax = absl::Hours(1);
  static constexpr int64_t kRepeatMax = 1'000'000;
  static constexpr size_t kCollectedBytesMax = 1024 * 1024;

  dialtone::Task<absl::Status> Echo(dialtone::ServerCall& call, const EchoRequest& request,
                                    EchoReply& reply) override;
  dialtone::Task<absl::Status> Sleep(dialtone::ServerCall& call, const SleepRequest& request,
                                     SleepReply& reply) override;
  dialtone::Task<absl::Status> Fail(dialtone::ServerCall& call, const FailRequest& request,
                                    FailReply& reply) override;

  dialtone::Task<absl::Status> Repeat(dialtone::ServerCall& call, const RepeatRequest& request,
                                      dialtone::Writer<EchoReply>& writer) override;
  dialtone::Task<absl::Status> Collect(dialtone::ServerCall& call,
                                       dialtone::Reader<EchoRequest>& reader,
                                       CollectReply& reply) override;
  dialtone::Task<absl::Status> Chat(dialtone::ServerCall& call,
                                    dialtone::Reader<EchoRequest>& reader,
                                    dialtone::Writer<EchoReply>& writer) override;

 private:
  Journal* const journal_;
};

}  // namespace echo
