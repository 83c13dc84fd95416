// How a running server is looked at from outside: Prometheus' /metrics and /healthz over HTTP on a port of
// its own, and the service dialtone.stats.v1.Stats, which `dial watch` and `dial connections` read. Link
// dialtone::admin. Servers that use dialtone::flags have both: the service unless --stats=false, the port
// with --admin-listen.
//
//   dialtone::ServerOptions options;
//   options.extensions.push_back(dialtone::AdminPort("127.0.0.1:9464"));
//   options.extensions.push_back(dialtone::StatsService());
//   dialtone::Server server(options);
//
// What is told here is not for everybody: /metrics names methods, the service names peers. Let the port
// listen where only those who watch can reach it; an observer (dialtone/rpc/observer.h) may guard the service.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/metrics.h"
#include "dialtone/rpc/server_extension.h"
#include "dialtone/transport/address.h"

namespace dialtone {

struct AdminOptions {
  AdminOptions() {}
  explicit AdminOptions(std::string listen) : address(std::move(listen)) {}

  // "127.0.0.1:9464", "[::1]:0", "unix:/run/echo.admin".
  std::string address;
  // At a time; further ones are closed at once.
  size_t connections_max = 16;
  // A request's line and header fields; a longer one is answered with 431.
  size_t request_bytes_max = 8 * 1024;
  // From accepting a connection to the whole request, and as long again for the answer to be read;
  // then the connection is closed.
  absl::Duration timeout = absl::Seconds(10);
  // More of the same text, which /metrics ends with: a program's own metrics, or those of its channels. Runs on
  // a worker, several at a time. What it throws is logged, and the page ends without it.
  std::function<std::string()> more_text;
  // Told where the port listens, once it does.
  std::function<void(const Address& address)> on_listening;
};

// GET and HEAD of
//   /metrics   in Prometheus' text format; docs/observability.md lists what there is
//   /healthz   200 "serving", or 503 "not serving": while the server drains, too
// One request a connection. Works with the server's own threads; the text is made beside its reactors. It
// listens from the server's start until its calls have ended. An address that cannot be had keeps the server from starting.
std::shared_ptr<ServerExtension> AdminPort(const AdminOptions& options);
inline std::shared_ptr<ServerExtension> AdminPort(std::string address) {
  return AdminPort(AdminOptions(std::move(address)));
}

// Adds dialtone.stats.v1.Stats, unless a service of that name was added.
std::shared_ptr<ServerExtension> StatsService();

// `metrics` as /metrics tells it.
std::string PrometheusText(const ServerMetrics& metrics);

// The same of channels, for programs that tell of their own:
//
//   const dialtone::Channel* const channels[] = {&store, &payments};
//   admin.more_text = [&] { return dialtone::PrometheusText(channels); };
//
// One text for all: texts of several channels do not make a valid one together, as each metric may have one
// head. Each has the label `target`; of several with one target each has a label `channel` besides, with its
// place among them: "1", "2".
std::string PrometheusText(std::span<const Channel* const> channels);
// What is told of a channel.
struct ChannelReport {
  ChannelMetrics metrics;
  ChannelStats stats;
  std::string target;
};
std::string PrometheusText(std::span<const ChannelReport> channels);
// Of one alone.
std::string PrometheusText(const ChannelMetrics& metrics, const ChannelStats& stats,
                           std::string_view target);

}  // namespace dialtone
