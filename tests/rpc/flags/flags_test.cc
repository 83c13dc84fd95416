// Flags, environment variables and what is said of wrong ones.
#include "dialtone/rpc/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "flag_help.h"
#include "flag_values.h"

namespace dialtone {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FlagsTest : public testing::Test {
 protected:
  FlagsTest() : flags_("prog: a program.") {
    flags_.Add("drain-timeout", timeout_, "how long");
    flags_.Add("count", count_, "how many");
    flags_.Add("bytes", bytes_, "how much");
    flags_.Add("health", health_, "whether");
    flags_.Add("listen", listen_, "where");
    flags_.AddSwitch("check", check_, "SERVICE", "asks");
    flags_.TakeWords(words_);
  }
  ~FlagsTest() override {
    for (const char* name : {"DIALTONE_DRAIN_TIMEOUT", "DIALTONE_COUNT", "DIALTONE_HEALTH",
                             "DIALTONE_LISTEN", "DIALTONE_CHECK"})
      unsetenv(name);
  }
  // The exit code, or -1; what was printed is in `out_` and `error_`.
  int Parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "prog");
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const std::optional<int> code =
        flags_.Parse(static_cast<int>(arguments.size()), arguments.data());
    fflush(stdout);
    out_ = testing::internal::GetCapturedStdout();
    error_ = testing::internal::GetCapturedStderr();
    return code.value_or(-1);
  }

  absl::Duration timeout_ = absl::Seconds(25);
  int64_t count_ = 1;
  uint64_t bytes_ = 64 * 1024;
  bool health_ = true;
  std::vector<std::string> listen_{"anywhere"};
  std::string check_;
  std::vector<std::string> words_;
  Flags flags_;
  std::string out_;
  std::string error_;
};

TEST_F(FlagsTest, DefaultsStayWhereNothingIsSaid) {
  EXPECT_EQ(Parse({}), -1);
  EXPECT_EQ(timeout_, absl::Seconds(25));
  EXPECT_THAT(listen_, ElementsAre("anywhere"));
  EXPECT_EQ(out_ + error_, "");
}

TEST_F(FlagsTest, ComeInBothFormsWithWordsBetweenThem) {
  EXPECT_EQ(Parse({"one", "--drain-timeout=1.5s", "two", "--count", "-3", "--listen", "a:1",
                   "--listen=b:2", "--bytes=4MiB", "--health=false", "--", "--three"}),
            -1)
      << error_;
  EXPECT_EQ(timeout_, absl::Milliseconds(1500));
  EXPECT_EQ(count_, -3);
  EXPECT_EQ(bytes_, 4u << 20);
  EXPECT_FALSE(health_);
  EXPECT_THAT(listen_, ElementsAre("a:1", "b:2"));
  EXPECT_THAT(words_, ElementsAre("one", "two", "--three"));
}

TEST_F(FlagsTest, ABoolAloneIsTrueAndTheLastOfSeveralCounts) {
  health_ = false;
  EXPECT_EQ(Parse({"--health", "word", "--count=1", "--count=2"}), -1) << error_;
  EXPECT_TRUE(health_);
  EXPECT_EQ(count_, 2);
  EXPECT_THAT(words_, ElementsAre("word"));
}

TEST_F(FlagsTest, AnEmptyValueIsAValueInBothForms) {
  std::string name = "somebody";
  flags_.Add("name", name, "who");
  EXPECT_EQ(Parse({"--name=", "word"}), -1) << error_;
  EXPECT_EQ(name, "");
  name = "somebody";
  EXPECT_EQ(Parse({"--name", ""}), -1) << error_;
  EXPECT_EQ(name, "");
  EXPECT_EQ(Parse({"--count="}), 2);
  EXPECT_THAT(error_, HasSubstr("flag --count: \"\" is no whole number"));
  words_.clear();
  EXPECT_EQ(Parse({"--", "--name="}), -1) << error_;
  EXPECT_THAT(words_, ElementsAre("--name="));
  EXPECT_EQ(Parse({"--nobody="}), 2);
  EXPECT_THAT(error_, HasSubstr("unknown flag --nobody "));
}

TEST_F(FlagsTest, ASwitchStandsAloneOrHasAValue) {
  setenv("DIALTONE_CHECK", "ignored", 1);
  EXPECT_EQ(Parse({}), -1);
  EXPECT_EQ(check_, "");
  EXPECT_EQ(Parse({"--check"}), -1);
  EXPECT_EQ(check_, "true");
  EXPECT_EQ(Parse({"--check=a.B"}), -1);
  EXPECT_EQ(check_, "a.B");
}

TEST_F(FlagsTest, FlagsWinOverVariablesAndThoseOverDefaults) {
  setenv("DIALTONE_DRAIN_TIMEOUT", "7s", 1);
  setenv("DIALTONE_COUNT", "8", 1);
  setenv("DIALTONE_LISTEN", "a:1,unix:/b", 1);
  setenv("DIALTONE_HEALTH", "", 1);  // counts as not set
  EXPECT_EQ(Parse({"--count=9"}), -1) << error_;
  EXPECT_EQ(timeout_, absl::Seconds(7));
  EXPECT_EQ(count_, 9);
  EXPECT_THAT(listen_, ElementsAre("a:1", "unix:/b"));
  EXPECT_TRUE(health_);
}

