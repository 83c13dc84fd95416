// One echo call, begun or waited for, and its reply compared with its request.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "dialtone/load/calls.h"
#include "dialtone/load/window.h"
#include "dialtone/rpc/call_options.h"
#include "dialtone/rpc/channel.h"
#include "echo/echo.dialtone.h"
#include "program.h"

namespace bench {

// Used on one thread at a time.
class EchoCalls final : public dialtone::load::CallSource {
 public:
  EchoCalls(dialtone::Channel& channel, size_t payload_bytes,
            dialtone::CallOptions options = dialtone::CallOptions())
      : client_(channel), options_(std::move(options)) {
    request_.set_text(Payload(payload_bytes));
  }

  void Begin(int64_t id, dialtone::load::CallEnd end) override {
    request_.set_id(id);
    client_.Echo(request_, options_)
        .Then([this, end](const absl::StatusOr<echo::EchoReply>& reply) {
          if (!reply.ok()) return end.Failed(reply.status());
          IsRight(*reply, end.id()) ? end.Answered() : end.AnsweredWrongly();
        });
  }

  // Blocks. `id` is the call's; returns as Recorder does, and sets `began` to when it ended.
  bool Wait(int64_t id, dialtone::load::Recorder& recorder, int64_t& began) {
    request_.set_id(id);
    const absl::StatusOr<echo::EchoReply> reply = client_.Echo(request_, options_).Wait();
    const int64_t now = dialtone::load::NowNanoseconds();
    const int64_t start = std::exchange(began, now);
    if (!reply.ok()) return recorder.OnError(absl::StatusCodeToString(reply.status().code()), now);
    return IsRight(*reply, id) ? recorder.OnReply(start, now)
                               : recorder.OnError("WRONG_REPLY", now);
  }

 private:
  bool IsRight(const echo::EchoReply& reply, int64_t id) const {
    return reply.id() == id && IsEcho(request_.text(), reply.text(), id);
  }

  const echo::Echo::Client client_;
  const dialtone::CallOptions options_;
  echo::EchoRequest request_;
};

}  // namespace bench
