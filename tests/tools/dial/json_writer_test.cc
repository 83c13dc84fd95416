#include "json_writer.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "google/protobuf/util/json_util.h"
#include "output.h"
#include "sample.pb.h"

namespace dial {
namespace {

using sample::Everything;

Everything Parse(const std::string& json) {
  Everything message;
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, &message);
  EXPECT_TRUE(parsed.ok()) << parsed.ToString() << ": " << json;
  return message;
}

// Maps are written in no order, so messages are compared, not bytes.
void ExpectItComesBack(const Everything& message) {
  for (const bool pretty : {false, true}) {
    JsonForm form;
    form.pretty = pretty;
    EXPECT_EQ(message.DebugString(), Parse(ToJson(message, form)).DebugString());
  }
}

TEST(JsonWriter, WritesNamesAndValuesByTheMapping) {
  Everything message;
  message.set_large(-5);
  message.set_small_unsigned(7);
  message.set_real(0.1);
  message.set_single(0.1f);
  message.set_blob(std::string("\0\xff", 2));
  message.set_colour(sample::GREEN);
  message.set_maybe(0);
  message.mutable_duration()->set_seconds(90);
  EXPECT_EQ(
      R"({"smallUnsigned":7,"large":"-5","single":0.1,"real":0.1,"blob":"AP8=","colour":"GREEN","maybe":0,"duration":"90s"})",
      ToJson(message, JsonForm()));
}

TEST(JsonWriter, WritesALineAFieldWhereItIsPretty) {
  Everything message;
  message.set_text("a");
  message.mutable_inner();
  message.add_words("b");
  message.add_words("c");
  JsonForm form;
  form.pretty = true;
  EXPECT_EQ(
      "{\n  \"text\": \"a\",\n  \"inner\": {},\n  \"words\": [\n    \"b\",\n    \"c\"\n  ]\n}",
      ToJson(message, form));
}

TEST(JsonWriter, WhatItWritesIsReadAgainAsTheSame) {
  Everything message = Parse(R"({
    "flag": true, "small": -1, "largeUnsigned": "18446744073709551615", "single": 1.5e30, "real": -2.5e-300,
    "text": "\"\\\n\t\u0001\u00e9", "colour": "RED", "inner": {"name": "a", "more": [{"name": "b"}, {}]},
    "words": ["", "x"], "colours": ["RED", "NO_COLOUR"], "counts": {"a\"": 1, "": 2}, "byNumber": {"-3": {"name": "c"}},
    "byTruth": {"true": "GREEN", "false": "RED"}, "chosenInner": {"name": "d"}, "maybe": 0, "duration": "1.5s",
    "time": "2026-01-02T03:04:05.678Z", "any": {"@type": "type.googleapis.com/sample.Node", "text": "e"},
    "structure": {"f": [1, null, {"g": true}]}, "value": 2.5, "list": [1, "two"], "wrapped": "h", "nothing": null})");
  ExpectItComesBack(message);
  message.set_real(std::numeric_limits<double>::infinity());
  message.set_single(-std::numeric_limits<float>::infinity());
  message.set_colour(static_cast<sample::Colour>(77));  // one that no name is known of
  ExpectItComesBack(message);
}

TEST(JsonWriter, NumbersComeBackToTheirLastBit) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 1000; ++i) {
    Everything message;
    message.set_real(
        std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 2000) - 1000));
    message.set_large(static_cast<int64_t>(random()));
    const Everything back = Parse(ToJson(message, JsonForm()));
    EXPECT_EQ(message.real(), back.real());
    EXPECT_EQ(message.large(), back.large());
  }
}

TEST(JsonWriter, AnAnyOfAnUnknownTypeIsShownAsBytes) {
  Everything message;
  message.mutable_any()->set_type_url("type.googleapis.com/no.Such");
  message.mutable_any()->set_value("abc");
  EXPECT_EQ(R"({"any":{"@type":"type.googleapis.com/no.Such","value":"YWJj"}})",
            ToJson(message, JsonForm()));
}

TEST(JsonWriter, GoesAsDeepAsMessagesDo) {
  sample::Node root;
  sample::Node* node = &root;
  for (int i = 0; i < 1000; ++i) node = node->mutable_next();
  node->set_text("x");
  const std::string json = ToJson(root, JsonForm());
  EXPECT_EQ(1000u * 8 + 12 + 1000, json.size());
}

TEST(JsonQuoted, IsJsonWhateverTheBytesAre) {
  EXPECT_EQ("\"a\uFFFD\uFFFDb\"", JsonQuoted("a\xff\xfe"
                                             "b"));
  EXPECT_EQ("\"\uFFFD\"", JsonQuoted("\xc3"));            // cut short
  EXPECT_EQ("\"\uFFFD\uFFFD\"", JsonQuoted("\xc0\x80"));  // overlong
  EXPECT_EQ("\"\u00e9\u20ac\U0001f600\"", JsonQuoted("\u00e9\u20ac\U0001f600"));
}

TEST(JsonQuoted, EscapesWhatCommandsATerminal) {
  EXPECT_EQ(R"("\u0000\u001b[2J\u007f\u009b2J\n\"\\")",
            JsonQuoted(std::string("\0", 1) + "\033[2J\x7f\xc2\x9b"
                                              "2J\n\"\\"));
}

TEST(Printable, EscapesWhatCommandsATerminalAndWhatIsNoText) {
  EXPECT_EQ("\\x1b[2J\\x7f\\xc2\\x9b2J", Printable("\033[2J\x7f\xc2\x9b"
                                                   "2J"));
  EXPECT_EQ("\\x9b2J\\xff", Printable("\x9b"
                                      "2J\xff"));
  EXPECT_EQ("\u00a0\u00e9\t\n\U0001f600", Printable("\u00a0\u00e9\t\n\U0001f600"));
}

TEST(JsonWriter, ColoursNamesOnly) {
  Everything message;
  message.set_text("a");
  JsonForm form;
  form.colours = true;
  EXPECT_EQ("{\033[34m\"text\"\033[0m:\"a\"}", ToJson(message, form));
}

}  // namespace
}  // namespace dial
