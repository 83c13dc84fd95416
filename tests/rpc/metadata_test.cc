// Which keys and values metadata takes, and how it is read back.
#include "dialtone/rpc/metadata.h"

#include <string>

#include "gtest/gtest.h"

namespace dialtone {
namespace {

using std::string_literals::operator""s;

TEST(Metadata, KeepsPairsInTheOrderTheyWereAdded) {
  Metadata metadata;
  ASSERT_TRUE(metadata.Add("color", "red").ok());
  ASSERT_TRUE(metadata.Add("size", "").ok());
  ASSERT_TRUE(metadata.Add("color", "blue").ok());
  ASSERT_EQ(metadata.size(), 3u);
  EXPECT_EQ(metadata.Get("color"), "red");
  EXPECT_EQ(metadata.Get("size"), "");
  EXPECT_EQ(metadata.Get("weight"), std::nullopt);
  EXPECT_EQ(metadata.GetAll("color"), (std::vector<std::string_view>{"red", "blue"}));
  EXPECT_TRUE(metadata.GetAll("weight").empty());
}

TEST(Metadata, TakesEveryAllowedCharacterOfAKey) {
  EXPECT_TRUE(Metadata::Validate("abcdefghijklmnopqrstuvwxyz0123456789-_.", "v").ok());
}

TEST(Metadata, RefusesKeysAgainstTheRules) {
  for (const std::string& key :
       {""s, "Color"s, "col or"s, "col:or"s, "k\xc3\xa9y"s, "nul\0"s, "grpc-x"s, "dialtone-x"s}) {
    const absl::Status status = Metadata::Validate(key, "v");
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << key;
  }
}

TEST(Metadata, NamesTheFirstBadCharacter) {
  EXPECT_EQ(Metadata::Validate("coLor", "v").message(),
            "metadata key \"coLor\": character 2 is none of a-z 0-9 - _ .");
  EXPECT_EQ(Metadata::Validate("color", "a\nb").message(),
            "metadata value of \"color\": character 1 is not printable ASCII; keys of binary "
            "values end in -bin");
}

TEST(Metadata, TakesAnyBytesUnderABinaryKeyOnly) {
  const std::string bytes = "\0\xff\n"s;
  EXPECT_TRUE(Metadata::Validate("token-bin", bytes).ok());
  EXPECT_EQ(Metadata::Validate("token", bytes).code(), absl::StatusCode::kInvalidArgument);
}

TEST(Metadata, AddsNothingWhenAPairIsRefused) {
  Metadata metadata;
  EXPECT_EQ(metadata.Add("Bad", "v").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(metadata.empty());
}

TEST(Metadata, ComparesByContentAndOrder) {
  Metadata a, b;
  ASSERT_TRUE(a.Add("k", "1").ok());
  EXPECT_NE(a, b);
  ASSERT_TRUE(b.Add("k", "1").ok());
  EXPECT_EQ(a, b);
}

}  // namespace
}  // namespace dialtone
