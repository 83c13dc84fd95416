#include "bench_report.h"

#include <gtest/gtest.h>

#include <fstream>

#include "exit_code.h"

namespace dial {
namespace {

BenchReport Sample() {
  BenchReport report;
  report.method = "echo.Echo.Echo";
  report.in_flight = 4;
  report.server_seen = true;
  report.result.calls = 1000;
  for (int i = 0; i < 990; ++i) report.result.latency_ns.Record(100);
  for (int i = 0; i < 10; ++i) report.result.latency_ns.Record(300);
  report.result.errors["UNAVAILABLE"] = 3;
  report.result.seconds = 2;
  report.result.client_cpu_seconds = 1;
  report.result.server_cpu_seconds = 0.5;
  return report;
}

TEST(TimeText, HasThreeDigitsAndAUnit) {
  EXPECT_EQ("0 ns", TimeText(0));
  EXPECT_EQ("999 ns", TimeText(999));
  EXPECT_EQ("1.50 us", TimeText(1500));
  EXPECT_EQ("12.3 ms", TimeText(12'345'678));
  EXPECT_EQ("7200 s", TimeText(7.2e12));
}

TEST(BenchReport, IsPlainForPeople) {
  EXPECT_EQ(
      "echo.Echo.Echo: 1 connection, 4 calls in flight on each, 2.00 s\n\n"
      "calls       1000, 500 a second\n"
      "errors      3 UNAVAILABLE\n"
      "client cpu  0.50 processors, 1.00 ms a call\n"
      "server cpu  0.25 processors, 500 us a call\n\n"
      "latency     mean 102 ns, p50 100 ns, p90 100 ns, p99 100 ns, p99.9 300 ns, p99.99 300 ns, "
      "max 300 ns\n\n"
      "  <   128 ns ######################################## 990\n"
      "  <   256 ns                                          0\n"
      "  <   512 ns                                          10",
      PlainReport(Sample()));
}

TEST(BenchReport, OfNoCallHasNoLatency) {
  BenchReport report;
  report.method = "a.B.C";
  report.rate = "const:10";
  EXPECT_EQ(
      "a.B.C: 1 connection, const:10 calls a second, from when each was due, 0.00 s\n\n"
      "calls       0, 0 a second\nerrors      0\nclient cpu  0.00 processors, 0 ns a call",
      PlainReport(report));
}

TEST(BenchReport, IsCsvForTables) {
  const std::string csv = CsvReport(Sample());
  EXPECT_EQ(0u, csv.find("method,connections,in_flight,rate,calls,errors,seconds,calls_per_second,"
                         "latency_ns_mean,"));
  EXPECT_NE(std::string::npos, csv.find("\necho.Echo.Echo,1,4,,1000,3,2,500,"));
}

TEST(BenchReport, ComparesWithWhatItHasWrittenBefore) {
  const std::string path = ::testing::TempDir() + "dial_bench_report_test.json";
  std::ofstream(path) << JsonReport(Sample()) << "\n";
  BenchReport now = Sample();
  now.result.calls = 1500;
  now.result.errors.clear();
  const absl::StatusOr<Figures> before = ReadFigures(path);
  ASSERT_TRUE(before.ok()) << before.status();
  const std::string compared = Comparison(now, *before);
  EXPECT_NE(std::string::npos,
            compared.find("\ncalls                          1000         1500   +50.0 %"));
  EXPECT_NE(std::string::npos,
            compared.find("\nerrors                            3            0  -100.0 %"));
  EXPECT_NE(std::string::npos,
            compared.find("\nlatency_ns_p99.9             300 ns       300 ns    +0.0 %"));
}

TEST(BenchReport, ABaselineThatIsNoneIsRefused) {
  EXPECT_TRUE(IsUsageError(ReadFigures("/no/such").status()));
  EXPECT_TRUE(IsUsageError(ReadFigures(::testing::TempDir()).status()));
  const std::string path = ::testing::TempDir() + "dial_bench_report_test.txt";
  std::ofstream(path) << "{\"figures_\": 1}";
  EXPECT_TRUE(IsUsageError(ReadFigures(path).status()));
}

}  // namespace
}  // namespace dial
