#include "completion.h"

#include <gtest/gtest.h>

#include "method_names.h"
#include "sample.pb.h"

namespace dial {
namespace {

using Words = std::vector<std::string>;

const std::string kSchema = " --proto sample.proto --import " SAMPLE_DIRECTORY " ";

Words After(const std::string& line) { return Completions(ReadShellLine(line)); }

TEST(ShellLine, IsCutAsAShellDoes) {
  const ShellLine line = ReadShellLine(R"(dial  call a\ b 'c "d' "e\"f" '{"te)");
  EXPECT_EQ(Words({"dial", "call", "a b", "c \"d", "e\"f"}), line.words);
  EXPECT_EQ("{\"te", line.current);
  EXPECT_EQ('\'', line.open_quote);
}

TEST(ShellLine, BehindASpaceANewWordBegins) {
  EXPECT_EQ("", ReadShellLine("dial list ").current);
  EXPECT_EQ(Words({"dial", "list"}), ReadShellLine("dial list ").words);
  EXPECT_EQ(Words({"dial", ""}), ReadShellLine("dial '' ").words);
}

TEST(Completions, OfCommandsAndOptions) {
  EXPECT_EQ(Words({"call", "completion", "connections"}), After("dial c"));
  EXPECT_EQ(Words({"repl"}), After("dial re"));
  EXPECT_EQ(Words({"--all"}), After("dial watch x:1 --a"));
  EXPECT_EQ(Words({"--timeout"}), After("dial call --ti"));
  EXPECT_EQ(Words({"--warmup"}), After("dial bench x:1 a.B/C --w"));
  EXPECT_EQ(Words({"bash", "zsh"}), After("dial completion "));
  EXPECT_EQ(Words(), After("dial call --timeout "));
}

TEST(Completions, OfNames) {
  EXPECT_EQ(Words({"sample.Sample"}), After("dial list" + kSchema));
  EXPECT_EQ(Words({"sample.Sample/Hang", "sample.Sample/HangBoth", "sample.Sample/HangDown",
                   "sample.Sample/HangUp"}),
            After("dial call x:1" + kSchema + "sample.Sample/H"));
  EXPECT_EQ(Words({"sample.Node"}), After("dial template" + kSchema + "sample.Nod"));
  EXPECT_EQ(Words(), After("dial call x:1" + kSchema + "other"));
  EXPECT_EQ(Words(), After("dial repl x:1" + kSchema));
  EXPECT_EQ(Words(), After("dial call "));
}

TEST(Completions, OfFieldsInAMessage) {
  EXPECT_EQ(Words({"{\"text\": "}),
            After("dial call x:1" + kSchema + "sample.Sample/Mirror '{\"te"));
  EXPECT_EQ(Words({"{\"levels\": "}), After("dial call x:1" + kSchema + "sample.Sample/Deep '{"));
}

TEST(CompletionsWithin, ASchemaNeedNoAddress) {
  auto schema = Schema::FromFiles({"sample.proto"}, {SAMPLE_DIRECTORY});
  ASSERT_TRUE(schema.ok());
  const auto after = [&](const std::string& line) {
    return CompletionsWithin(ReadShellLine("dial " + line, WordRules::kRepl), **schema);
  };
  EXPECT_EQ(Words({"sample.Sample/Deep"}), after("call sample.Sample/D"));
  EXPECT_EQ(Words({"sample.Sample"}), after("list "));
  EXPECT_EQ(Words({"{\"levels\": "}), after("call Deep {"));
  EXPECT_EQ(Words({"{\"levels\": "}), after("call --timeout 1s Deep {\"lev"));
  EXPECT_EQ(Words({"--timeout"}), after("call Deep --ti"));
  EXPECT_EQ(Words(), after("call Deep --timeout "));
  EXPECT_EQ(Words(), after("call Nothing {"));
}

TEST(FullMethodName, IsThatOfTheOneMethodThatIsCalledSo) {
  auto schema = Schema::FromFiles({"sample.proto"}, {SAMPLE_DIRECTORY});
  ASSERT_TRUE(schema.ok());
  EXPECT_EQ("sample.Sample/Deep", *FullMethodName(**schema, "Deep"));
  EXPECT_EQ("a.B/C", *FullMethodName(**schema, "a.B/C"));
  EXPECT_EQ("there is no method Deap; did you mean sample.Sample/Deep?",
            FullMethodName(**schema, "Deap").status().message());
  EXPECT_EQ("there is no command and no method lst; did you mean list?",
            FullMethodName(**schema, "lst", {"list"}).status().message());
}

TEST(FieldCompletions, KnowWhereTheyAre) {
  const google::protobuf::Descriptor& type = *sample::Everything::descriptor();
  EXPECT_EQ(Words({"{\"text\": \"a, {\", \"real\": "}),
            FieldCompletions(type, "{\"text\": \"a, {\", \"rea"));
  EXPECT_EQ(Words({"{\"inner\": {\"name\": "}), FieldCompletions(type, "{\"inner\": {\"n"));
  EXPECT_EQ(Words({"{\"inners\": [{}, {\"more\": "}),
            FieldCompletions(type, "{\"inners\": [{}, {\"mo"));
  EXPECT_EQ(Words({"{\"inner\": {}, \"colour\": ", "{\"inner\": {}, \"colours\": "}),
            FieldCompletions(type, "{\"inner\": {}, \"col"));
  EXPECT_EQ(Words(), FieldCompletions(type, "{\"text\": \"te"));
  EXPECT_EQ(Words(), FieldCompletions(type, "{\"counts\": {\"te"));
  EXPECT_EQ(Words(), FieldCompletions(type, ""));
}

}  // namespace
}  // namespace dial
