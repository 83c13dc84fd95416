// dial list, and dial ADDRESS alone: what there is.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "commands.h"
#include "comment.h"
#include "json_writer.h"

namespace dial {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// As from within the service: without its package.
std::string ShortName(const google::protobuf::Descriptor& type,
                      const ServiceDescriptor& seen_from) {
  const std::string package = seen_from.file()->package() + ".";
  const std::string& name = type.full_name();
  return name.compare(0, package.size(), package) == 0 ? name.substr(package.size()) : name;
}

// As the last member of an object; nothing where there is none.
template <class Described>
std::string CommentJson(const Described& described) {
  const std::string comment = CommentOf(described);
  return comment.empty() ? "" : absl::StrCat(",\"comment\":", JsonQuoted(comment));
}

std::string MethodJson(const MethodDescriptor& method) {
  return absl::StrCat(
      "{\"name\":", JsonQuoted(method.name()), ",\"kind\":", JsonQuoted(KindOf(method)),
      ",\"request\":", JsonQuoted(method.input_type()->full_name()),
      ",\"reply\":", JsonQuoted(method.output_type()->full_name()), CommentJson(method), "}");
}

std::string ServiceJson(const ServiceDescriptor& service) {
  std::vector<std::string> methods;
  methods.reserve(static_cast<size_t>(service.method_count()));
  for (int i = 0; i < service.method_count(); ++i)
    methods.push_back(MethodJson(*service.method(i)));
  return absl::StrCat("{\"service\":", JsonQuoted(service.full_name()), ",\"methods\":[",
                      absl::StrJoin(methods, ","), "]", CommentJson(service), "}");
}

std::string Padded(const std::string& text, size_t width) {
  return text + std::string(width - std::min(width, text.size()), ' ');
}

std::string Types(const MethodDescriptor& method) {
  return absl::StrCat(ShortName(*method.input_type(), *method.service()), " -> ",
                      ShortName(*method.output_type(), *method.service()));
}

// What its comment says, in short.
template <class Described>
std::string Summary(const Described& described, const Output& output) {
  const std::string sentence = FirstSentence(CommentOf(described));
  return sentence.empty() ? "" : output.In(Output::Tone::kFaint, "  // " + Printable(sentence));
}

void PrintMethods(const ServiceDescriptor& service, const Output& output,
                  const std::string& indent) {
  size_t name_width = 0, kind_width = 0, types_width = 0;
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodDescriptor& method = *service.method(i);
    name_width = std::max(name_width, method.name().size());
    kind_width = std::max(kind_width, KindOf(method).size());
    types_width = std::max(types_width, Types(method).size());
  }
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodDescriptor& method = *service.method(i);
    const std::string summary = Summary(method, output);
    output.Line(absl::StrCat(
        indent, output.In(Output::Tone::kKey, Padded(method.name(), name_width)), "  ",
        output.In(Output::Tone::kFaint, Padded(KindOf(method), kind_width)), "  ",
        summary.empty() ? Types(method) : Padded(Types(method), types_width), summary));
  }
}

std::string NameJson(const std::string& name) {
  return absl::StrCat("{\"service\":", JsonQuoted(name), "}");
}

// Of a service that the server lists and does not describe.
void PrintUndescribed(const std::string& name, const Output& output) {
  if (output.json()) return output.Line(NameJson(name));
  output.Line(output.In(Output::Tone::kName, Printable(name)));
  output.Line("  (not described by the server)");
}

}  // namespace

int RunOverview(Session& session) {
  absl::Status read = session.ReadWords(0, 0, true);
  if (!read.ok()) return session.Fail(read);
  const absl::StatusOr<Schema*> schema = session.schema();
  if (!schema.ok()) return session.Fail(schema.status());
  const absl::StatusOr<std::vector<std::string>> names = (*schema)->ServiceNames();
  if (!names.ok()) return session.Fail(names.status());
  for (const std::string& name : *names) {
    const ServiceDescriptor* service = (*schema)->pool().FindServiceByName(name);
    if (service == nullptr) {
      PrintUndescribed(name, session.output());
    } else if (session.output().json()) {
      session.output().Line(ServiceJson(*service));
    } else {
      session.output().Line(absl::StrCat(session.output().In(Output::Tone::kName, name),
                                         Summary(*service, session.output())));
      PrintMethods(*service, session.output(), "  ");
    }
  }
  return 0;
}

int RunList(Session& session) {
  absl::Status read = session.ReadWords(0, 1, false);
  if (!read.ok()) return session.Fail(read);
  const absl::StatusOr<Schema*> schema = session.schema();
  if (!schema.ok()) return session.Fail(schema.status());
  const Output& output = session.output();
  if (session.names() == 1) {
    const absl::StatusOr<const ServiceDescriptor*> service =
        (*schema)->FindService(session.name(0));
    if (!service.ok()) return session.Fail(service.status());
    if (output.json()) {
      output.Line(ServiceJson(**service));
    } else {
      PrintMethods(**service, output, "");
    }
    return 0;
  }
  const absl::StatusOr<std::vector<std::string>> names = (*schema)->ServiceNames();
  if (!names.ok()) return session.Fail(names.status());
  for (const std::string& name : *names) {
    output.Line(output.json() ? NameJson(name) : Printable(name));
  }
  return 0;
}

}  // namespace dial
