#include "last_reply.h"

#include <gtest/gtest.h>

#include "exit_code.h"
#include "sample.pb.h"

namespace dial {
namespace {

using Words = std::vector<std::string>;

// Of a reply that has something everywhere.
class LastReplyTest : public testing::Test {
 protected:
  LastReplyTest() {
    sample::Everything reply;
    reply.set_text("a \"quoted\" {text} $.large");
    reply.set_large(7);
    reply.mutable_inner()->set_name("inner");
    reply.add_words("zero");
    reply.add_words("one");
    reply.add_inners()->set_name("first");
    (*reply.mutable_counts())["a key"] = 5;
    (*reply.mutable_by_number())[3].set_name("third");
    (*reply.mutable_structure()->mutable_fields())["free"].set_string_value("form");
    last_.Remember(reply);
  }

  std::string Of(const std::string& json) const {
    const absl::StatusOr<std::string> text = last_.Substitute(json);
    EXPECT_TRUE(text.ok() || IsUsageError(text.status()));
    return text.ok() ? *text : std::string(text.status().message());
  }

  LastReply last_;
};

TEST_F(LastReplyTest, PathsStandForWhatIsThere) {
  EXPECT_EQ(R"({"large": "7"})", Of(R"({"large": $.large})"));
  EXPECT_EQ(R"([{"name":"inner"}])", Of("[$.inner]"));
  EXPECT_EQ(R"({"a":"inner","b":"one"})", Of(R"({"a":$.inner.name,"b":$.words[1]})"));
  EXPECT_EQ(R"(["zero","one"])", Of("$.words"));
  EXPECT_EQ("\"first\"", Of("$.inners[0].name"));
  EXPECT_EQ("5", Of(R"($.counts["a key"])"));
  EXPECT_EQ("\"third\"", Of(R"($.by_number["3"].name)"));
  EXPECT_EQ("\"form\"", Of("$.structure.free"));
}

TEST_F(LastReplyTest, AFieldMayBeWrittenAsInTheProtoOrAsInJson) {
  EXPECT_EQ("{\"3\":{\"name\":\"third\"}}", Of("$.by_number"));
  EXPECT_EQ("{\"3\":{\"name\":\"third\"}}", Of("$.byNumber"));
}

TEST_F(LastReplyTest, AllOfItIsADollar) {
  LastReply last;
  sample::Node node;
  node.set_text("x");
  last.Remember(node);
  EXPECT_EQ("{\"next\": {\"text\":\"x\"}}", *last.Substitute("{\"next\": $}"));
}

TEST_F(LastReplyTest, StringsAreLeftAlone) {
  EXPECT_EQ(R"({"text": "costs $.large \" $"})", Of(R"({"text": "costs $.large \" $"})"));
  // What a path brings is not looked at again.
  EXPECT_EQ(R"("a \"quoted\" {text} $.large")", Of("$.text"));
}

TEST_F(LastReplyTest, AFieldThatIsNotSetIsNull) {
  EXPECT_EQ("null", Of("$.small"));
  EXPECT_EQ("null", Of("$.chosen_inner.name"));
  EXPECT_EQ("null", Of("$.colours"));
}

TEST_F(LastReplyTest, WhatIsNotThereIsTold) {
  EXPECT_EQ("$.txt: sample.Everything has no field txt; did you mean text?", Of("$.txt"));
  EXPECT_EQ("$.inner.nam: sample.Everything.Inner has no field nam; did you mean name?",
            Of("$.inner.nam"));
  EXPECT_EQ("$.words[2]: the last reply has nothing there", Of("$.words[2]"));
  EXPECT_EQ("$.inner[0]: the last reply has nothing there", Of("$.inner[0]"));
  EXPECT_EQ("$.words.one: the last reply has nothing there", Of("$.words.one"));
  EXPECT_EQ("$.text.more: the last reply has nothing there", Of("$.text.more"));
  EXPECT_EQ("$.counts[\"b\"]: the last reply has nothing there", Of("$.counts[\"b\"]"));
  EXPECT_EQ("$.structure.other: the last reply has nothing there", Of("$.structure.other"));
}

TEST_F(LastReplyTest, PathsThatAreNoneAreTold) {
  for (const char* wrong : {"$.", "$.words[", "$.words[x]", "$.counts[\"a", "$.words[-1]"})
    EXPECT_NE(std::string::npos, Of(wrong).find("is no path into the last reply")) << wrong;
}

TEST_F(LastReplyTest, WithoutAReplyThereIsNoDollar) {
  last_.Forget();
  EXPECT_EQ("$.a stands for the last reply, and there is none yet", Of("{\"b\": $.a}"));
  EXPECT_EQ("{\"b\": 1}", Of("{\"b\": 1}"));
  EXPECT_EQ(Words(), last_.Completions("{\"b\": $."));
}

TEST_F(LastReplyTest, NamesBehindADotAreCompleted) {
  EXPECT_EQ(Words({"{\"b\": $.large", "{\"b\": $.largeUnsigned"}),
            last_.Completions("{\"b\": $.lar"));
  EXPECT_EQ(Words({"$.inner.name", "$.inner.more"}), last_.Completions("$.inner."));
  EXPECT_EQ(Words({"$.inners[0].name"}), last_.Completions("$.inners[0].n"));
  EXPECT_EQ(Words({"$.byNumber[\"3\"].name"}), last_.Completions("$.byNumber[\"3\"].na"));
  EXPECT_EQ(Words(), last_.Completions("$.inners."));
  EXPECT_EQ(Words(), last_.Completions("$.text."));
  EXPECT_EQ(Words(), last_.Completions("{\"b\": \"$.lar"));
  EXPECT_EQ(Words(), last_.Completions("{\"b\": $.large, \"la"));
}

TEST(JsonPath, GoesAsDeepAsItLikes) {
  std::string json = "1", path = "$";
  for (int i = 0; i < 2'000; ++i) {
    json = "[" + json + "]";
    path += "[0]";
  }
  size_t at = 0;
  const absl::StatusOr<JsonPath> read = ReadJsonPath(path, at);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(path.size(), at);
  std::optional<std::string_view> value = json;
  for (const JsonStep& step : read->steps) value = JsonAt(*value, step);
  EXPECT_EQ("1", *value);
}

TEST(JsonPath, EndsWhereThePathDoes) {
  size_t at = 6;
  const absl::StatusOr<JsonPath> path = ReadJsonPath("{\"a\": $.b[1].c}", at);
  ASSERT_TRUE(path.ok());
  EXPECT_EQ("$.b[1].c", path->text);
  EXPECT_EQ(14u, at);
}

}  // namespace
}  // namespace dial
