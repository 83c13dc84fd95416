// What the reflection service answers to each kind of request.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "reflection_fixture.h"

namespace dialtone {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptorProto;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

std::vector<FileDescriptorProto> FilesOf(const Response& response) {
  std::vector<FileDescriptorProto> files;
  for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto())
    EXPECT_TRUE(files.emplace_back().ParseFromString(bytes));
  return files;
}
std::vector<std::string> NamesOf(const Response& response) {
  std::vector<std::string> names;
  for (const FileDescriptorProto& file : FilesOf(response)) names.push_back(file.name());
  return names;
}

class Reflection : public testing::Test {
 protected:
  // On a stream of its own.
  Response Ask(const Request& request) {
    Asking asking(*shop_.channel);
    std::optional<Response> response = asking.Ask(request);
    EXPECT_EQ(asking.Finish(), absl::OkStatus());
    EXPECT_TRUE(response.has_value());
    return response.value_or(Response());
  }
  // "NOT_FOUND: …", and nothing else.
  std::string ErrorOf(const Request& request) {
    const Response response = Ask(request);
    EXPECT_EQ(response.message_response_case(), Response::kErrorResponse);
    EXPECT_EQ(response.original_request().SerializeAsString(), request.SerializeAsString());
    const auto code = static_cast<absl::StatusCode>(response.error_response().error_code());
    return absl::StatusCodeToString(code) + ": " + response.error_response().error_message();
  }

  SimShop shop_;
};

TEST_F(Reflection, ListsTheServersServicesItselfAndHealthIncluded) {
  const Response response = Ask(ForServices());
  std::vector<std::string> names;
  for (const auto& service : response.list_services_response().service())
    names.push_back(service.name());
  EXPECT_THAT(names, UnorderedElementsAre("shop.Shop", "shop.lite.Notes", "grpc.health.v1.Health",
                                          "grpc.reflection.v1.ServerReflection"));
}

TEST_F(Reflection, SendsAFileWithAllThatItImports) {
  const Response response = Ask(ForFile("shop/shop.proto"));
  EXPECT_THAT(NamesOf(response), ElementsAre("shop/shop.proto", "google/protobuf/timestamp.proto",
                                             "shop/parts.proto", "shop/quiet.proto"));
}

// A client that has nothing else must be able to build what it needs for a call.
TEST_F(Reflection, WhatItSendsIsAllThatAClientNeeds) {
  google::protobuf::SimpleDescriptorDatabase sent;
  for (const FileDescriptorProto& file : FilesOf(Ask(ForSymbol("shop.Shop")))) sent.Add(file);
  DescriptorPool pool(&sent);
  const auto* method = pool.FindMethodByName("shop.Shop.Buy");
  ASSERT_NE(method, nullptr);
  EXPECT_EQ(method->input_type()->full_name(), "shop.Order");
  EXPECT_NE(pool.FindFieldByName("shop.Part.made"), nullptr);
}

// Before and behind whatever has this name in the pool; "-" if it has no comment.
template <class Described>
std::string CommentOf(const Described* described) {
  google::protobuf::SourceLocation location;
  if (described == nullptr || !described->GetSourceLocation(&location)) return "-";
  return location.leading_comments + location.trailing_comments;
}

TEST_F(Reflection, BringsTheCommentsOfAServicesFileAndOfThoseOfItsMessages) {
  google::protobuf::SimpleDescriptorDatabase sent;
  for (const FileDescriptorProto& file : FilesOf(Ask(ForSymbol("shop.Shop")))) sent.Add(file);
  DescriptorPool pool(&sent);
  EXPECT_EQ(CommentOf(pool.FindServiceByName("shop.Shop")), " Open all day.\n");
  EXPECT_EQ(CommentOf(pool.FindMethodByName("shop.Shop.Buy")),
            " Sells if there is \"enough\" of it.\n");
  EXPECT_EQ(CommentOf(pool.FindMessageTypeByName("shop.Part")), " What is sold.\n");
  EXPECT_EQ(CommentOf(pool.FindFieldByName("shop.Part.name")), " As the catalogue has it.\n");
  EXPECT_EQ(CommentOf(pool.FindEnumValueByName("shop.COLOUR_UNKNOWN")), " Not to be sold.\n");
  EXPECT_EQ(CommentOf(pool.FindMessageTypeByName("shop.Receipt")), "-");
}

