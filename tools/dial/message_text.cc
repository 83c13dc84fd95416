#include "message_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "exit_code.h"
#include "fields.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "suggest.h"

namespace dial {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// What somebody may nest in text format; JSON's own bound is Protobuf's 100.
constexpr int kTextDepthMax = 2000;

// The message type at "a.b[2]" within `type`; null if that is not to be told.
const Descriptor* TypeAt(const Descriptor& type, const std::string& path) {
  const Descriptor* at = &type;
  for (const std::string& part :
       std::vector<std::string>(absl::StrSplit(path, '.', absl::SkipEmpty()))) {
    const FieldDescriptor* field = FieldOf(at, part.substr(0, part.find('[')));
    if (field == nullptr || field->message_type() == nullptr) return nullptr;
    at = field->message_type();
    if (at->options().map_entry()) at = at->map_value()->message_type();
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::vector<std::string> FieldNames(const Descriptor& type) {
  std::vector<std::string> names;
  names.reserve(static_cast<size_t>(type.field_count()));
  for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
  return names;
}

std::string NoSuchField(const Descriptor& type, const std::string& name) {
  return absl::StrCat(type.full_name(), " has no field ", name, DidYouMean(name, FieldNames(type)));
}

// Protobuf says "nam: Cannot find field." of the message itself, "(a.b[2]) nam: Cannot find field." of one within it.
absl::Status JsonError(const std::string& said, const Descriptor& type) {
  const size_t end = said.find(": Cannot find field.");
  const size_t close = said.find(") ");
  const bool within = !said.empty() && said[0] == '(' && close != std::string::npos && close < end;
  const size_t begin = within ? close + 2 : 0;
  const std::string path = within ? said.substr(1, close - 1) : "";
  const Descriptor* at = end == std::string::npos ? nullptr : TypeAt(type, path);
  if (at != nullptr) return UsageError(NoSuchField(*at, said.substr(begin, end - begin)));
  return UsageError(absl::StrCat("no valid ", type.full_name(), " as JSON: ", said));
}

class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (text_.empty())
      text_ = absl::StrCat("line ", line + 1, ", column ", column + 1, ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Protobuf says: Message type "pkg.Message" has no field named "nam".
absl::Status TextError(const std::string& said, const Descriptor& type) {
  const std::vector<std::string> parts = absl::StrSplit(said, '"');
  const bool misspelt = parts.size() >= 4 && said.find("has no field named") != std::string::npos;
  const Descriptor* at = misspelt ? type.file()->pool()->FindMessageTypeByName(parts[1]) : nullptr;
  if (at != nullptr) return UsageError(NoSuchField(*at, parts[3]));
  return UsageError(absl::StrCat("no valid ", type.full_name(), " as text: ", said));
}

}  // namespace

absl::Status ParseMessage(const std::string& text, MessageForm form,
                          google::protobuf::Message& into) {
  const Descriptor& type = *into.GetDescriptor();
  if (form == MessageForm::kText) {
    FirstError error;
    google::protobuf::TextFormat::Parser parser;
    parser.RecordErrorsTo(&error);
    parser.SetRecursionLimit(kTextDepthMax);
    if (!parser.ParseFromString(text, &into)) return TextError(error.text(), type);
    return absl::OkStatus();
  }
  into.Clear();
  const auto parsed = google::protobuf::util::JsonStringToMessage(text, &into);
  if (!parsed.ok()) return JsonError(std::string(parsed.message()), type);
  return absl::OkStatus();
}

}  // namespace dial
