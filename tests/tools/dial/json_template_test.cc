#include "json_template.h"

#include <gtest/gtest.h>

#include "google/protobuf/util/json_util.h"
#include "sample.pb.h"

namespace dial {
namespace {

TEST(JsonTemplate, HasEveryFieldAndParses) {
  const std::string json = JsonTemplate(*sample::Everything::descriptor());
  sample::Everything message;
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, &message);
  ASSERT_TRUE(parsed.ok()) << parsed.ToString() << "\n" << json;
  const google::protobuf::Descriptor& type = *sample::Everything::descriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const bool second_of_oneof = type.field(i)->name() == "chosen_inner";
    const bool there = json.find("\"" + type.field(i)->json_name() + "\": ") != std::string::npos;
    EXPECT_NE(second_of_oneof, there) << type.field(i)->name();
  }
  EXPECT_EQ(1, message.words_size());
  EXPECT_EQ(1u, message.counts().size());
  EXPECT_EQ(1u, message.by_number().size());
  EXPECT_EQ(1, message.duration().seconds());
}

TEST(JsonTemplate, LeavesOutAMessageWithinItself) {
  EXPECT_EQ("{\n  \"text\": \"\"\n}", JsonTemplate(*sample::Node::descriptor()));
  EXPECT_EQ("{\n  \"name\": \"\"\n}", JsonTemplate(*sample::Everything::Inner::descriptor()));
}

TEST(JsonTemplate, OfAnEmptyMessageIsEmpty) {
  EXPECT_EQ("{}", JsonTemplate(*sample::Nothing::descriptor()));
}

}  // namespace
}  // namespace dial
