#include "echo_handlers.h"

#include <cstdint>
#include <cstdlib>

#include "dialtone/load/clock.h"
#include "dialtone/rpc/channel.h"
#include "echo/echo.dialtone.h"
#include "program.h"

namespace bench {
namespace {

using dialtone::Reader;
using dialtone::ServerCall;
using dialtone::Task;
using dialtone::Writer;
using echo::EchoReply;
using echo::EchoRequest;

void Answer(const EchoRequest& request, EchoReply& reply) {
  reply.set_id(request.id());
  reply.set_text(request.text());
}

class Plain final : public echo::Echo::PlainService {
  absl::Status Echo(ServerCall& call, const EchoRequest& request, EchoReply& reply) override {
    Answer(request, reply);
    if (!call.attachment().empty()) call.set_reply_attachment(call.attachment());
    return absl::OkStatus();
  }
};

class Coroutine final : public echo::Echo::Service {
  Task<absl::Status> Echo(ServerCall& call, const EchoRequest& request, EchoReply& reply) override {
    Answer(request, reply);
    co_return absl::OkStatus();
  }

  Task<absl::Status> Repeat(ServerCall& call, const echo::RepeatRequest& request,
                            Writer<EchoReply>& writer) override {
    EchoReply reply;
    reply.set_text(request.text());
    for (int64_t id = 1; request.count() == 0 || id <= request.count(); ++id) {
      reply.set_id(id);
      const bool open = co_await writer.Write(reply);
      if (!open) break;
    }
    co_return absl::OkStatus();
  }

  Task<absl::Status> Chat(ServerCall& call, Reader<EchoRequest>& reader,
                          Writer<EchoReply>& writer) override {
    EchoReply reply;
    while (const EchoRequest* request = co_await reader.Read()) {
      Answer(*request, reply);
      const bool open = co_await writer.Write(reply);
      if (!open) break;
    }
    co_return absl::OkStatus();
  }
};

class Forwarding final : public echo::Echo::Service {
 public:
  explicit Forwarding(const std::string& target) : channel_(target), next_(channel_) {}

 private:
  Task<absl::Status> Echo(ServerCall& call, const EchoRequest& request, EchoReply& reply) override {
    absl::StatusOr<EchoReply> answer = co_await next_.Echo(request);
    if (!answer.ok()) co_return answer.status();
    reply = *std::move(answer);
    co_return absl::OkStatus();
  }

  dialtone::Channel channel_;
  const echo::Echo::Client next_;
};

class Working final : public echo::Echo::PlainService {
 public:
  explicit Working(int64_t nanoseconds) : nanoseconds_(nanoseconds) {}

 private:
  absl::Status Echo(ServerCall& call, const EchoRequest& request, EchoReply& reply) override {
    const int64_t until = dialtone::load::NowNanoseconds() + nanoseconds_;
    while (dialtone::load::NowNanoseconds() < until) {
    }
    Answer(request, reply);
    return absl::OkStatus();
  }

  const int64_t nanoseconds_;
};

class Large final : public echo::Echo::PlainService {
  absl::Status Echo(ServerCall& call, const EchoRequest& request, EchoReply& reply) override {
    Answer(request, reply);
    call.set_reply_attachment(call.attachment());
    const size_t bytes = LargeBytes(request.text());
    if (bytes != 0) reply.set_text(std::string(bytes, 'l'));
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<dialtone::Service> PlainEcho() { return std::make_unique<Plain>(); }
std::unique_ptr<dialtone::Service> CoroutineEcho() { return std::make_unique<Coroutine>(); }
std::unique_ptr<dialtone::Service> ForwardingEcho(const std::string& target) {
  return std::make_unique<Forwarding>(target);
}
std::unique_ptr<dialtone::Service> WorkingEcho(int64_t nanoseconds) {
  return std::make_unique<Working>(nanoseconds);
}
std::unique_ptr<dialtone::Service> LargeEcho() { return std::make_unique<Large>(); }

}  // namespace bench
