#include "well_known.h"

#include <array>

namespace dial {
namespace {

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

bool IsWellKnown(const google::protobuf::Descriptor& type) { return Find(type) != nullptr; }

const char* WellKnownExample(const google::protobuf::Descriptor& type) {
  const WellKnown* known = Find(type);
  return known == nullptr ? "{}" : known->example;
}

}  // namespace dial
