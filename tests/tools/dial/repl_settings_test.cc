#include "repl_settings.h"

#include <gtest/gtest.h>

#include "exit_code.h"

namespace dial {
namespace {

using Words = std::vector<std::string>;

absl::StatusOr<std::string> NoValue(const std::string& path) { return UsageError("none: " + path); }

// What is said of it; empty if it is set.
std::string Set(ReplSettings& settings, const Words& words) {
  const absl::Status set = settings.Set(words, NoValue);
  EXPECT_TRUE(set.ok() || IsUsageError(set));
  return std::string(set.message());
}

TEST(ReplSettings, BeginWithWhatTheCommandLineSays) {
  CommandLine line;
  line.command = "repl";
  line.words = {"x:1"};
  line.headers = {"a: b"};
  line.timeout = absl::Seconds(3);
  const ReplSettings settings(line);
  EXPECT_EQ("", settings.line().command);
  EXPECT_EQ(Words(), settings.line().words);
  EXPECT_EQ(
      "address   x:1\ntimeout   3s\nverbose   off\njson      off\ntext      off\nmetadata  a: b",
      settings.Show("x:1"));
}

TEST(ReplSettings, OfMetadataReplaceThoseOfTheSameName) {
  ReplSettings settings{CommandLine()};
  EXPECT_EQ("", Set(settings, {"metadata", "a=b"}));
  EXPECT_EQ("", Set(settings, {"metadata", "authorization: Bearer x=y:z"}));
  EXPECT_EQ("", Set(settings, {"metadata", "a=c"}));
  EXPECT_EQ(Words({"authorization: Bearer x=y:z", "a: c"}), settings.line().headers);
  EXPECT_TRUE(settings.Unset({"metadata", "a"}).ok());
  EXPECT_EQ(Words({"authorization"}), settings.MetadataNames());
  EXPECT_EQ("no metadata authorisation is set; did you mean authorization?",
            settings.Unset({"metadata", "authorisation"}).message());
  EXPECT_TRUE(settings.Unset({"metadata"}).ok());
  EXPECT_EQ(Words(), settings.MetadataNames());
}

TEST(ReplSettings, OfMetadataMayComeFromTheLastReply) {
  ReplSettings settings{CommandLine()};
  const auto value = [](const std::string& path) -> absl::StatusOr<std::string> {
    return "value of " + path;
  };
  EXPECT_TRUE(settings.Set({"metadata", "token=$.token"}, value).ok());
  EXPECT_EQ(Words({"token: value of $.token"}), settings.line().headers);
  EXPECT_EQ("none: $.token", Set(settings, {"metadata", "token=$.token"}));
}

TEST(ReplSettings, ThatAreWrongChangeNothing) {
  ReplSettings settings{CommandLine()};
  EXPECT_NE("", Set(settings, {"metadata", "Upper=x"}));
  EXPECT_NE("", Set(settings, {"metadata", "nothing"}));
  EXPECT_EQ("set timeout: \"soon\" is no duration such as 500ms or 2s",
            Set(settings, {"timeout", "soon"}));
  EXPECT_EQ("write set json on, or off", Set(settings, {"json", "maybe"}));
  EXPECT_EQ(
      "there is no setting timeuot; did you mean timeout?; there are json, metadata, text, "
      "timeout, verbose",
      Set(settings, {"timeuot", "2s"}));
  EXPECT_NE("", Set(settings, {"timeout"}));
  EXPECT_FALSE(settings.Unset({}).ok());
  EXPECT_FALSE(settings.Unset({"nothing"}).ok());
  EXPECT_EQ(ReplSettings{CommandLine()}.Show("x:1"), settings.Show("x:1"));
}

TEST(ReplSettings, AreTakenBack) {
  ReplSettings settings{CommandLine()};
  EXPECT_EQ("", Set(settings, {"timeout", "2s"}));
  EXPECT_EQ("", Set(settings, {"text", "on"}));
  EXPECT_EQ("", Set(settings, {"json", "on"}));
  EXPECT_EQ(MessageForm::kText, settings.line().form);
  EXPECT_EQ(R"({"address":"x:1","timeout":"2s","metadata":[],"verbose":false,"text":true})",
            settings.Show("x:1"));
  EXPECT_TRUE(settings.Unset({"timeout"}).ok());
  EXPECT_TRUE(settings.Unset({"text"}).ok());
  EXPECT_TRUE(settings.Unset({"json"}).ok());
  EXPECT_EQ(MessageForm::kJson, settings.line().form);
  EXPECT_FALSE(settings.line().timeout.has_value());
  EXPECT_FALSE(settings.line().json);
}

}  // namespace
}  // namespace dial
