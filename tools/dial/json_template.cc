#include "json_template.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.pb.h"
#include "json_writer.h"
#include "well_known.h"

namespace dial {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

class Template {
 public:
  void Message(const Descriptor& type) {
    if (IsWellKnown(type)) {
      text_ += WellKnownExample(type);
      return;
    }
    around_.push_back(&type);
    bool first = true;
    text_ += '{';
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (!Belongs(field)) continue;
      if (!first) text_ += ',';
      first = false;
      NewLine();
      absl::StrAppend(&text_, JsonQuoted(field.json_name()), ": ");
      Field(field);
    }
    around_.pop_back();
    if (!first) NewLine();
    text_ += '}';
  }

  std::string Take() { return std::move(text_); }

 private:
  // Not the second of a oneof, and no message within itself.
  bool Belongs(const FieldDescriptor& field) const {
    const google::protobuf::OneofDescriptor* choice = field.real_containing_oneof();
    if (choice != nullptr && choice->field(0) != &field) return false;
    const Descriptor* type = field.message_type();
    if (type != nullptr && type->options().map_entry()) type = type->map_value()->message_type();
    if (type == nullptr || IsWellKnown(*type)) return true;
    return around_.size() < kTemplateDepthMax &&
           std::find(around_.begin(), around_.end(), type) == around_.end();
  }

  void Field(const FieldDescriptor& field) {
    if (field.is_map()) {
      absl::StrAppend(&text_, "{", KeyExample(*field.message_type()->map_key()), ": ");
      Value(*field.message_type()->map_value());
      text_ += '}';
    } else if (field.is_repeated()) {
      text_ += '[';
      Value(field);
      text_ += ']';
    } else {
      Value(field);
    }
  }

  static const char* KeyExample(const FieldDescriptor& key) {
    if (key.cpp_type() == FieldDescriptor::CPPTYPE_STRING) return "\"key\"";
    return key.cpp_type() == FieldDescriptor::CPPTYPE_BOOL ? "\"true\"" : "\"0\"";
  }

  void Value(const FieldDescriptor& field) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Message(*field.message_type());
      case FieldDescriptor::CPPTYPE_STRING:
        text_ += "\"\"";
        return;
      case FieldDescriptor::CPPTYPE_BOOL:
        text_ += "false";
        return;
      case FieldDescriptor::CPPTYPE_INT64:
      case FieldDescriptor::CPPTYPE_UINT64:
        text_ += "\"0\"";
        return;
      case FieldDescriptor::CPPTYPE_ENUM: {
        const bool null = field.enum_type()->full_name() == "google.protobuf.NullValue";
        text_ += null ? "null" : JsonQuoted(field.enum_type()->value(0)->name());
        return;
      }
      default:
        text_ += '0';
    }
  }

  void NewLine() {
    text_ += '\n';
    text_.append(2 * around_.size(), ' ');
  }

  std::string text_;
  std::vector<const Descriptor*> around_;
};

}  // namespace

std::string JsonTemplate(const Descriptor& type) {
  Template made;
  made.Message(type);
  return made.Take();
}

}  // namespace dial
