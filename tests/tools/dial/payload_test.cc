#include "payload.h"

#include <gtest/gtest.h>

#include <set>

#include "exit_code.h"
#include "sample.pb.h"

namespace dial {
namespace {

absl::StatusOr<std::unique_ptr<Payload>> Make(const std::string& text, uint64_t seed = 1) {
  return Payload::Make(text, MessageForm::kJson, std::make_unique<sample::Everything>(), seed);
}

const sample::Everything& Request(Payload& payload, int64_t number) {
  const auto request = payload.Request(number);
  EXPECT_TRUE(request.ok()) << request.status();
  return static_cast<const sample::Everything&>(**request);
}

TEST(Payload, WithoutATemplateIsOneMessage) {
  const auto payload = Make(R"({"text": "a{{", "small": 7})");
  ASSERT_TRUE(payload.ok()) << payload.status();
  EXPECT_FALSE((*payload)->changes());
  EXPECT_EQ(*(*payload)->Request(0), *(*payload)->Request(5));
  EXPECT_EQ("a{{", Request(**payload, 5).text());
}

TEST(Payload, ACounterIsTheCallsNumber) {
  const auto payload = Make(R"({"large": {{counter}}, "text": "call {{ counter }}"})");
  ASSERT_TRUE(payload.ok()) << payload.status();
  EXPECT_TRUE((*payload)->changes());
  EXPECT_EQ(7, Request(**payload, 7).large());
  EXPECT_EQ("call 8", Request(**payload, 8).text());
}

TEST(Payload, RandomNumbersAreWithinTheirBoundsAndReachThem) {
  const auto payload = Make(R"({"small": {{random -1 1}}})");
  ASSERT_TRUE(payload.ok()) << payload.status();
  std::set<int> seen;
  for (int i = 0; i < 200; ++i) seen.insert(Request(**payload, i).small());
  EXPECT_EQ(std::set<int>({-1, 0, 1}), seen);
}

TEST(Payload, ChoicesAreAllMade) {
  const auto payload = Make(R"({"text": "{{choice a|b c|}}"})");
  ASSERT_TRUE(payload.ok()) << payload.status();
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) seen.insert(Request(**payload, i).text());
  EXPECT_EQ(std::set<std::string>({"a", "b c", ""}), seen);
}

TEST(Payload, TheSameSeedDrawsTheSame) {
  const auto first = Make(R"({"large": {{random 0 1000000000}}})"),
             second = Make(R"({"large": {{random 0 1000000000}}})");
  const auto other = Make(R"({"large": {{random 0 1000000000}}})", 2);
  const int64_t drawn = Request(**first, 0).large();
  EXPECT_EQ(drawn, Request(**second, 0).large());
  EXPECT_NE(drawn, Request(**other, 0).large());
}

TEST(Payload, WhatIsWrongIsSaidBeforeTheFirstCall) {
  for (const char* text :
       {"{{x}}", "{{random 1}}", "{{random 2 1}}", "{{choice}}", R"({"txet": {{counter}}})",
        R"({"small": {{random 0 3000000000}}})", R"({"small": {{choice 1|2|x}}})"}) {
    EXPECT_TRUE(IsUsageError(Make(text).status())) << text;
  }
}

}  // namespace
}  // namespace dial
