#include "command_line.h"

#include <gtest/gtest.h>

#include "absl/status/status.h"
#include "status_codes.h"

namespace echo {
namespace {

using Arguments = std::vector<std::string>;

TEST(CommandLine, TakesFlagsInBothFormsAndWordsBetweenThem) {
  const auto line = CommandLine::Parse(
      {"one", "--listen", "a:1", "two", "--listen=b:2", "--count=3"}, {"listen", "count"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->words(), (Arguments{"one", "two"}));
  EXPECT_EQ(line->All("listen"), (Arguments{"a:1", "b:2"}));
  EXPECT_EQ(line->IntegerOf("count", 1, 1, 10).value(), 3);
  EXPECT_TRUE(line->All("other").empty());
  EXPECT_FALSE(line->help());
}

TEST(CommandLine, TwoDashesEndTheFlags) {
  const auto line = CommandLine::Parse({"--", "--listen", "-h"}, {"listen"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->words(), (Arguments{"--listen", "-h"}));
  EXPECT_FALSE(line->help());
}

TEST(CommandLine, AsksForHelpInTwoWays) {
  EXPECT_TRUE(CommandLine::Parse({"--help"}, {})->help());
  EXPECT_TRUE(CommandLine::Parse({"word", "-h"}, {})->help());
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
  for (const std::string flag : {"--lisent", "-listen", "--listen2", "-x", "---listen"}) {
    const auto line = CommandLine::Parse({flag, "1"}, {"listen"});
    EXPECT_EQ(line.status(), absl::InvalidArgumentError("unknown flag " + flag + " (see --help)"));
  }
  EXPECT_EQ(CommandLine::Parse({"--listen"}, {"listen"}).status(),
            absl::InvalidArgumentError("flag --listen needs a value (see --help)"));
}

TEST(CommandLine, AValueMayStartWithADash) {
  const auto line = CommandLine::Parse({"--count", "-3"}, {"count"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->IntegerOf("count", 0, -5, 5).value(), -3);
}

TEST(CommandLine, NumbersAndDurationsSayWhatTheyTake) {
  const auto line = CommandLine::Parse({"--count=many", "--timeout=5"}, {"count", "timeout"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->IntegerOf("count", 1, 1, 10).status(),
            absl::InvalidArgumentError("flag --count: \"many\" is no number from 1 to 10"));
  EXPECT_EQ(
      line->DurationOf("timeout", absl::Seconds(1)).status(),
      absl::InvalidArgumentError("flag --timeout: \"5\" is no duration such as 250ms, 1.5s or 2m"));
  EXPECT_EQ(line->DurationOf("drain", absl::Seconds(1)).value(), absl::Seconds(1));
}

TEST(CommandLine, DurationsAreNotNegative) {
  EXPECT_EQ(ParseDuration("1.5s").value(), absl::Milliseconds(1500));
  EXPECT_EQ(ParseDuration("0").value(), absl::ZeroDuration());
  EXPECT_TRUE(absl::IsInvalidArgument(ParseDuration("-1s").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ParseDuration("").status()));
}

TEST(StatusCodes, ComeAsNamesInAnyCaseAndAsNumbers) {
  EXPECT_EQ(ParseErrorCode("NOT_FOUND").value(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ParseErrorCode("not_found").value(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ParseErrorCode("5").value(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ParseErrorCode("16").value(), absl::StatusCode::kUnauthenticated);
  for (const std::string text : {"OK", "0", "17", "-1", "", "NOT FOUND"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseErrorCode(text).status())) << text;
  }
}

TEST(StatusCodes, AreAllInTheTable) {
  const std::string table = ErrorCodeTable();
  EXPECT_NE(table.find("   1  CANCELLED\n"), std::string::npos) << table;
  EXPECT_NE(table.find("  16  UNAUTHENTICATED\n"), std::string::npos) << table;
}

}  // namespace
}  // namespace echo
