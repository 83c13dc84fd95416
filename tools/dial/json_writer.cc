#include "json_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "dialtone/transport/utf8.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "well_known.h"

namespace dial {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

template <class Number>
std::string NumberText(Number value) {
  if (std::isnan(value)) return "\"NaN\"";
  if (std::isinf(value)) return value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  return std::string(text.data(), end.ptr);
}

class Writer {
 public:
  explicit Writer(const JsonForm& form) : form_(form) {}

  void WriteMessage(const Message& message) {
    if (IsWellKnown(*message.GetDescriptor())) return WriteWellKnown(message);
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    Open('{');
    for (const FieldDescriptor* field : fields) {
      WriteName(field->is_extension() ? absl::StrCat("[", field->full_name(), "]")
                                      : field->json_name());
      WriteField(message, *field);
    }
    Close('}');
  }

  std::string Take() { return std::move(text_); }

 private:
  void WriteField(const Message& message, const FieldDescriptor& field) {
    if (field.is_map()) return WriteMap(message, field);
    if (!field.is_repeated()) return WriteValue(message, field, -1);
    const int size = message.GetReflection()->FieldSize(message, &field);
    Open('[');
    for (int i = 0; i < size; ++i) {
      Next();
      WriteValue(message, field, i);
    }
    Close(']');
  }

  void WriteMap(const Message& message, const FieldDescriptor& field) {
    const FieldDescriptor& key = *field.message_type()->map_key();
    const FieldDescriptor& value = *field.message_type()->map_value();
    const int size = message.GetReflection()->FieldSize(message, &field);
    Open('{');
    for (int i = 0; i < size; ++i) {
      const Message& entry = message.GetReflection()->GetRepeatedMessage(message, &field, i);
      WriteName(KeyText(entry, key));
      WriteValue(entry, value, -1);
    }
    Close('}');
  }

  static std::string KeyText(const Message& entry, const FieldDescriptor& key) {
    const Reflection& of = *entry.GetReflection();
    switch (key.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return of.GetString(entry, &key);
      case FieldDescriptor::CPPTYPE_BOOL:
        return of.GetBool(entry, &key) ? "true" : "false";
      case FieldDescriptor::CPPTYPE_INT32:
        return absl::StrCat(of.GetInt32(entry, &key));
      case FieldDescriptor::CPPTYPE_UINT32:
        return absl::StrCat(of.GetUInt32(entry, &key));
      case FieldDescriptor::CPPTYPE_INT64:
        return absl::StrCat(of.GetInt64(entry, &key));
      default:
        return absl::StrCat(of.GetUInt64(entry, &key));
    }
  }

