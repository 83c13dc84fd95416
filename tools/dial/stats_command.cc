// dial watch and dial connections: what a server counts of itself, and who is connected to it.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "bench_report.h"
#include "commands.h"
#include "dialtone/stats/v1/stats.dialtone.h"
#include "exit_code.h"
#include "interrupt.h"
#include "json_writer.h"
#include "stats_view.h"

namespace dial {
namespace {

namespace v1 = dialtone::stats::v1;
using v1::Stats;

constexpr uint32_t kPage = 500;

// One whose server does without says what is missing.
absl::Status Explained(const absl::Status& status, const Session& session) {
  if (!absl::IsUnimplemented(status)) return status;
  return absl::UnimplementedError(absl::StrCat(
      session.address(), " has no stats service: it is added by dialtone::StatsService()"));
}

// False: Ctrl-C came first.
bool Pause(absl::Duration duration) {
  pollfd interrupt = {InterruptDescriptor(), POLLIN, 0};
  const int came = poll(&interrupt, 1, static_cast<int>(absl::ToInt64Milliseconds(duration)));
  return came == 0 || (came < 0 && errno == EINTR);
}

std::string TableOf(const std::vector<MethodRow>& rows) {
  size_t width = 6;
  for (const MethodRow& row : rows) width = std::max(width, row.name.size());
  std::string text = absl::StrFormat("%-*s %10s %10s %10s %10s %10s", static_cast<int>(width),
                                     "method", "calls/s", "errors/s", "in flight", "p50", "p99");
  for (const MethodRow& row : rows) {
    absl::StrAppendFormat(&text, "\n%-*s %10.0f %10.0f %10d %10s %10s", static_cast<int>(width),
                          row.name, row.calls_per_second, row.errors_per_second, row.in_flight,
                          row.p50_ns > 0 ? TimeText(row.p50_ns) : "-",
                          row.p99_ns > 0 ? TimeText(row.p99_ns) : "-");
  }
  return text;
}

std::string JsonOf(const v1::GetMetricsResponse& now, double busy,
                   const std::vector<MethodRow>& rows) {
  std::vector<std::string> methods;
  methods.reserve(rows.size());
  for (const MethodRow& row : rows) {
    methods.push_back(absl::StrCat("{\"method\":", JsonQuoted(row.name),
                                   ",\"calls_per_second\":", JsonNumber(row.calls_per_second),
                                   ",\"errors_per_second\":", JsonNumber(row.errors_per_second),
                                   ",\"in_flight\":", row.in_flight,
                                   ",\"p50_ns\":", JsonNumber(row.p50_ns),
                                   ",\"p99_ns\":", JsonNumber(row.p99_ns), "}"));
  }
  return absl::StrCat("{\"connections\":", now.connections(), ",\"busy\":", JsonNumber(busy),
                      ",\"serving\":", now.serving() ? "true" : "false", ",\"methods\":[",
                      absl::StrJoin(methods, ","), "]}");
}

void Show(const Session& session, const v1::GetMetricsResponse& before,
          const v1::GetMetricsResponse& now) {
  const Output& output = session.output();
  const std::vector<MethodRow> rows = RowsBetween(before, now);
  const double busy = BusyBetween(before, now);
  if (output.json()) return output.Line(JsonOf(now, busy, rows));
  // At a terminal each table takes the place of the one before.
  const char* home = isatty(STDOUT_FILENO) == 1 ? "\033[H\033[J" : "";
  const std::string head =
      absl::StrFormat("%s%s: %s, %d %s, loops %.0f %% busy", home, session.address(),
                      now.serving() ? "serving" : "not serving", now.connections(),
                      now.connections() == 1 ? "connection" : "connections", busy * 100);
  output.Line(absl::StrCat(head, "\n", Printable(TableOf(rows)), "\n"));
}

std::string ConnectionLine(const v1::Connection& connection) {
  const std::string round_trip =
      connection.has_tcp() ? TimeText(static_cast<double>(connection.tcp().round_trip_ns())) : "-";
  return absl::StrFormat("%-24s %10s %-11s %6d %12d %12d %11s %6d", connection.peer(),
                         TimeText(static_cast<double>(connection.age_ns())), connection.protocol(),
                         connection.calls_in_flight(), connection.bytes_in(),
                         connection.bytes_out(), round_trip,
                         connection.tcp().segments_retransmitted());
}

}  // namespace

int RunWatch(Session& session) {
  absl::Status read = session.ReadWords(0, 0, true);
  if (!read.ok()) return session.Fail(read);
  const absl::StatusOr<dialtone::CallOptions> options = session.call_options();
  if (!options.ok()) return session.Fail(options.status());
  const Stats::Client stats(session.channel());
  v1::GetMetricsResponse before;
  for (int shown = -1; session.line().count == 0 || shown < session.line().count; ++shown) {
    if (shown >= 0 && !Pause(session.line().interval)) return kExitInterrupted;
    absl::StatusOr<v1::GetMetricsResponse> now =
        stats.GetMetrics(v1::GetMetricsRequest(), *options).Wait();
    if (!now.ok()) return session.Fail(Explained(now.status(), session));
    if (shown >= 0) Show(session, before, *now);
    before = *std::move(now);
  }
  return 0;
}

int RunConnections(Session& session) {
  absl::Status read = session.ReadWords(0, 0, true);
  if (!read.ok()) return session.Fail(read);
  const absl::StatusOr<dialtone::CallOptions> options = session.call_options();
  if (!options.ok()) return session.Fail(options.status());
  const Stats::Client stats(session.channel());
  const Output& output = session.output();
  if (!output.json()) {
    output.Line(absl::StrFormat("%-24s %10s %-11s %6s %12s %12s %11s %6s", "peer", "age",
                                "protocol", "calls", "bytes in", "bytes out", "round trip",
                                "resent"));
  }
  v1::ListConnectionsRequest request;
  request.set_page_size(kPage);
  for (bool more = true; more;) {
    const absl::StatusOr<v1::ListConnectionsResponse> page =
        stats.ListConnections(request, *options).Wait();
    if (!page.ok()) return session.Fail(Explained(page.status(), session));
    for (const v1::Connection& connection : page->connections()) {
      output.Line(output.json() ? ToJson(connection, JsonForm())
                                : Printable(ConnectionLine(connection)));
    }
    more = page->more() && page->last_id() > request.after_id();
    request.set_after_id(page->last_id());
  }
  return 0;
}

}  // namespace dial
