// Whatever the bytes are, the parser for small messages says what Protobuf's own says: of every beginning of a message, of
// messages with a byte changed, and of messages with bytes behind them.
#include "small_message_parser.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "message.h"

namespace dialtone::internal {
namespace {

using google::protobuf::Message;

// Of a type that is known at run time only: a group, an extension that is packed, and unknown fields.
std::unique_ptr<Message> GroupsAndExtensions() {
  static constexpr char kFile[] = R"(
    name: "old.proto" package: "old"
    message_type {
      name: "Old"
      field { name: "group" number: 1 label: LABEL_REPEATED type: TYPE_GROUP type_name: ".old.Old.Group" }
      field { name: "last" number: 2 label: LABEL_OPTIONAL type: TYPE_BYTES }
      nested_type {
        name: "Group"
        field { name: "name" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
        field { name: "old" number: 2 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".old.Old" }
      }
      extension_range { start: 100 end: 200 }
    }
    extension {
      name: "numbers" extendee: ".old.Old" number: 100 label: LABEL_REPEATED type: TYPE_SINT64
      options { packed: true }
    })";
  static google::protobuf::DescriptorPool pool;
  static google::protobuf::DynamicMessageFactory factory;
  static const google::protobuf::Descriptor* const type = [] {
    google::protobuf::FileDescriptorProto file;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kFile, &file));
    return pool.BuildFile(file)->FindMessageTypeByName("Old");
  }();
  std::unique_ptr<Message> old(factory.GetPrototype(type)->New());
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(Group { name: "a" old { last: "inner" Group { } } } Group { old { } } last: "0123456789abcdef"
         [old.numbers]: [1, -1, 1000000, -5000000000])",
      old.get()));
  old->GetReflection()->MutableUnknownFields(old.get())->AddGroup(7)->AddFixed32(1, 2);
  return old;
}

// Nested, repeated, packed and proto2 messages, maps, oneofs, numbers of all sorts, strings at the end and in the middle.
std::vector<std::unique_ptr<Message>> Samples() {
  std::vector<std::unique_ptr<Message>> samples;
  google::protobuf::DescriptorProto type;
  type.set_name("Something");
  for (const char* name : {"first", "second"}) {
    google::protobuf::FieldDescriptorProto& field = *type.add_field();
    field.set_name(name);
    field.set_number(300);
    field.set_type(google::protobuf::FieldDescriptorProto::TYPE_FIXED64);
    field.mutable_options()->set_packed(true);
  }
  type.add_reserved_name("a name that is reserved");
  samples.push_back(std::make_unique<google::protobuf::DescriptorProto>(type));

  google::protobuf::UninterpretedOption option;  // with required fields
  option.add_name()->set_name_part("x");
  option.mutable_name(0)->set_is_extension(false);
  option.set_double_value(0.5);
  option.set_negative_int_value(-7);
  samples.push_back(std::make_unique<google::protobuf::UninterpretedOption>(option));

  google::protobuf::SourceCodeInfo info;
  for (int i = 0; i < 9; ++i) info.add_location()->add_span(1 << (3 * i));
  for (int i = 0; i < 9; ++i) info.mutable_location(0)->add_path(i);
  samples.push_back(std::make_unique<google::protobuf::SourceCodeInfo>(info));

  google::protobuf::Struct fields;
  google::protobuf::Value& list = (*fields.mutable_fields())["key"];
  list.mutable_list_value()->add_values()->set_number_value(1);
  list.mutable_list_value()->add_values()->set_string_value(std::string(30, 's'));
  samples.push_back(std::make_unique<google::protobuf::Struct>(fields));

  google::protobuf::Any any;
  any.set_type_url("type.googleapis.com/google.protobuf.StringValue");
  any.set_value(std::string(3, '\0'));
  samples.push_back(std::make_unique<google::protobuf::Any>(any));

  google::protobuf::StringValue text;
  for (const size_t length : {1u, 13u, 14u, 15u, 16u, 17u, 32u, 100u, 237u}) {
    text.set_value(std::string(length, 'x'));
    samples.push_back(std::make_unique<google::protobuf::StringValue>(text));
  }
  samples.push_back(GroupsAndExtensions());
  google::protobuf::Int64Value number;
  number.set_value(-1);
  samples.push_back(std::make_unique<google::protobuf::Int64Value>(number));
  return samples;
}

