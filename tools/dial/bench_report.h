// What a load has measured, as dial bench shows it.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "dialtone/load/result.h"

namespace dial {

struct BenchReport {
  std::string method;
  int connections = 1;
  int in_flight = 1;  // on each connection; of a closed loop
  std::string rate;   // the schedule of an open loop; else empty
  bool server_seen = false;
  dialtone::load::Result result;
};

// Some lines, without the last one's end: rates, percentiles, errors, processor time, and a histogram by powers of two.
std::string PlainReport(const BenchReport& report);
// One object, on one line. What --baseline reads again.
std::string JsonReport(const BenchReport& report);
// A line of names and one of values.
std::string CsvReport(const BenchReport& report);
// The figures of an earlier run, by their names, from its JsonReport(), which `file` holds. USAGE: it holds none.
using Figures = std::map<std::string, double>;
absl::StatusOr<Figures> ReadFigures(const std::string& file);
// This run beside an earlier one.
std::string Comparison(const BenchReport& report, const Figures& baseline);

// "385 ns", "12.3 us", "1.50 ms", "2.00 s".
std::string TimeText(double nanoseconds);

}  // namespace dial
