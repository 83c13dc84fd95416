// Sends spans to an OpenTelemetry collector, or whatever else takes OTLP over HTTP, as JSON. Link dialtone::otlp, which needs
// libcurl.
//
//   dialtone::OtlpOptions options;
//   options.endpoint = "http://collector:4318/v1/traces";
//   options.service_name = "greeter";
//   auto exporter = std::make_shared<dialtone::OtlpExporter>(options);
//   server_options.observers.push_back(dialtone::ServerTracing(exporter));
//
// It never blocks a call and bounds what it holds: spans are queued, a thread of its own sends them in batches, and what
// the queue has no room for is dropped and counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "dialtone/rpc/tracing.h"

namespace dialtone {

namespace internal {
class OtlpSender;
}

// Where a collector on this machine listens.
inline constexpr char kOtlpEndpoint[] = "http://127.0.0.1:4318/v1/traces";

struct OtlpOptions {
  OtlpOptions() = default;

  // http:// or https://, with the path; anything else aborts. libcurl's own variables hold: http_proxy, no_proxy.
  std::string endpoint = kOtlpEndpoint;
  // Who sends: "service.name", and what else there is to say of this process ("service.version", …).
  std::string service_name = "unknown_service";
  std::vector<std::pair<std::string, std::string>> resource;
  // Sent with each batch: {"authorization", "Bearer …"}.
  std::vector<std::pair<std::string, std::string>> headers;

  // A batch leaves when it has so many spans, or when its first has waited so long.
  size_t batch_max = 512;
  absl::Duration batch_delay = absl::Seconds(1);
  // Spans that wait, beside the batch that is being sent; further ones are dropped.
  size_t queue_max = 8192;
  // For one attempt to send a batch.
  absl::Duration timeout = absl::Seconds(10);
  // A batch that a collector cannot take just now is sent so often; the first wait between two, which doubles.
  uint32_t attempts_max = 4;
  absl::Duration retry_delay = absl::Milliseconds(500);
  // What the destructor gives to that which is left.
  absl::Duration flush_timeout = absl::Seconds(2);
};

// Thread-safe. Destroying it sends what is left, within flush_timeout; observers share it, so that is when the last server
// or channel is gone that it was given to.
class OtlpExporter final : public SpanExporter {
 public:
  explicit OtlpExporter(const OtlpOptions& options = OtlpOptions());
  ~OtlpExporter() override;

  void Export(Span span) override;

  // Of spans: taken by the collector, and lost, because the queue was full or no attempt succeeded.
  uint64_t sent() const;
  uint64_t dropped() const;

 private:
  const std::unique_ptr<internal::OtlpSender> sender_;
};

}  // namespace dialtone
