#include "well_known.h"

#include <array>

#include "dialtone/transport/check.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/api.pb.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/source_context.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/type.pb.h"
#include "google/protobuf/wrappers.pb.h"

namespace dial {
namespace {

using google::protobuf::Descriptor;

struct WellKnown {
  const char* name;
  const char* example;
};

constexpr std::array<WellKnown, 16> kWellKnown = {{
    {"google.protobuf.Any", "{}"},
    {"google.protobuf.BoolValue", "false"},
    {"google.protobuf.BytesValue", "\"\""},
    {"google.protobuf.DoubleValue", "0"},
    {"google.protobuf.Duration", "\"1s\""},
    {"google.protobuf.FieldMask", "\"\""},
    {"google.protobuf.FloatValue", "0"},
    {"google.protobuf.Int32Value", "0"},
    {"google.protobuf.Int64Value", "\"0\""},
    {"google.protobuf.ListValue", "[]"},
    {"google.protobuf.StringValue", "\"\""},
    {"google.protobuf.Struct", "{}"},
    {"google.protobuf.Timestamp", "\"2026-01-01T00:00:00Z\""},
    {"google.protobuf.UInt32Value", "0"},
    {"google.protobuf.UInt64Value", "\"0\""},
    {"google.protobuf.Value", "null"},
}};

const WellKnown* Find(const google::protobuf::Descriptor& type) {
  for (const WellKnown& known : kWellKnown) {
    if (type.full_name() == known.name) return &known;
  }
  return nullptr;
}

}  // namespace

const google::protobuf::DescriptorPool& WellKnownPool() {
  // Named, so that a static program has them.
  for (const Descriptor* type :
       {google::protobuf::Any::descriptor(), google::protobuf::Api::descriptor(),
        google::protobuf::Duration::descriptor(), google::protobuf::Empty::descriptor(),
        google::protobuf::FieldMask::descriptor(),
        google::protobuf::FileDescriptorProto::descriptor(),
        google::protobuf::SourceContext::descriptor(), google::protobuf::Struct::descriptor(),
        google::protobuf::Timestamp::descriptor(), google::protobuf::Type::descriptor(),
        google::protobuf::StringValue::descriptor()}) {
    DIALTONE_CHECK(type->file() != nullptr);
  }
  return *google::protobuf::DescriptorPool::generated_pool();
}

bool IsWellKnown(const google::protobuf::Descriptor& type) { return Find(type) != nullptr; }

const char* WellKnownExample(const google::protobuf::Descriptor& type) {
  const WellKnown* known = Find(type);
  return known == nullptr ? "{}" : known->example;
}

}  // namespace dial