TEST_F(Reflection, CommentsOfALibraryThatKeepsThemAreLeftOutOfThoseThatUseIt) {
  const Response response = Ask(ForSymbol("shop.Discount"));
  ASSERT_THAT(NamesOf(response), ElementsAre("shop/quiet.proto"));
  EXPECT_FALSE(FilesOf(response).front().has_source_code_info());
  EXPECT_EQ(response.SerializeAsString().find("friends"), std::string::npos);
}

TEST_F(Reflection, FindsTheFileOfWhateverHasAName) {
  for (const char* symbol :
       {"shop.Shop", "shop.Shop.Buy", "shop.Order", "shop.Order.lines", "shop.Order.Line",
        "shop.Order.Line.pieces", "shop.Order.Line.amount", "shop.colour"}) {
    const Response response = Ask(ForSymbol(symbol));
    ASSERT_FALSE(NamesOf(response).empty()) << symbol << ": " << response.ShortDebugString();
    EXPECT_EQ(NamesOf(response).front(), "shop/shop.proto") << symbol;
  }
  for (const char* symbol : {"shop.Part", "shop.Part.name", "shop.Colour", "shop.COLOUR_RED"})
    EXPECT_THAT(NamesOf(Ask(ForSymbol(symbol))),
                ElementsAre("shop/parts.proto", "google/protobuf/timestamp.proto"))
        << symbol;
  EXPECT_THAT(NamesOf(Ask(ForSymbol("grpc.reflection.v1.ServerReflection"))),
              ElementsAre("grpc/reflection/v1/reflection.proto"));
}

TEST_F(Reflection, FindsTheFileOfAnExtension) {
  EXPECT_EQ(NamesOf(Ask(ForExtension("shop.Part", 101))).front(), "shop/shop.proto");
  EXPECT_EQ(ErrorOf(ForExtension("shop.Part", 102)),
            "NOT_FOUND: reflection: no extension shop.Part 102 in this program");
  EXPECT_EQ(ErrorOf(ForExtension("shop.Nothing", 101)),
            "NOT_FOUND: reflection: no message shop.Nothing in this program");
}

TEST_F(Reflection, ListsTheNumbersOfExtensions) {
  const Response parts = Ask(ForExtensionNumbers("shop.Part"));
  EXPECT_EQ(parts.all_extension_numbers_response().base_type_name(), "shop.Part");
  EXPECT_THAT(parts.all_extension_numbers_response().extension_number(),
              UnorderedElementsAre(101, 150));
  const Response none = Ask(ForExtensionNumbers("shop.Order"));
  EXPECT_EQ(none.message_response_case(), Response::kAllExtensionNumbersResponse);
  EXPECT_EQ(none.all_extension_numbers_response().extension_number_size(), 0);
  EXPECT_EQ(ErrorOf(ForExtensionNumbers("shop.Nothing")),
            "NOT_FOUND: reflection: no message shop.Nothing in this program");
}

TEST_F(Reflection, SaysWhatItDoesNotKnow) {
  EXPECT_EQ(ErrorOf(ForFile("shop/nothing.proto")),
            "NOT_FOUND: reflection: no file shop/nothing.proto in this program");
  EXPECT_EQ(ErrorOf(ForSymbol("shop.Nothing")),
            "NOT_FOUND: reflection: no symbol shop.Nothing in this program");
  EXPECT_EQ(ErrorOf(ForSymbol("")), "NOT_FOUND: reflection: no symbol  in this program");
  EXPECT_EQ(ErrorOf(Request()),
            "UNIMPLEMENTED: reflection: a request for nothing that is known here");
}

TEST_F(Reflection, SaysWhyAServiceOfLiteMessagesCannotBeTold) {
  for (const char* symbol : {"shop.lite.Notes", "shop.lite.Notes.Take"}) {
    EXPECT_THAT(ErrorOf(ForSymbol(symbol)),
                testing::AllOf(HasSubstr("NOT_FOUND: "), HasSubstr(symbol),
                               HasSubstr("optimize_for = LITE_RUNTIME")));
  }
  EXPECT_EQ(ErrorOf(ForSymbol("shop.lite.NotesX")),
            "NOT_FOUND: reflection: no symbol shop.lite.NotesX in this program");
}

TEST_F(Reflection, AnswersSayWhatWasAskedAndOfWhom) {
  Request request = ForSymbol("shop.Shop");
  request.set_host("shop.example");
  const Response response = Ask(request);
  EXPECT_EQ(response.valid_host(), "shop.example");
  EXPECT_EQ(response.original_request().SerializeAsString(), request.SerializeAsString());
}

}  // namespace
}  // namespace dialtone
