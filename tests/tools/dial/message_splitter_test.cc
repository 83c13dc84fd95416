#include "message_splitter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "exit_code.h"

namespace dial {
namespace {

std::vector<std::string> All(MessageSplitter& splitter) {
  std::vector<std::string> all;
  for (;;) {
    auto next = splitter.Next();
    if (!next.ok() || !next->has_value()) return all;
    all.push_back(**next);
  }
}

std::vector<std::string> Split(const std::string& text, MessageForm form, size_t piece,
                               TextEnd text_end = TextEnd::kEmptyLine) {
  MessageSplitter splitter(form, text_end);
  std::vector<std::string> all;
  for (size_t at = 0; at < text.size(); at += piece) {
    splitter.Feed(text.substr(at, piece));
    for (const std::string& message : All(splitter)) all.push_back(message);
  }
  splitter.End();
  for (const std::string& message : All(splitter)) all.push_back(message);
  return all;
}

using Texts = std::vector<std::string>;

TEST(MessageSplitter, JsonEndsWithItsBracketHoweverItComes) {
  const std::string text = "{\"a\": {\"b\": \"}\\\"{\\\\\"}} \n\n {\n\"c\":\n1\n}[1, [2]]{}";
  const Texts expected = {"{\"a\": {\"b\": \"}\\\"{\\\\\"}}", "{\n\"c\":\n1\n}", "[1, [2]]", "{}"};
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    EXPECT_EQ(expected, Split(text, MessageForm::kJson, piece)) << piece;
  }
}

TEST(MessageSplitter, AMessageIsThereAsSoonAsItsLastByteIs) {
  MessageSplitter splitter(MessageForm::kJson);
  splitter.Feed("{\"a\":1");
  EXPECT_EQ(Texts(), All(splitter));
  splitter.Feed("}");
  EXPECT_EQ(Texts({"{\"a\":1}"}), All(splitter));
}

TEST(MessageSplitter, WhatIsCutShortIsGivenOutAtTheEnd) {
  EXPECT_EQ(Texts({"{}", "{\"a\": ["}), Split("{}{\"a\": [", MessageForm::kJson, 3));
}

TEST(MessageSplitter, OtherJsonEndsWithItsLine) {
  EXPECT_EQ(Texts({"\"1s\"", "{}", "nonsense"}),
            Split("\"1s\"\n{}\nnonsense", MessageForm::kJson, 2));
}

TEST(MessageSplitter, TextFormatEndsWithAnEmptyLine) {
  const std::string text = "\n# one\ntext: \"{\"\nid: 1\n \t\r\n\n\nid: 2\n";
  const Texts expected = {"# one\ntext: \"{\"\nid: 1\n \t\r", "id: 2\n"};
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    EXPECT_EQ(expected, Split(text, MessageForm::kText, piece)) << piece;
  }
}

TEST(MessageSplitter, TextFormatThatIsTypedIsAMessageALine) {
  EXPECT_EQ(Texts({"text: \"{\" id: 1", "id: 2"}),
            Split("# two\ntext: \"{\" id: 1\n\nid: 2", MessageForm::kText, 4, TextEnd::kLine));
}

TEST(MessageSplitter, CommentsAloneAreNoMessage) {
  EXPECT_EQ(Texts({"id: 1\n"}), Split("# one\n# two\n\nid: 1\n\n # end", MessageForm::kText, 5));
}

TEST(MessageSplitter, ManyMessagesCostNoMoreThanTheirBytes) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "{\"i\":1}\n";
  EXPECT_EQ(200'000u, Split(text, MessageForm::kJson, text.size()).size());
}

TEST(MessageSplitter, AMessageThatNeverEndsIsRefused) {
  MessageSplitter splitter(MessageForm::kJson);
  splitter.Feed("[" + std::string(MessageSplitter::kMessageBytesMax, ' '));
  EXPECT_TRUE(IsUsageError(splitter.Next().status()));
  splitter.Feed("{}");
  EXPECT_EQ(Texts({"{}"}), All(splitter));
}

}  // namespace
}  // namespace dial