void ExpectTheSame(const std::string& bytes, const Message& type) {
  if (bytes.size() > SmallMessageParser::kMaxBytes) return;
  const std::unique_ptr<Message> theirs(type.New());
  const std::unique_ptr<Message> ours(type.New());
  // What was in it before is gone.
  ours->CopyFrom(type);
  const bool expected = theirs->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  for (const bool has_room : {false, true}) {
    // From a block of its own size, so that a sanitizer sees what is read beyond it.
    std::vector<char> block(bytes.begin(), bytes.end());
    // What lies behind looks as if the message went on.
    if (has_room) block.insert(block.end(), IncomingMessage::kRoomBytes, '\x81');
    const bool parsed = SmallMessageParser::Parse({block.data(), bytes.size()}, has_room, *ours);
    ASSERT_EQ(parsed, expected) << type.GetTypeName() << " of " << testing::PrintToString(bytes);
    if (parsed) {
      ASSERT_EQ(ours->SerializeAsString(), theirs->SerializeAsString());
    }
  }
}

class SmallMessageParserTest : public ::testing::Test {
 private:
  google::protobuf::LogSilencer
      silent_;  // of texts that are no UTF-8, and of fields that are missing
};

TEST_F(SmallMessageParserTest, TakesWhatProtobufTakes) {
  for (const auto& sample : Samples()) {
    const std::string bytes = sample->SerializeAsString();
    ASSERT_LE(bytes.size(), SmallMessageParser::kMaxBytes);
    ExpectTheSame(bytes, *sample);
  }
}

TEST_F(SmallMessageParserTest, RefusesWhatProtobufRefusesOfMessagesThatAreCutOff) {
  for (const auto& sample : Samples()) {
    const std::string bytes = sample->SerializeAsString();
    for (size_t length = 0; length < bytes.size(); ++length) {
      ExpectTheSame(bytes.substr(0, length), *sample);
    }
  }
}

TEST_F(SmallMessageParserTest, DoesTheSameAsProtobufWithAnyByteChanged) {
  for (const auto& sample : Samples()) {
    const std::string bytes = sample->SerializeAsString();
    for (size_t i = 0; i < bytes.size(); ++i) {
      for (const int change : {1, 2, 3, 4, 5, 6, 7, 8, 0x10, 0x20, 0x40, 0x7F, 0x80, 0x81, 0xFF}) {
        std::string changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ change);
        ExpectTheSame(changed, *sample);
      }
    }
  }
}

TEST_F(SmallMessageParserTest, DoesTheSameAsProtobufWithBytesBehindAMessage) {
  for (const auto& sample : Samples()) {
    const std::string bytes = sample->SerializeAsString();
    for (int next = 0; next < 256; ++next) {
      ExpectTheSame(bytes + static_cast<char>(next), *sample);
      ExpectTheSame(bytes + static_cast<char>(next) + std::string(9, '\x81'), *sample);
      ExpectTheSame(std::string(1, static_cast<char>(next)) + bytes, *sample);
    }
  }
}

// A message within another one may say that it ends beyond the end of all.
TEST_F(SmallMessageParserTest, ReadsNothingOfWhatLiesBehindTheEnd) {
  google::protobuf::Struct fields;
  for (int length = 0; length < 40; ++length) {
    for (const char tag : {'\x0A', '\x12', '\x1A', '\x22'}) {
      ExpectTheSame(std::string{tag, static_cast<char>(length)}, fields);
      ExpectTheSame(std::string{'\x0A', '\x04', '\x0A', '\x00', tag, static_cast<char>(length)},
                    fields);
    }
  }
}

}  // namespace
}  // namespace dialtone::internal
