#include "suggest.h"

#include <gtest/gtest.h>

namespace dial {
namespace {

TEST(EditDistance, CountsWhatHasToBeDone) {
  EXPECT_EQ(0u, EditDistance("", ""));
  EXPECT_EQ(3u, EditDistance("", "abc"));
  EXPECT_EQ(0u, EditDistance("Echo", "echo"));
  EXPECT_EQ(1u, EditDistance("Ecko", "Echo"));
  EXPECT_EQ(1u, EditDistance("Ehco", "Echo"));  // neighbours swapped
  EXPECT_EQ(3u, EditDistance("kitten", "sitting"));
}

TEST(DidYouMean, NamesWhatIsNear) {
  const std::vector<std::string> known = {"Echo", "Sleep", "Fail", "Repeat"};
  EXPECT_EQ("; did you mean Echo?", DidYouMean("Ecko", known));
  EXPECT_EQ("; did you mean Repeat?", DidYouMean("repaet", known));
  EXPECT_EQ("", DidYouMean("Quit", known));
  EXPECT_EQ("", DidYouMean("", known));
}

TEST(DidYouMean, SaysSeveralNearestFirst) {
  EXPECT_EQ("; did you mean repeatex or repeat?",
            DidYouMean("repeated", {"repeat", "repeatex", "other"}));
}

TEST(DidYouMean, KnowsTheLastPartOfAName) {
  EXPECT_EQ("; did you mean echo.Echo?",
            DidYouMean("Ecco", {"echo.Echo", "grpc.health.v1.Health"}));
  EXPECT_EQ("; did you mean echo.Echo?",
            DidYouMean("eco.Echo", {"echo.Echo", "grpc.health.v1.Health"}));
}

TEST(DidYouMean, ComparesNoMoreThanTheBeginningOfALongName) {
  const std::string long_name(1'000'000, 'x');
  EXPECT_EQ("", DidYouMean("Echo", {long_name}));
  EXPECT_EQ(200u, EditDistance(long_name, ""));
}

}  // namespace
}  // namespace dial
