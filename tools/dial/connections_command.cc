// dial connections: who is connected to a server.

#include "absl/strings/str_format.h"
#include "bench_report.h"
#include "commands.h"
#include "dialtone/stats/v1/stats.dialtone.h"
#include "interrupt.h"
#include "json_writer.h"
#include "stats_view.h"

namespace dial {
namespace {

namespace v1 = dialtone::stats::v1;
using v1::Stats;

constexpr uint32_t kPage = 500;

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
    auto call = stats.ListConnections(request, *options);
    const WhenInterrupted cancel([&call] { call.Cancel(); });
    const absl::StatusOr<v1::ListConnectionsResponse> page = call.Wait();
    if (!page.ok()) return session.Fail(WithoutStats(page.status(), session.address()));
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
