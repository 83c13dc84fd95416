#include "shell_line.h"

#include <gtest/gtest.h>

namespace dial {
namespace {

using Words = std::vector<std::string>;

Words WordsOf(const std::string& line) {
  return ReadShellLine(line + "\n", WordRules::kRepl).words;
}

TEST(ReplLine, JsonNeedsNoQuotes) {
  EXPECT_EQ(Words({"Echo", R"({"text": "a } b", "id": 7})", "-v"}),
            WordsOf(R"(Echo {"text": "a } b", "id": 7} -v)"));
  EXPECT_EQ(Words({"Echo", R"({"text": "a \" } b"})"}), WordsOf(R"(Echo {"text": "a \" } b"})"));
  EXPECT_EQ(Words({"Echo", R"({"a": [{}, {"b": []}]})"}),
            WordsOf(R"(Echo {"a": [{}, {"b": []}]})"));
  EXPECT_EQ(Words({"Collect", "{}", "{}"}), WordsOf("Collect {}{}"));
}

TEST(ReplLine, OtherWordsAreAsInAShell) {
  EXPECT_EQ(Words({"set", "metadata", "a=b c"}), WordsOf("set metadata a='b c'"));
  EXPECT_EQ(Words({"Echo", R"({"text": "a"})", "--json"}),
            WordsOf(R"(Echo '{"text": "a"}' --json)"));
  EXPECT_EQ(Words({"list", "a b"}), WordsOf("  list\ta\\ b  "));
  EXPECT_EQ(Words(), WordsOf(" \t "));
}

TEST(ReplLine, APathGoesToTheFirstSpaceOutsideOfBrackets) {
  EXPECT_EQ(Words({"last", R"($.counts["a b"].id)", "x"}), WordsOf(R"(last $.counts["a b"].id x)"));
}

TEST(ReplLine, IsOpenUntilItsBracketsAndQuotesAreClosed) {
  ShellLineReader reader(WordRules::kRepl);
  reader.Feed("Echo {\"text\": \"{\",\n");
  EXPECT_TRUE(reader.line().is_open());
  reader.Feed("  \"id\": 7\n");
  EXPECT_TRUE(reader.line().open_json);
  reader.Feed("}\n");
  EXPECT_FALSE(reader.line().is_open());
  EXPECT_EQ(Words({"Echo", "{\"text\": \"{\",\n  \"id\": 7\n}"}), reader.line().words);
  EXPECT_TRUE(ReadShellLine("Echo --text 'text:\n", WordRules::kRepl).is_open());
}

TEST(ReplLine, AShellLeavesBracketsAlone) {
  EXPECT_EQ(Words({"{a:", "1}"}), ReadShellLine("{\"a\": 1} ").words);
}

}  // namespace
}  // namespace dial
