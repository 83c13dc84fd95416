// grpc.health.v1.Health (proto/grpc/health/v1/health.proto) on every server.
#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "grpc/health/v1/health.dialtone.h"
#include "health.h"

namespace dialtone::internal {
namespace {

namespace v1 = ::grpc::health::v1;

// Plain handlers: they run inline on the reactor, and cost what an empty call costs.
class HealthService final : public v1::Health::PlainService {
 public:
  explicit HealthService(const Health& health) : health_(health) {}

 private:
  absl::Status Check(ServerCall&, const v1::HealthCheckRequest& request,
                     v1::HealthCheckResponse& reply) override {
    const std::optional<bool> serving = health_.IsServing(request.service());
    if (!serving.has_value())
      return absl::NotFoundError(
          absl::StrCat("health: no service \"", request.service(), "\" on this server"));
    reply.set_status(*serving ? v1::HealthCheckResponse::SERVING
                              : v1::HealthCheckResponse::NOT_SERVING);
    return absl::OkStatus();
  }

  const Health& health_;
};

}  // namespace

std::unique_ptr<Service> MakeHealthService(const Health& health) {
  return std::make_unique<HealthService>(health);
}

std::string_view HealthServiceName() { return v1::Health::kServiceName; }

}  // namespace dialtone::internal