TEST_F(FlagsTest, ABadValueNamesTheFlagAndWhatWasExpected) {
  for (const char* bad : {"--drain-timeout=25", "--drain-timeout=-1s", "--drain-timeout=soon"}) {
    EXPECT_EQ(Parse({bad}), 2);
    EXPECT_EQ(error_, "prog: flag --drain-timeout: \"" + std::string(bad).substr(16) +
                          "\" is no duration such as 250ms, 1.5s or 2m (see --help)\n");
  }
  EXPECT_EQ(Parse({"--drain-timeout", "-1s"}), 2);
  EXPECT_THAT(error_, HasSubstr("flag --drain-timeout: \"-1s\" is no duration"));
  EXPECT_EQ(Parse({"--count=many"}), 2);
  EXPECT_THAT(error_, HasSubstr("flag --count: \"many\" is no whole number"));
  EXPECT_EQ(Parse({"--health=maybe"}), 2);
  EXPECT_THAT(error_, HasSubstr("flag --health: \"maybe\" is no value of a bool"));
  EXPECT_EQ(Parse({"--count"}), 2);
  EXPECT_THAT(error_, HasSubstr("--count"));
}

TEST_F(FlagsTest, ABadVariableIsNamed) {
  setenv("DIALTONE_DRAIN_TIMEOUT", "soon", 1);
  EXPECT_EQ(Parse({}), 2);
  EXPECT_EQ(error_,
            "prog: environment variable DIALTONE_DRAIN_TIMEOUT: \"soon\" is no duration such as "
            "250ms, 1.5s or 2m (see --help)\n");
  EXPECT_EQ(Parse({"--drain-timeout=1s"}), -1);
}

TEST_F(FlagsTest, AnUnknownFlagComesWithASuggestion) {
  EXPECT_EQ(Parse({"--drain-timout=1s"}), 2);
  EXPECT_EQ(error_,
            "prog: unknown flag --drain-timout; did you mean --drain-timeout? (see --help)\n");
  EXPECT_EQ(Parse({"--completely-different", "1"}), 2);
  EXPECT_EQ(error_, "prog: unknown flag --completely-different (see --help)\n");
  EXPECT_EQ(Parse({"-x"}), 2);
  EXPECT_THAT(error_, HasSubstr("unknown flag -x"));
}

TEST_F(FlagsTest, HelpShowsNameVariableAndDefault) {
  count_ = 5;
  EXPECT_EQ(Parse({"--count=7", "--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("prog: a program."));
  EXPECT_THAT(out_, HasSubstr("--drain-timeout=DURATION"));
  EXPECT_THAT(out_, HasSubstr("[DIALTONE_DRAIN_TIMEOUT, default: 25s]"));
  EXPECT_THAT(out_, HasSubstr("[DIALTONE_BYTES, default: 64KiB]"));
  EXPECT_THAT(out_, HasSubstr("default: 5]"));
  EXPECT_THAT(out_, HasSubstr("--check[=SERVICE]"));
  EXPECT_EQ(error_, "");
  EXPECT_EQ(Parse({"-h"}), 0);
}

TEST(FlagValues, ReadWhatTheyWrite) {
  uint64_t bytes = 0;
  for (const uint64_t value : {uint64_t{0}, uint64_t{1}, uint64_t{1000}, uint64_t{1024},
                               uint64_t{3} << 20, uint64_t{5} << 30, ~uint64_t{0}}) {
    ASSERT_TRUE(flags::FromText(flags::ToText(value), bytes)) << flags::ToText(value);
    EXPECT_EQ(bytes, value);
  }
  absl::Duration duration;
  EXPECT_TRUE(flags::FromText(flags::ToText(absl::InfiniteDuration()), duration));
  EXPECT_EQ(duration, absl::InfiniteDuration());
}

TEST(FlagValues, RefuseWhatDoesNotFit) {
  uint32_t small = 7;
  for (const char* bad : {"", "-1", "+1", " 1", "1 ", "4294967296", "4GiB", "1kib", "KiB", "1.5"})
    EXPECT_FALSE(flags::FromText(bad, small)) << bad;
  EXPECT_EQ(small, 7u);
  double number = 7;
  for (const char* bad : {"", "-1", "nan", "inf", "1x"})
    EXPECT_FALSE(flags::FromText(bad, number)) << bad;
  EXPECT_EQ(number, 7);
}

TEST(FlagHelp, FindsWhatWasMeant) {
  const std::vector<std::string> names{"--listen", "--log-level", "--log-format"};
  EXPECT_EQ(flags::Nearest("--lisent", names), "--listen");
  EXPECT_EQ(flags::Nearest("--log-fromat", names), "--log-format");
  EXPECT_EQ(flags::Nearest("--x", names), "");
}

TEST(FlagHelp, WrapsLongTexts) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "word ";
  const std::string lines = flags::HelpLines("--a-flag-with-a-very-long-name=DURATION", text);
  for (size_t begin = 0; begin < lines.size(); begin = lines.find('\n', begin) + 1)
    EXPECT_LE(lines.find('\n', begin) - begin, 100u);
}

}  // namespace
}  // namespace dialtone
