// dial bench.
#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench_report.h"
#include "commands.h"
#include "exit_code.h"
#include "interrupt.h"
#include "listener_process.h"
#include "load_run.h"

namespace dial {
namespace {

// The schedule runs through the warm-up, too.
absl::Status ReadRate(const BenchArguments& bench, LoadPlan& plan) {
  if (bench.rate.empty()) return absl::OkStatus();
  plan.schedule = dialtone::load::Schedule::Parse(
      bench.rate, absl::ToDoubleSeconds(bench.warmup + bench.duration));
  if (plan.schedule.has_value()) return absl::OkStatus();
  return UsageError(
      absl::StrCat("--rate: \"", bench.rate,
                   "\" is none of RATE, const:RATE, ramp:FROM:TO and step:FROM:TO:STEPS"));
}

absl::StatusOr<LoadPlan> MakePlan(const Session& session) {
  const BenchArguments& bench = session.line().bench;
  LoadPlan plan;
  plan.connections = bench.connections;
  plan.in_flight = bench.in_flight;
  plan.warmup = bench.warmup;
  plan.duration = bench.duration;
  absl::Status rate = ReadRate(bench, plan);
  if (!rate.ok()) return rate;
  plan.servers.assign(bench.server_pids.begin(), bench.server_pids.end());
  if (plan.servers.empty()) {
    if (const std::optional<pid_t> found = ListenerProcess(session.address()))
      plan.servers.push_back(*found);
  }
  plan.form = session.line().form;
  plan.payload = session.names() > 1               ? session.name(1)
                 : plan.form == MessageForm::kJson ? "{}"
                                                   : "";
  absl::StatusOr<dialtone::CallOptions> options = session.call_options();
  if (!options.ok()) return options.status();
  plan.options = *std::move(options);
  return plan;
}

// The status that most failed calls had; OK if none has failed.
int ExitOf(const dialtone::load::Result& result) {
  const auto most =
      std::max_element(result.errors.begin(), result.errors.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == result.errors.end()) return 0;
  for (int code = 1; code <= 16; ++code) {
    if (absl::StatusCodeToString(static_cast<absl::StatusCode>(code)) == most->first) return code;
  }
  return static_cast<int>(absl::StatusCode::kUnknown);
}

void PrintReport(const Session& session, const BenchReport& report, const std::string& comparison) {
  const Output& output = session.output();
  if (output.json()) {
    output.Line(JsonReport(report));
  } else if (session.line().bench.csv) {
    output.Line(CsvReport(report));
  } else {
    output.Line(PlainReport(report));
  }
  if (comparison.empty()) return;
  // Beside what a script reads.
  output.json() || session.line().bench.csv ? output.Note(comparison)
                                            : output.Line("\n" + comparison);
}

}  // namespace

int RunBench(Session& session) {
  absl::Status read = session.ReadWords(1, 2, true);
  if (!read.ok()) return session.Fail(read);
  const absl::StatusOr<LoadPlan> plan = MakePlan(session);
  if (!plan.ok()) return session.Fail(plan.status());
  // Before the run, so that none is lost to a wrong name.
  const bool with_baseline = !session.line().bench.baseline.empty();
  const absl::StatusOr<Figures> baseline =
      with_baseline ? ReadFigures(session.line().bench.baseline) : Figures();
  if (!baseline.ok()) return session.Fail(baseline.status());
  const absl::StatusOr<const DynamicMethod*> method = session.FindMethod(session.name(0));
  if (!method.ok()) return session.Fail(method.status());
  const std::string name = (*method)->descriptor().full_name();
  if ((*method)->method().kind != dialtone::MethodKind::kUnary) {
    return session.Fail(
        UsageError(absl::StrCat(name, " streams: dial bench measures unary methods")));
  }

  const auto on_tick = [&session](const LoadTick& tick) {
    if (session.output().json()) return;
    session.output().Note(absl::StrFormat("%4.0f s  %8.0f calls a second  %d failed  mean %s",
                                          tick.seconds, tick.calls_per_second, tick.failed,
                                          TimeText(tick.latency_mean_ns)));
  };
  // All of them may wait for a connection, or for others to end.
  dialtone::ChannelOptions channels;
  channels.queued_calls_max =
      std::max(channels.queued_calls_max, static_cast<size_t>(plan->in_flight));
  absl::StatusOr<dialtone::load::Result> result =
      RunLoad(*plan, **method, [&] { return session.NewChannel(channels); }, on_tick);
  if (!result.ok()) return Interrupted() ? kExitInterrupted : session.Fail(result.status());

  BenchReport report;
  report.method = name;
  report.connections = plan->connections;
  report.in_flight = plan->in_flight;
  report.rate = session.line().bench.rate;
  report.server_seen = !plan->servers.empty();
  report.result = *std::move(result);
  PrintReport(session, report, with_baseline ? Comparison(report, *baseline) : "");
  return Interrupted() ? kExitInterrupted : ExitOf(report.result);
}

}  // namespace dial
