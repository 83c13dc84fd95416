// dial describe and dial template: what services and messages look like.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "commands.h"
#include "exit_code.h"
#include "google/protobuf/descriptor.pb.h"
#include "json_template.h"
#include "json_writer.h"

namespace dial {
namespace {

using google::protobuf::DebugStringOptions;
using google::protobuf::Descriptor;

// As a .proto file has it, with its comments where the schema has them.
template <class Described>
std::string ProtoText(const Described& described) {
  DebugStringOptions options;
  options.include_comments = true;
  std::vector<std::string> lines =
      absl::StrSplit(described.DebugStringWithOptions(options), '\n', absl::SkipEmpty());
  for (std::string& line : lines) {
    // Protobuf leaves the space in front of a comment's further lines, and sets one of its own before it.
    const size_t text = line.find_first_not_of(' ');
    if (text != std::string::npos && line.compare(text, 4, "//  ") == 0) line.erase(text + 2, 1);
  }
  return Printable(absl::StrJoin(lines, "\n"));
}

// The descriptor itself, which says more than its text.
template <class Proto, class Described>
std::string DescriptorJson(const Described& described) {
  Proto proto;
  described.CopyTo(&proto);
  return absl::StrCat("{\"name\":", JsonQuoted(described.full_name()),
                      ",\"descriptor\":", ToJson(proto, JsonForm()), "}");
}

std::string MethodText(const google::protobuf::MethodDescriptor& method) {
  const Descriptor& request = *method.input_type();
  const Descriptor& reply = *method.output_type();
  std::string text =
      absl::StrCat("// ", method.full_name(), ": ", KindOf(method), "\n", ProtoText(method),
                   "\n\n// ", request.full_name(), "\n", ProtoText(request));
  if (&reply != &request)
    absl::StrAppend(&text, "\n\n// ", reply.full_name(), "\n", ProtoText(reply));
  return text;
}

std::string Description(const Schema::Symbol& symbol, bool json) {
  if (symbol.service != nullptr) {
    return json
               ? DescriptorJson<google::protobuf::ServiceDescriptorProto>(*symbol.service)
               : absl::StrCat("// ", symbol.service->full_name(), "\n", ProtoText(*symbol.service));
  }
  if (symbol.method != nullptr) {
    return json ? DescriptorJson<google::protobuf::MethodDescriptorProto>(*symbol.method)
                : MethodText(*symbol.method);
  }
  if (symbol.message != nullptr) {
    return json
               ? DescriptorJson<google::protobuf::DescriptorProto>(*symbol.message)
               : absl::StrCat("// ", symbol.message->full_name(), "\n", ProtoText(*symbol.message));
  }
  return json ? DescriptorJson<google::protobuf::EnumDescriptorProto>(*symbol.enumeration)
              : absl::StrCat("// ", symbol.enumeration->full_name(), "\n",
                             ProtoText(*symbol.enumeration));
}

absl::StatusOr<Schema::Symbol> ReadSymbol(Session& session) {
  absl::Status read = session.ReadWords(1, 1, false);
  if (!read.ok()) return read;
  const absl::StatusOr<Schema*> schema = session.schema();
  if (!schema.ok()) return schema.status();
  return (*schema)->Find(session.name(0));
}

}  // namespace

int RunDescribe(Session& session) {
  const absl::StatusOr<Schema::Symbol> symbol = ReadSymbol(session);
  if (!symbol.ok()) return session.Fail(symbol.status());
  session.output().Line(Description(*symbol, session.output().json()));
  return 0;
}

int RunTemplate(Session& session) {
  const absl::StatusOr<Schema::Symbol> symbol = ReadSymbol(session);
  if (!symbol.ok()) return session.Fail(symbol.status());
  const Descriptor* type =
      symbol->method != nullptr ? symbol->method->input_type() : symbol->message;
  if (type == nullptr) {
    return session.Fail(UsageError(absl::StrCat(session.name(0), " is no message and no method")));
  }
  session.output().Line(JsonTemplate(*type));
  return 0;
}

}  // namespace dial
