#include "metadata_block.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "wire_test_support.h"

namespace dialtone::dialtone1 {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string Block(const Pairs& pairs) {
  std::string block;
  for (const auto& [key, value] : pairs) AppendPair(block, key, value);
  return block;
}

Pairs Read(std::string_view block, MetadataPlace place, WireError* error = nullptr) {
  Pairs pairs;
  MetadataReader reader(block, place);
  while (reader.Next()) pairs.emplace_back(reader.key(), reader.value());
  if (reader.failed() && error != nullptr) *error = reader.error();
  EXPECT_FALSE(reader.Next());
  EXPECT_TRUE(error != nullptr || !reader.failed());
  return pairs;
}

TEST(MetadataBlock, PairsComeBackInOrder) {
  const Pairs pairs = {{":path", "/a.B/C"},
                       {"x", ""},
                       {"trace-bin", std::string("\0\xFF\n", 3)},
                       {"x", "again"},
                       {"key_with.all-09", " ~"},
                       {std::string(255, 'k'), std::string(20000, 'v')}};
  const std::string block = Block(pairs);
  size_t bytes = 0;
  for (const auto& [key, value] : pairs) bytes += PairBytes(key, value);
  EXPECT_EQ(block.size(), bytes);
  EXPECT_EQ(Read(block, MetadataPlace::kRequest), pairs);
  EXPECT_EQ(Read("", MetadataPlace::kInitial), Pairs{});
}

TEST(MetadataBlock, TheProtocolsKeysAreToldApart) {
  const std::string block = Block({{":message", "m"}, {":details", ""}, {"own", "1"}});
  MetadataReader reader(block, MetadataPlace::kTrailing);
  ASSERT_TRUE(reader.Next());
  EXPECT_TRUE(reader.is_protocol_key());
  ASSERT_TRUE(reader.Next());
  ASSERT_TRUE(reader.Next());
  EXPECT_FALSE(reader.is_protocol_key());
}

TEST(MetadataBlock, UnknownKeysOfTheProtocolArePassedOver) {
  const std::string block = Block({{":new", "1"}, {":message", "m"}, {":new", "2"}, {"own", "1"}});
  EXPECT_EQ(Read(block, MetadataPlace::kTrailing), (Pairs{{":message", "m"}, {"own", "1"}}));
}

TEST(MetadataBlock, EveryTruncationIsAnError) {
  const std::string block = Block({{"first", "value"}});
  for (size_t n = 1; n < block.size(); ++n) {
    WireError error;
    EXPECT_TRUE(Read(block.substr(0, n), MetadataPlace::kRequest, &error).empty());
    EXPECT_EQ(error.reason, GoawayReason::kMetadata) << n;
  }
}

TEST(MetadataBlock, IllegalPairsAreErrorsThatNameTheKey) {
  const struct {
    Pairs pairs;
    MetadataPlace place;
    const char* text;
  } cases[] = {
      {{{"Upper", "v"}}, MetadataPlace::kRequest, "key \"Upper\""},
      {{{"sp ace", "v"}}, MetadataPlace::kRequest, "other than a-z"},
      {{{"grpc-timeout", "v"}}, MetadataPlace::kRequest, "reserved"},
      {{{"ok", "1"}, {"text", "\n"}}, MetadataPlace::kRequest, "pair 2 at byte 6"},
      {{{"text", "\xC3\xA9"}}, MetadataPlace::kInitial, "-bin"},
      {{{"a", "1"}, {":path", "/a/b"}}, MetadataPlace::kRequest, "behind a user's"},
      {{{":new", "1"}, {":path", "/a/b"}}, MetadataPlace::kRequest, "not the first"},
      {{{":path", "/a/b"}, {":path", "/a/b"}}, MetadataPlace::kRequest, "twice"},
      {{{":path", "a/b"}}, MetadataPlace::kRequest, "/Service/Method"},
      {{{":path", "/a/b"}}, MetadataPlace::kTrailing, "not legal in this kind"},
      {{{":message", "m"}}, MetadataPlace::kInitial, "not legal in this kind"},
      {{{":message", "m"}}, MetadataPlace::kRequest, "not legal in this kind"},
      {{{":details", ""}, {":details", ""}}, MetadataPlace::kTrailing, "twice"},
  };
  for (const auto& bad : cases) {
    WireError error;
    Read(Block(bad.pairs), bad.place, &error);
    EXPECT_EQ(error.reason, GoawayReason::kMetadata);
    EXPECT_NE(error.text.find(bad.text), std::string::npos) << error.text;
  }
  WireError empty_key;
  Read(std::string("\0\1\0v", 4), MetadataPlace::kRequest, &empty_key);
  EXPECT_NE(empty_key.text.find("key is empty"), std::string::npos) << empty_key.text;
}

TEST(MetadataBlock, PairsAreCounted) {
  std::string block;
  for (size_t i = 0; i < kMaxMetadataPairs; ++i) AppendPair(block, "k", "");
  EXPECT_EQ(Read(block, MetadataPlace::kRequest).size(), kMaxMetadataPairs);
  AppendPair(block, "k", "");
  WireError error;
  Read(block, MetadataPlace::kRequest, &error);
  EXPECT_NE(error.text.find("more than 256"), std::string::npos) << error.text;
}

TEST(MetadataBlock, UsersAreToldWhatIsWrong) {
  EXPECT_EQ(ExplainUserPair("good-key", "value"), "");
  EXPECT_EQ(ExplainUserPair("good-bin", "\xFF"), "");
  EXPECT_NE(ExplainUserPair(":path", "v").find("\":path\""), std::string::npos);
  EXPECT_NE(ExplainUserPair("", "v"), "");
  EXPECT_NE(ExplainUserPair(std::string(256, 'k'), "v"), "");
  EXPECT_NE(ExplainUserPair("k", std::string(65536, 'v')), "");
  EXPECT_TRUE(IsUserPairLegal("a", "b"));
  EXPECT_FALSE(IsUserPairLegal("grpc-x", "b"));
}

TEST(MetadataBlock, PathsHaveTwoParts) {
  for (const char* good : {"/a/b", "/pkg.Service/Method", "/S/M"}) EXPECT_TRUE(IsPathLegal(good));
  for (const char* bad : {"", "/", "/a", "a/b", "//b", "/a/", "/a/b/c", "/a /b", "/a/\n"}) {
    EXPECT_FALSE(IsPathLegal(bad)) << bad;
  }
  EXPECT_FALSE(IsPathLegal("/a/" + std::string(1022, 'b')));
  EXPECT_TRUE(IsPathLegal("/a/" + std::string(1021, 'b')));
}

TEST(MetadataBlock, ThePathIsFoundWithoutReadingTheRest) {
  EXPECT_EQ(FindPath(Block({{":path", "/a/b"}, {"Broken", "v"}})), "/a/b");
  EXPECT_EQ(FindPath(Block({{"k", "/a/b"}})), std::nullopt);
  EXPECT_EQ(FindPath(""), std::nullopt);
  const std::string block = Block({{":path", "/a/b"}});
  for (size_t n = 0; n < block.size(); ++n) EXPECT_EQ(FindPath(block.substr(0, n)), std::nullopt);
}

TEST(StatusDetails, ComeBackAndAreChecked) {
  std::string value;
  AppendDetail(value, {"type.googleapis.com/a.B", "one"});
  AppendDetail(value, {"", ""});
  DetailsReader reader(value);
  StatusDetail detail;
  ASSERT_TRUE(reader.Next(detail));
  EXPECT_EQ(detail.type_url, "type.googleapis.com/a.B");
  EXPECT_EQ(detail.bytes, "one");
  ASSERT_TRUE(reader.Next(detail));
  EXPECT_EQ(detail.bytes, "");
  EXPECT_FALSE(reader.Next(detail));
  EXPECT_FALSE(reader.failed());
  for (size_t cut = 1; cut < 4; ++cut) {
    DetailsReader broken(std::string_view(value).substr(0, value.size() - cut));
    ASSERT_TRUE(broken.Next(detail));
    EXPECT_FALSE(broken.Next(detail));
    EXPECT_TRUE(broken.failed()) << cut;
  }
}

TEST(TrailerBlock, KeepsEverythingThatFits) {
  std::string details;
  AppendDetail(details, {"u", "d"});
  const std::string own = Block({{"k", "v"}});
  const std::string whole = Block({{":message", "text"}, {":details", details}}) + own;
  const TrailerBlock block = TrailerBlock::Build("text", details, own, whole.size());
  EXPECT_EQ(block.bytes(), whole);
  EXPECT_FALSE(block.lost_details() || block.lost_text() || block.lost_user_pairs());
  EXPECT_EQ(TrailerBlock::Build("", "", "", 8192).bytes(), "");
}

TEST(TrailerBlock, LosesDetailsThenTextThenTheUsersPairs) {
  std::string details;
  AppendDetail(details, {"u", "d"});
  const std::string own = Block({{"k", "v"}});
  const size_t whole = (Block({{":message", "text"}, {":details", details}}) + own).size();
  const TrailerBlock no_details = TrailerBlock::Build("text", details, own, whole - 1);
  EXPECT_TRUE(no_details.lost_details());
  EXPECT_FALSE(no_details.lost_text());
  EXPECT_EQ(no_details.bytes(), Block({{":message", "text"}}) + own);
  const size_t with_text = no_details.bytes().size();
  const TrailerBlock short_text = TrailerBlock::Build("text", details, own, with_text - 1);
  EXPECT_TRUE(short_text.lost_text());
  EXPECT_EQ(short_text.bytes(), Block({{":message", "tex"}}) + own);
  const TrailerBlock no_text = TrailerBlock::Build("text", details, own, own.size());
  EXPECT_EQ(no_text.bytes(), own);
  const TrailerBlock no_pairs =
      TrailerBlock::Build("text", "", Block({{"k", std::string(100, 'v')}}), 50);
  EXPECT_TRUE(no_pairs.lost_user_pairs());
  EXPECT_EQ(no_pairs.bytes(), Block({{":message", "text"}}));
}

TEST(TrailerBlock, KeepsThePushbackLongerThanTheText) {
  const std::string own = Block({{"k", "v"}});
  const std::string pushback = Block({{":pushback", "250"}});
  EXPECT_EQ(TrailerBlock::Build("text", "", own, 8192, "250").bytes(),
            pushback + Block({{":message", "text"}}) + own);
  const size_t without_text = pushback.size() + own.size();
  EXPECT_EQ(TrailerBlock::Build("text", "", own, without_text, "250").bytes(), pushback + own);
  EXPECT_EQ(TrailerBlock::Build("", "", own, without_text - 1, "250").bytes(), own);
}

TEST(TrailerBlock, NeverOutgrowsItsLimitAndCutsNoCharacter) {
  std::string details;
  AppendDetail(details, {"type", "bytes"});
  const std::string own = Block({{"key", "value"}});
  const std::string text = "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 end";
  for (size_t limit = 0; limit < 80; ++limit) {
    const TrailerBlock block = TrailerBlock::Build(text, details, own, limit);
    EXPECT_LE(block.bytes().size(), limit);
    for (const auto& [key, value] : Read(block.bytes(), MetadataPlace::kTrailing)) {
      if (key != ":message" || value.size() == text.size()) continue;
      EXPECT_NE(static_cast<unsigned char>(text[value.size()]) & 0xC0, 0x80)
          << "cut in a character";
    }
  }
  EXPECT_LE(TrailerBlock::Build(std::string(70000, 't'), "", "", 1 << 20).bytes().size(), 65535u);
}

}  // namespace
}  // namespace dialtone::dialtone1
