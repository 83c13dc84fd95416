#include "last_reply.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "exit_code.h"
#include "fields.h"
#include "google/protobuf/descriptor.h"
#include "json_writer.h"
#include "suggest.h"

namespace dial {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// What a path has come to, by the types: a message, a field of one (all of it, if it is repeated), or what nobody knows the type
// of. A value.
struct Place {
  const Descriptor* type = nullptr;
  const FieldDescriptor* many =
      nullptr;  // a list or a map, whose elements are of `type`, or scalars
};

// Their JSON has another form than their fields tell.
const Descriptor* Known(const Descriptor* type) {
  const bool usual =
      type != nullptr && type->well_known_type() == Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
  return usual ? type : nullptr;
}

Place PlaceOf(const FieldDescriptor& field) {
  if (field.is_map()) return {Known(field.message_type()->map_value()->message_type()), &field};
  return {Known(field.message_type()), field.is_repeated() ? &field : nullptr};
}

std::vector<std::string> JsonNames(const Descriptor& type) {
  std::vector<std::string> names;
  names.reserve(static_cast<size_t>(type.field_count()));
  for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->json_name());
  return names;
}

// Whether that step is one to a field, by the types; then `name` is the field's name in JSON.
bool IsToField(const Place& place, const JsonStep& step) {
  return place.many == nullptr && place.type != nullptr && !step.index.has_value();
}

// Where the path at the end of `json` begins, if one is being typed there.
std::optional<size_t> PathAtEnd(const std::string& json) {
  bool in_string = false;
  std::optional<size_t> begin;
  for (size_t i = 0; i < json.size(); ++i) {
    if (in_string && json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      in_string = !in_string;
    } else if (!in_string && json[i] == '$') {
      begin = i;
    } else if (!in_string && begin && absl::StrContains(" ,}\n\t:{", json[i])) {
      begin = std::nullopt;
    }
  }
  return in_string ? std::nullopt : begin;
}

}  // namespace

void LastReply::Remember(const google::protobuf::Message& reply) {
  Forget();
  reply_.reset(reply.New());
  reply_->CopyFrom(reply);
}

void LastReply::Forget() {
  reply_.reset();
  json_.reset();
}

const std::string& LastReply::json() const {
  if (!json_.has_value()) json_ = ToJson(*reply_, JsonForm());
  return *json_;
}

absl::StatusOr<std::string> LastReply::Value(const JsonPath& path) const {
  if (reply_ == nullptr)
    return UsageError(absl::StrCat(path.text, " stands for the last reply, and there is none yet"));
  std::optional<std::string_view> value = json();
  Place place{Known(reply_->GetDescriptor()), nullptr};
  for (const JsonStep& step : path.steps) {
    JsonStep in_json = step;
    const bool to_field = IsToField(place, step);
    if (to_field) {
      const FieldDescriptor* field = FieldOf(place.type, step.name);
      if (field == nullptr) {
        return UsageError(absl::StrCat(path.text, ": ", place.type->full_name(), " has no field ",
                                       step.name, DidYouMean(step.name, JsonNames(*place.type))));
      }
      in_json.name = field->json_name();
      place = PlaceOf(*field);
    } else {
      place.many = nullptr;
    }
    if (value.has_value()) value = JsonAt(*value, in_json);
    if (!value.has_value() && !to_field)
      return UsageError(absl::StrCat(path.text, ": the last reply has nothing there"));
  }
  return value.has_value() ? std::string(*value) : "null";
}

absl::StatusOr<std::string> LastReply::Substitute(const std::string& json) const {
  std::string text;
  bool in_string = false;
  for (size_t at = 0; at < json.size();) {
    const char c = json[at];
    if (!in_string && c == '$') {
      const absl::StatusOr<JsonPath> path = ReadJsonPath(json, at);
      if (!path.ok()) return path.status();
      const absl::StatusOr<std::string> value = Value(*path);
      if (!value.ok()) return value.status();
      text += *value;
      continue;
    }
    if (c == '"') in_string = !in_string;
    const size_t taken = in_string && c == '\\' ? 2 : 1;
    text += json.substr(at, taken);
    at += taken;
  }
  return text;
}

std::vector<std::string> LastReply::Completions(const std::string& json) const {
  const std::optional<size_t> begin = PathAtEnd(json);
  if (!begin.has_value() || reply_ == nullptr) return {};
  // The name behind the last dot is being typed; what stands before it is a path.
  const size_t dot = json.rfind('.');
  if (dot == std::string::npos || dot < *begin) return {};
  size_t at = *begin;
  const absl::StatusOr<JsonPath> path = ReadJsonPath(json.substr(0, dot), at);
  if (!path.ok() || at != dot) return {};
  Place place{Known(reply_->GetDescriptor()), nullptr};
  for (const JsonStep& step : path->steps) {
    const FieldDescriptor* field =
        IsToField(place, step) ? FieldOf(place.type, step.name) : nullptr;
    place = field != nullptr ? PlaceOf(*field) : Place{place.type, nullptr};
  }
  std::vector<std::string> completed;
  if (place.type == nullptr || place.many != nullptr) return completed;
  for (const std::string& name : JsonNames(*place.type)) {
    if (absl::StartsWith(name, json.substr(dot + 1)))
      completed.push_back(json.substr(0, dot + 1) + name);
  }
  return completed;
}

}  // namespace dial
