#include "schema.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <memory>

#include "exit_code.h"
#include "google/protobuf/descriptor.pb.h"
#include "sample.pb.h"

namespace dial {
namespace {

std::string Directory() { return SAMPLE_DIRECTORY; }

std::unique_ptr<Schema> SampleFiles() {
  auto schema = Schema::FromFiles({"sample.proto"}, {Directory()});
  EXPECT_TRUE(schema.ok()) << schema.status();
  return schema.ok() ? *std::move(schema) : nullptr;
}

template <class T>
std::string Complaint(const absl::StatusOr<T>& result) {
  EXPECT_TRUE(IsUsageError(result.status())) << result.status();
  return std::string(result.status().message());
}

std::string Written(const std::string& name, const std::string& bytes) {
  std::string path = ::testing::TempDir() + "dial_schema_test." + name;
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

TEST(Schema, FindsWhatAFileHas) {
  const auto schema = SampleFiles();
  ASSERT_NE(nullptr, schema);
  EXPECT_EQ(std::vector<std::string>{"sample.Sample"}, *schema->ServiceNames());
  EXPECT_EQ("sample.Node", (*schema->FindMessage("sample.Node"))->full_name());
  for (const char* name :
       {"sample.Sample/Deep", "/sample.Sample/Deep", "sample.Sample.Deep", "Sample/Deep"}) {
    const auto method = schema->FindMethod(name);
    ASSERT_TRUE(method.ok()) << method.status();
    EXPECT_EQ("sample.Sample.Deep", (*method)->full_name());
  }
}

// Lists services, and can describe none.
class NamesAlone final : public SchemaSource {
 public:
  const google::protobuf::DescriptorPool& pool() const override { return pool_; }
  absl::StatusOr<std::vector<std::string>> ServiceNames() override {
    return std::vector<std::string>{"sample.Sample"};
  }
  absl::Status Trouble() const override { return absl::OkStatus(); }

 private:
  google::protobuf::DescriptorPool pool_;
};

TEST(Schema, AServiceThatIsListedMayNotBeDescribed) {
  Schema schema(std::make_unique<NamesAlone>());
  for (const char* name : {"sample.Sample", "Sample"}) {
    EXPECT_EQ(
        "sample.Sample is listed by the server's reflection service, which cannot describe it: "
        "give dial the schema by --proto FILE or --descriptor-set FILE",
        Complaint(schema.FindService(name)));
  }
}

TEST(Schema, AFileMayBeNamedByItsPath) {
  const auto below = Schema::FromFiles({Directory() + "/sample.proto"}, {Directory()});
  EXPECT_TRUE(below.ok()) << below.status();
  const auto without_import = Schema::FromFiles({Directory() + "/sample.proto"}, {});
  EXPECT_TRUE(without_import.ok()) << without_import.status();
}

TEST(Schema, TellsOfNamesThatAreNear) {
  const auto schema = SampleFiles();
  ASSERT_NE(nullptr, schema);
  EXPECT_EQ("there is no service sample.Simple; did you mean sample.Sample?",
            Complaint(schema->FindService("sample.Simple")));
  EXPECT_EQ("sample.Sample has no method Deeep; did you mean Deep?",
            Complaint(schema->FindMethod("sample.Sample/Deeep")));
  EXPECT_EQ("there is no message sample.Nod; did you mean sample.Node?",
            Complaint(schema->FindMessage("sample.Nod")));
  EXPECT_EQ("\"Deep\" is no method's name: write pkg.Service/Method",
            Complaint(schema->FindMethod("Deep")));
  EXPECT_EQ(
      "there is no service, method, message or enum sample.Everythin; did you mean "
      "sample.Everything?",
      Complaint(schema->Find("sample.Everythin")));
}

TEST(Schema, FindsSymbolsOfEachSort) {
  const auto schema = SampleFiles();
  ASSERT_NE(nullptr, schema);
  EXPECT_NE(nullptr, schema->Find("sample.Sample")->service);
  EXPECT_NE(nullptr, schema->Find("Sample")->service);
  EXPECT_NE(nullptr, schema->Find("sample.Sample.Deep")->method);
  EXPECT_NE(nullptr, schema->Find("sample.Everything.Inner")->message);
  EXPECT_NE(nullptr, schema->Find("sample.Colour")->enumeration);
}

TEST(Schema, AWrongFileIsSaidToBeWrongWhereItIs) {
  EXPECT_NE(std::string::npos,
            Complaint(Schema::FromFiles({"no_such.proto"}, {})).find("no_such.proto"));
  const std::string path = Written("bad.proto", "syntax = \"proto3\";\nmessage {}\n");
  EXPECT_NE(std::string::npos, Complaint(Schema::FromFiles({path}, {})).find("bad.proto:2:9: "));
}

TEST(Schema, ReadsASetOfDescriptors) {
  google::protobuf::FileDescriptorSet set;
  sample::Node::descriptor()->file()->CopyTo(
      set.add_file());  // without what it imports, which is well known
  const auto schema = Schema::FromDescriptorSet(Written("set", set.SerializeAsString()));
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_EQ(std::vector<std::string>{"sample.Sample"}, *(*schema)->ServiceNames());
  EXPECT_TRUE((*schema)->FindMethod("sample.Sample/Mirror").ok());
}

TEST(Schema, KnowsAllWellKnownFiles) {
  const std::string path = Written("well_known.proto", R"(syntax = "proto3";
import "google/protobuf/any.proto"; import "google/protobuf/api.proto"; import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto"; import "google/protobuf/field_mask.proto"; import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto"; import "google/protobuf/type.proto"; import "google/protobuf/wrappers.proto";
message All { google.protobuf.Empty empty = 1; })");
  const auto schema = Schema::FromFiles({path}, {});
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_TRUE((*schema)->FindMessage("All").ok());
}

TEST(Schema, ASetThatIsNoneOrLacksAFileIsRefused) {
  EXPECT_NE(std::string::npos,
            Complaint(Schema::FromDescriptorSet("/no/such")).find("cannot read"));
  EXPECT_NE(std::string::npos,
            Complaint(Schema::FromDescriptorSet(Written("text", "hello"))).find("is no set"));
  google::protobuf::FileDescriptorSet set;
  set.add_file()->set_name("a.proto");
  set.mutable_file(0)->add_dependency("missing.proto");
  EXPECT_NE(std::string::npos,
            Complaint(Schema::FromDescriptorSet(Written("lacking", set.SerializeAsString())))
                .find("--include_imports"));
}

}  // namespace
}  // namespace dial
