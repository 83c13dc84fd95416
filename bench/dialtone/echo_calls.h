// One echo call, begun or waited for, and its reply compared with its request.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "dialtone/load/calls.h"
#include "dialtone/load/window.h"
#include "dialtone/rpc/attachment.h"
#include "dialtone/rpc/call.h"
#include "dialtone/rpc/call_info.h"
#include "dialtone/rpc/call_options.h"
#include "dialtone/rpc/channel.h"
#include "echo/echo.dialtone.h"
#include "program.h"

namespace bench {

// Used on one thread at a time.
class EchoCalls final : public dialtone::load::CallSource {
 public:
  // Where the payload travels: as the message's text, or beside a message without one.
  enum class PayloadAs { kText, kAttachment };

  EchoCalls(dialtone::Channel& channel, size_t payload_bytes, PayloadAs as = PayloadAs::kText,
            dialtone::CallOptions options = dialtone::CallOptions())
      : client_(channel), options_(std::move(options)) {
    if (as == PayloadAs::kText) {
      request_.set_text(Payload(payload_bytes));
    } else {
      options_.set_attachment(dialtone::Attachment(Payload(payload_bytes)));
    }
  }

  void Begin(int64_t id, dialtone::load::CallEnd end) override {
    request_.set_id(id);
    if (!options_.attachment().empty()) return BeginAttached(end);
    client_.Echo(request_, options_)
        .Then([this, end](const absl::StatusOr<echo::EchoReply>& reply) {
          if (!reply.ok()) return end.Failed(reply.status());
          IsRight(*reply, end.id()) ? end.Answered() : end.AnsweredWrongly();
        });
  }

  // Blocks. `id` is the call's; returns as Recorder does, and sets `began` to when it ended.
  bool Wait(int64_t id, dialtone::load::Recorder& recorder, int64_t& began) {
    request_.set_id(id);
    dialtone::CallInfo info;
    dialtone::Call<echo::EchoReply> call = client_.Echo(request_, options_);
    if (!options_.attachment().empty()) call = std::move(call).Capture(info);
    const absl::StatusOr<echo::EchoReply> reply = std::move(call).Wait();
    const int64_t now = dialtone::load::NowNanoseconds();
    const int64_t start = std::exchange(began, now);
    if (!reply.ok()) return recorder.OnError(absl::StatusCodeToString(reply.status().code()), now);
    return IsRight(*reply, id) && IsRight(info, id) ? recorder.OnReply(start, now)
                                                    : recorder.OnError("WRONG_REPLY", now);
  }

 private:
  void BeginAttached(dialtone::load::CallEnd end) {
    auto info = std::make_unique<dialtone::CallInfo>();
    dialtone::CallInfo& captured = *info;
    client_.Echo(request_, options_)
        .Capture(captured)
        .Then([this, end, info = std::move(info)](const absl::StatusOr<echo::EchoReply>& reply) {
          if (!reply.ok()) return end.Failed(reply.status());
          IsRight(*reply, end.id()) && IsRight(*info, end.id()) ? end.Answered()
                                                                : end.AnsweredWrongly();
        });
  }

  bool IsRight(const echo::EchoReply& reply, int64_t id) const {
    return reply.id() == id && IsEcho(request_.text(), reply.text(), id);
  }
  bool IsRight(const dialtone::CallInfo& info, int64_t id) const {
    return IsEcho(options_.attachment().view(), info.attachment.view(), id);
  }

  const echo::Echo::Client client_;
  dialtone::CallOptions options_;
  echo::EchoRequest request_;
};

}  // namespace bench