  // index: -1 of a field that is not repeated.
  void WriteValue(const Message& message, const FieldDescriptor& field, int index) {
    const Reflection& of = *message.GetReflection();
    const bool one = index < 0;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return WriteMessage(one ? of.GetMessage(message, &field)
                                : of.GetRepeatedMessage(message, &field, index));
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string value =
            one ? of.GetString(message, &field) : of.GetRepeatedString(message, &field, index);
        text_ += JsonQuoted(field.type() == FieldDescriptor::TYPE_BYTES ? Base64(value) : value);
        return;
      }
      case FieldDescriptor::CPPTYPE_ENUM:
        return WriteEnum(*field.enum_type(), one ? of.GetEnumValue(message, &field)
                                                 : of.GetRepeatedEnumValue(message, &field, index));
      case FieldDescriptor::CPPTYPE_BOOL:
        text_ += (one ? of.GetBool(message, &field) : of.GetRepeatedBool(message, &field, index))
                     ? "true"
                     : "false";
        return;
      default:
        text_ += NumberOf(message, field, index);
    }
  }

  static std::string NumberOf(const Message& message, const FieldDescriptor& field, int index) {
    const Reflection& of = *message.GetReflection();
    const bool one = index < 0;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return absl::StrCat(one ? of.GetInt32(message, &field)
                                : of.GetRepeatedInt32(message, &field, index));
      case FieldDescriptor::CPPTYPE_UINT32:
        return absl::StrCat(one ? of.GetUInt32(message, &field)
                                : of.GetRepeatedUInt32(message, &field, index));
      // As texts: JSON's numbers are doubles to many.
      case FieldDescriptor::CPPTYPE_INT64:
        return absl::StrCat(
            "\"", one ? of.GetInt64(message, &field) : of.GetRepeatedInt64(message, &field, index),
            "\"");
      case FieldDescriptor::CPPTYPE_UINT64:
        return absl::StrCat(
            "\"",
            one ? of.GetUInt64(message, &field) : of.GetRepeatedUInt64(message, &field, index),
            "\"");
      case FieldDescriptor::CPPTYPE_FLOAT:
        return JsonNumber(one ? of.GetFloat(message, &field)
                              : of.GetRepeatedFloat(message, &field, index));
      default:
        return JsonNumber(one ? of.GetDouble(message, &field)
                              : of.GetRepeatedDouble(message, &field, index));
    }
  }

  void WriteEnum(const google::protobuf::EnumDescriptor& type, int number) {
    if (type.full_name() == "google.protobuf.NullValue") {
      text_ += "null";
      return;
    }
    const google::protobuf::EnumValueDescriptor* value = type.FindValueByNumber(number);
    text_ += value == nullptr ? absl::StrCat(number) : JsonQuoted(value->name());
  }

  void WriteWellKnown(const Message& message) {
    std::string text;
    if (google::protobuf::util::MessageToJsonString(message, &text).ok()) {
      text_ += text;
      return;
    }
    // An Any of a type that is not known, or something that its own rules forbid: shown as it is.
    google::protobuf::Any any;
    if (message.GetDescriptor()->full_name() == any.GetDescriptor()->full_name() &&
        any.ParseFromString(message.SerializePartialAsString())) {
      absl::StrAppend(&text_, "{\"@type\":", JsonQuoted(any.type_url()),
                      ",\"value\":", JsonQuoted(Base64(any.value())), "}");
      return;
    }
    text_ += JsonQuoted(message.ShortDebugString());
  }

  void WriteName(const std::string& name) {
    Next();
    const std::string quoted = JsonQuoted(name);
    if (form_.colours) {
      absl::StrAppend(&text_, "\033[34m", quoted, "\033[0m:");
    } else {
      absl::StrAppend(&text_, quoted, ":");
    }
    if (form_.pretty) text_ += ' ';
  }

  void Open(char bracket) {
    text_ += bracket;
    ++depth_;
    first_ = true;
  }
  void Next() {
    if (!first_) text_ += ',';
    first_ = false;
    NewLine();
  }
  void Close(char bracket) {
    --depth_;
    if (!first_) NewLine();
    text_ += bracket;
    first_ = false;
  }
  void NewLine() {
    if (!form_.pretty) return;
    text_ += '\n';
    text_.append(2 * depth_, ' ');
  }

  const JsonForm form_;
  std::string text_;
  size_t depth_ = 0;
  bool first_ = true;
};

}  // namespace

std::string ToJson(const Message& message, const JsonForm& form) {
  Writer writer(form);
  writer.WriteMessage(message);
  return writer.Take();
}

std::string JsonQuoted(const std::string& text) {
  std::string quoted = "\"";
  for (std::string_view left = text; !left.empty();) {
    const size_t length = dialtone::Utf8Length(left);
    const char c = left[0];
    if (length == 0) {
      quoted += "\uFFFD";
    } else if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (dialtone::IsControl(left, length)) {
      // Of those of C1 the last byte is the number, too.
      absl::StrAppend(&quoted, "\\u00",
                      absl::Hex(static_cast<unsigned char>(left[length - 1]), absl::kZeroPad2));
    } else {
      quoted += left.substr(0, length);
    }
    left.remove_prefix(std::max<size_t>(length, 1));
  }
  return quoted + '"';
}

std::string Base64(const std::string& bytes) { return absl::Base64Escape(bytes); }

std::string JsonNumber(double value) { return NumberText(value); }
std::string JsonNumber(float value) { return NumberText(value); }

}  // namespace dial
