#include "screen.h"

#include <gtest/gtest.h>

namespace dial {
namespace {

using Lines = std::vector<std::string>;

TEST(FitWindow, LeavesOutWhatDoesNotFit) {
  const Lines lines = {"head", "one", "two", "three"};
  EXPECT_EQ(lines, FitWindow(lines, {4, 80}));
  EXPECT_EQ(Lines({"head", "one", "... and 2 more lines"}), FitWindow(lines, {3, 80}));
  EXPECT_EQ(Lines({"hea", "one", "..."}), FitWindow(lines, {3, 3}));
  EXPECT_EQ(Lines(), FitWindow({}, {3, 3}));
}

}  // namespace
}  // namespace dial
