// grpc.health.v1.Health (proto/grpc/health/v1/health.proto) on every server.
#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "grpc/health/v1/health.dialtone.h"
#include "health.h"

namespace dialtone::internal {
namespace {

namespace v1 = ::grpc::health::v1;

// A watcher's request stays for as long as it watches, and no budget counts it: so it is held against what a name may
// sensibly have.
constexpr size_t kRequestBytesMax = 4096;

// With what is no field of it, which a message keeps, too.
absl::Status JudgeSize(const ServerCall& call, const v1::HealthCheckRequest& request) {
  if (request.ByteSizeLong() > kRequestBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("health: a request of more than ", kRequestBytesMax, " bytes"));
  }
  if (!call.attachment().empty())
    return absl::InvalidArgumentError("health: a request with an attachment");
  return absl::OkStatus();
}

// Plain handlers: they run inline on the reactor, and cost what an empty call costs.
v1::HealthCheckResponse::ServingStatus StatusOf(std::optional<bool> serving) {
  if (!serving.has_value()) return v1::HealthCheckResponse::SERVICE_UNKNOWN;
  return *serving ? v1::HealthCheckResponse::SERVING : v1::HealthCheckResponse::NOT_SERVING;
}

class HealthService final : public v1::Health::Service {
 public:
  explicit HealthService(Health& health) : health_(health) {}

 private:
  Task<absl::Status> Check(ServerCall& call, const v1::HealthCheckRequest& request,
                           v1::HealthCheckResponse& reply) override {
    const absl::Status judged = JudgeSize(call, request);
    if (!judged.ok()) co_return judged;
    const std::optional<bool> serving = health_.IsServing(request.service());
    if (!serving.has_value()) {
      co_return absl::NotFoundError(
          absl::StrCat("health: no service \"", request.service(), "\" on this server"));
    }
    reply.set_status(StatusOf(serving));
    co_return absl::OkStatus();
  }

  Task<absl::Status> Watch(ServerCall& call, const v1::HealthCheckRequest& request,
                           Writer<v1::HealthCheckResponse>& writer) override {
    const absl::Status judged = JudgeSize(call, request);
    if (!judged.ok()) co_return judged;
    v1::HealthCheckResponse said;  // UNKNOWN: nothing yet
    while (!call.cancelled()) {
      Health::Change change(health_);
      const bool draining = health_.draining();
      const auto status = StatusOf(health_.IsServing(request.service()));
      if (status != said.status()) {
        said.set_status(status);
        const bool open = co_await writer.Write(said);
        if (!open) break;
      }
      // A stream that stays would hold up the drain.
      if (draining) co_return absl::UnavailableError("health: the server shuts down");
      co_await change;
    }
    co_return call.context().status();
  }

  Health& health_;
};

}  // namespace

std::unique_ptr<Service> MakeHealthService(Health& health) {
  return std::make_unique<HealthService>(health);
}

std::string_view HealthServiceName() { return v1::Health::kServiceName; }

}  // namespace dialtone::internal
