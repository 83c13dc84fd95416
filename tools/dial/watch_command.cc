// dial watch: what a server counts of itself, live.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "bench_report.h"
#include "commands.h"
#include "dialtone/stats/v1/stats.dialtone.h"
#include "exit_code.h"
#include "interrupt.h"
#include "json_writer.h"
#include "screen.h"
#include "stats_view.h"

namespace dial {
namespace {

namespace v1 = dialtone::stats::v1;
using v1::Stats;

using Clock = std::chrono::steady_clock;

std::vector<std::string> TableOf(const std::vector<MethodRow>& rows) {
  size_t width = 6;
  for (const MethodRow& row : rows) width = std::max(width, row.name.size());
  std::vector<std::string> lines = {absl::StrFormat("%-*s %10s %10s %10s %10s %10s",
                                                    static_cast<int>(width), "method", "calls/s",
                                                    "errors/s", "in flight", "p50", "p99")};
  for (const MethodRow& row : rows) {
    lines.push_back(absl::StrFormat(
        "%-*s %10.0f %10.0f %10d %10s %10s", static_cast<int>(width), Printable(row.name),
        row.calls_per_second, row.errors_per_second, row.in_flight,
        row.p50_ns > 0 ? TimeText(row.p50_ns) : "-", row.p99_ns > 0 ? TimeText(row.p99_ns) : "-"));
  }
  return lines;
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

// Asks the server again and again, and shows what has happened between one answer and the next.
class Watch {
 public:
  Watch(Session& session, const dialtone::CallOptions& options)
      : session_(session), options_(options), stats_(session.channel()) {
    if (isatty(STDOUT_FILENO) == 1 && !session.output().json()) screen_.emplace();
  }

  // The exit code.
  int Run() {
    const int count = session_.line().count;
    for (int shown = -1; count == 0 || shown < count; ++shown) {
      if (shown >= 0 && !Pause()) return kExitInterrupted;
      absl::StatusOr<v1::GetMetricsResponse> now = Ask();
      if (!now.ok()) return Fail(now.status());
      if (shown >= 0) Show(*now);
      before_ = *std::move(now);
    }
    if (screen_.has_value()) Keep();
    return 0;
  }

 private:
  absl::StatusOr<v1::GetMetricsResponse> Ask() {
    auto call = stats_.GetMetrics(v1::GetMetricsRequest(), options_);
    const WhenInterrupted cancel([&call] { call.Cancel(); });
    return call.Wait();
  }

  void Show(const v1::GetMetricsResponse& now) {
    std::vector<MethodRow> rows = RowsBetween(before_, now);
    if (!session_.line().all) rows = WithoutStatsService(std::move(rows));
    const double busy = BusyBetween(before_, now);
    const Output& output = session_.output();
    if (output.json()) return output.Line(JsonOf(now, busy, rows));
    lines_ = TableOf(rows);
    lines_.insert(
        lines_.begin(),
        absl::StrFormat("%s: %s, %d %s, loops %.0f %% busy", session_.address(),
                        now.serving() ? "serving" : "not serving", now.connections(),
                        now.connections() == 1 ? "connection" : "connections", busy * 100));
    if (screen_.has_value()) return screen_->Draw(lines_);
    output.Line(absl::StrCat(absl::StrJoin(lines_, "\n"), "\n"));
  }

  // False: Ctrl-C came first. What is shown follows the window meanwhile.
  bool Pause() {
    const Clock::time_point until =
        Clock::now() + absl::ToChronoNanoseconds(session_.line().interval);
    for (;;) {
      std::array<pollfd, 2> wait = {
          {{InterruptDescriptor(), POLLIN, 0}, {WindowDescriptor(), POLLIN, 0}}};
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
      const int came = poll(wait.data(), wait.size(), std::max(0, static_cast<int>(left.count())));
      if (came == 0) return true;
      if (wait[0].revents != 0) return false;
      DrainWindowChanges();
      if (screen_.has_value()) screen_->Draw(lines_);
    }
  }

  // The last table stays where the terminal goes on.
  void Keep() {
    screen_.reset();
    session_.output().Line(absl::StrJoin(lines_, "\n"));
  }

  int Fail(const absl::Status& status) {
    screen_.reset();
    return session_.Fail(WithoutStats(status, session_.address()));
  }

  Session& session_;
  const dialtone::CallOptions options_;
  const Stats::Client stats_;
  std::optional<Screen> screen_;
  v1::GetMetricsResponse before_;
  std::vector<std::string> lines_;
};

}  // namespace

int RunWatch(Session& session) {
  absl::Status read = session.ReadWords(0, 0, true);
  if (!read.ok()) return session.Fail(read);
  const absl::StatusOr<dialtone::CallOptions> options = session.call_options();
  if (!options.ok()) return session.Fail(options.status());
  return Watch(session, *options).Run();
}

}  // namespace dial
