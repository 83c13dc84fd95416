#include "client_writer.h"

#include <google/protobuf/descriptor.pb.h>

#include "comments.h"

namespace dialtone::plugin {
namespace {

using google::protobuf::ServiceDescriptor;
using google::protobuf::io::Printer;

// Callers are warned, implementers are not: a server goes on answering while somebody calls.
bool IsDeprecated(const ServiceDescriptor& service) {
  return service.options().deprecated() || service.file()->options().deprecated();
}

}  // namespace

void DeclareClient(const ServiceDescriptor& service, const ServiceNames& names, Printer& printer) {
  printer.Print(
      "// Calls the service. A value: copies share the channel, which must outlive them and their "
      "calls.\n"
      "class $deprecated$Client {\n"
      " public:\n"
      "  explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}\n",
      "deprecated", IsDeprecated(service) ? "[[deprecated]] " : "");
  for (int i = 0; i < service.method_count(); ++i) {
    auto variables = names.methods()[i].Variables(names.class_name());
    variables["deprecated"] = service.method(i)->options().deprecated() ? "[[deprecated]] " : "";
    printer.Print("\n");
    printer.Indent();
    PrintComments(*service.method(i), printer);
    printer.Print(variables,
                  "$deprecated$::dialtone::Call<$reply$> $function$(\n"
                  "    const $request$& request) const;\n"
                  "$deprecated$::dialtone::Call<$reply$> $function$(\n"
                  "    const $request$& request,\n"
                  "    const ::dialtone::CallOptions& options) const;\n");
    printer.Outdent();
  }
  printer.Print(
      "\n"
      " private:\n"
      "  $unused$::dialtone::Channel* channel_;\n"
      "};\n",
      "unused", service.method_count() == 0 ? "[[maybe_unused]] " : "");
}

void DefineClient(const ServiceNames& names, Printer& printer) {
  for (const ServiceNames::Method& method : names.methods()) {
    printer.Print(method.Variables(names.class_name()),
                  "\n"
                  "::dialtone::Call<$reply$> $class$::Client::$function$(\n"
                  "    const $request$& request) const {\n"
                  "  return {*channel_, $class$::$constant$, request, ::dialtone::CallOptions()};\n"
                  "}\n"
                  "\n"
                  "::dialtone::Call<$reply$> $class$::Client::$function$(\n"
                  "    const $request$& request,\n"
                  "    const ::dialtone::CallOptions& options) const {\n"
                  "  return {*channel_, $class$::$constant$, request, options};\n"
                  "}\n");
  }
}

}  // namespace dialtone::plugin
