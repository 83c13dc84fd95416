// dial health.
#include "absl/strings/str_cat.h"
#include "commands.h"
#include "exit_code.h"
#include "grpc/health/v1/health.dialtone.h"
#include "interrupt.h"
#include "json_writer.h"

namespace dial {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr int kExitNotServing = static_cast<int>(absl::StatusCode::kUnavailable);

int ExitOf(HealthCheckResponse::ServingStatus status) {
  if (status == HealthCheckResponse::SERVICE_UNKNOWN)
    return static_cast<int>(absl::StatusCode::kNotFound);
  return status == HealthCheckResponse::SERVING ? 0 : kExitNotServing;
}

void Print(const Output& output, const HealthCheckRequest& request,
           HealthCheckResponse::ServingStatus status) {
  const std::string name = HealthCheckResponse::ServingStatus_Name(status);
  if (output.json()) {
    output.Line(absl::StrCat("{\"service\":", JsonQuoted(request.service()),
                             ",\"status\":", JsonQuoted(name), "}"));
    return;
  }
  const bool good = status == HealthCheckResponse::SERVING;
  output.Line(output.In(good ? Output::Tone::kGood : Output::Tone::kBad, name));
}

int Check(Session& session, const Health::Client& health, const HealthCheckRequest& request,
          const dialtone::CallOptions& options) {
  auto call = health.Check(request, options);
  const WhenInterrupted cancel([&call] { call.Cancel(); });
  const absl::StatusOr<HealthCheckResponse> reply = call.Wait();
  if (Interrupted()) return kExitInterrupted;
  if (!reply.ok()) return session.Fail(reply.status());
  Print(session.output(), request, reply->status());
  return ExitOf(reply->status());
}

int WatchHealth(Session& session, const Health::Client& health, const HealthCheckRequest& request,
                const dialtone::CallOptions& options) {
  auto changes = health.Watch(request, options);
  const WhenInterrupted cancel([&changes] { changes.Cancel(); });
  while (const HealthCheckResponse* change = changes.Read().Wait()) {
    Print(session.output(), request, change->status());
  }
  const absl::Status ended = changes.Finish().Wait();
  if (Interrupted()) return kExitInterrupted;
  return ended.ok() ? 0 : session.Fail(ended);
}

}  // namespace

int RunHealth(Session& session) {
  absl::Status read = session.ReadWords(0, 1, true);
  if (!read.ok()) return session.Fail(read);
  const absl::StatusOr<dialtone::CallOptions> options = session.call_options();
  if (!options.ok()) return session.Fail(options.status());
  HealthCheckRequest request;
  if (session.names() == 1) request.set_service(session.name(0));
  const Health::Client health(session.channel());
  return session.line().watch ? WatchHealth(session, health, request, *options)
                              : Check(session, health, request, *options);
}

}  // namespace dial
