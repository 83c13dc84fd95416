#include "message_text.h"

#include <gtest/gtest.h>

#include "exit_code.h"
#include "sample.pb.h"

namespace dial {
namespace {

std::string Complaint(const std::string& text, MessageForm form) {
  sample::Everything message;
  const absl::Status status = ParseMessage(text, form, message);
  EXPECT_TRUE(IsUsageError(status)) << status;
  return std::string(status.message());
}

TEST(ParseMessage, ReadsJsonAndTextFormatAlike) {
  sample::Everything from_json, from_text;
  ASSERT_TRUE(ParseMessage(R"({"text": "a", "small": 7, "inner": {"name": "b"}})",
                           MessageForm::kJson, from_json)
                  .ok());
  ASSERT_TRUE(
      ParseMessage(R"(text: "a" small: 7 inner { name: "b" })", MessageForm::kText, from_text)
          .ok());
  EXPECT_EQ("b", from_json.inner().name());
  EXPECT_EQ(from_json.SerializeAsString(), from_text.SerializeAsString());
}

TEST(ParseMessage, NothingOfAnEarlierMessageStays) {
  sample::Everything message;
  message.set_small(7);
  ASSERT_TRUE(ParseMessage("{}", MessageForm::kJson, message).ok());
  EXPECT_EQ(0, message.small());
  message.set_small(7);
  ASSERT_TRUE(ParseMessage("", MessageForm::kText, message).ok());
  EXPECT_EQ(0, message.small());
}

TEST(ParseMessage, AMisspeltFieldIsNamedWithItsNeighbour) {
  EXPECT_EQ("sample.Everything has no field txet; did you mean text?",
            Complaint(R"({"txet": "a"})", MessageForm::kJson));
  EXPECT_EQ("sample.Everything has no field txet; did you mean text?",
            Complaint("txet: \"a\"", MessageForm::kText));
}

TEST(ParseMessage, AMisspeltFieldWithinAnotherMessageIsThatOnes) {
  const std::string expected = "sample.Everything.Inner has no field nam; did you mean name?";
  EXPECT_EQ(expected, Complaint(R"({"inner": {"nam": "a"}})", MessageForm::kJson));
  EXPECT_EQ(expected,
            Complaint(R"({"inners": [{}, {"more": [{"nam": "a"}]}]})", MessageForm::kJson));
  EXPECT_EQ(expected, Complaint("inner { nam: \"a\" }", MessageForm::kText));
}

TEST(ParseMessage, WhatIsNoMessageIsSaidToBeNone) {
  EXPECT_NE(std::string::npos,
            Complaint("{", MessageForm::kJson).find("no valid sample.Everything as JSON: "));
  EXPECT_NE(std::string::npos,
            Complaint("small: x", MessageForm::kText).find("as text: line 1, column "));
  EXPECT_NE(std::string::npos, Complaint(R"({"small": "x"})", MessageForm::kJson).find("small"));
}

}  // namespace
}  // namespace dial
