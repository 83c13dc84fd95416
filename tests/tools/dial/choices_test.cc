#include "choices.h"

#include <gtest/gtest.h>

namespace dial {
namespace {

TEST(MoreOf, GoesAsFarAsAllAgree) {
  EXPECT_EQ("ng", MoreOf({"Ha", {"Hang", "HangUp"}}));
  EXPECT_EQ("", MoreOf({"Hang", {"Hang", "HangUp"}}));
  EXPECT_EQ("", MoreOf({"", {"a", "b"}}));
}

TEST(MoreOf, TheOnlyOneGetsASpaceIfItIsWhole) {
  EXPECT_EQ("p ", MoreOf({"HangU", {"HangUp"}}));
  EXPECT_EQ(" ", MoreOf({"HangUp", {"HangUp"}}));
  EXPECT_EQ("xt\": ", MoreOf({"{\"te", {"{\"text\": "}}));
  EXPECT_EQ("ext", MoreOf({"{\"a\": $.n", {"{\"a\": $.next"}}));
}

TEST(ListOf, StandsInColumns) {
  const Choices choices = {"", {"a", "bbb", "cc"}};
  EXPECT_EQ("a    bbb\ncc\n", ListOf(choices, 10));
  EXPECT_EQ("a\nbbb\ncc\n", ListOf(choices, 1));
}

TEST(ListOf, LeavesOutTheMessageBeforeAField) {
  EXPECT_EQ("text  next\n", ListOf({"", {"{\"a\": 1, \"text\": ", "{\"a\": 1, \"next\": "}}, 80));
  EXPECT_EQ("text  next\n", ListOf({"", {"{\"a\": $.b.text", "{\"a\": $.b.next"}}, 80));
  EXPECT_EQ("echo.Echo/Echo  echo.Echo/Fail\n",
            ListOf({"", {"echo.Echo/Echo", "echo.Echo/Fail"}}, 80));
}

TEST(ListOf, OfVeryManyShowsSome) {
  const Choices choices = {"", std::vector<std::string>(250, "a")};
  EXPECT_NE(std::string::npos, ListOf(choices, 80).find("\nand 150 more\n"));
}

}  // namespace
}  // namespace dial
