#include "client_writer.h"

#include <google/protobuf/descriptor.pb.h>

#include <map>
#include <string>

#include "comments.h"

namespace dialtone::plugin {
namespace {

using google::protobuf::ServiceDescriptor;
using google::protobuf::io::Printer;

// Callers are warned, implementers are not: a server goes on answering while somebody calls.
bool IsDeprecated(const ServiceDescriptor& service) {
  return service.options().deprecated() || service.file()->options().deprecated();
}

// What a method of the client returns.
std::string HandleType(const ServiceNames::Method& method) {
  const std::string messages =
      method.client_streams ? method.request + ", " + method.reply : method.reply;
  if (!method.streams()) return "::dialtone::Call<" + messages + ">";
  return std::string("::dialtone::Client") + (method.server_streams ? "Reader" : "") +
         (method.client_streams ? "Writer" : "") + "<" + messages + ">";
}

std::map<std::string, std::string> Variables(const ServiceNames::Method& method,
                                             const std::string& class_name) {
  auto variables = method.Variables(class_name);
  variables["handle"] = HandleType(method);
  return variables;
}

}  // namespace

void DeclareClient(const ServiceDescriptor& service, const ServiceNames& names, Printer& printer) {
  printer.Print(
      "// Calls the service. A value: copies share the channel, which must outlive them and their "
      "calls.\n"
      "// Requests are lent or given: dialtone/rpc/call.h tells when that matters.\n"
      "class $deprecated$Client {\n"
      " public:\n"
      "  explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}\n",
      "deprecated", IsDeprecated(service) ? "[[deprecated]] " : "");
  for (int i = 0; i < service.method_count(); ++i) {
    const ServiceNames::Method& method = names.methods()[i];
    auto variables = Variables(method, names.class_name());
    variables["deprecated"] = service.method(i)->options().deprecated() ? "[[deprecated]] " : "";
    printer.Print("\n");
    printer.Indent();
    PrintComments(*service.method(i), printer);
    printer.Print(variables, method.client_streams
                                 ? "$deprecated$$handle$ $function$() const;\n"
                                   "$deprecated$$handle$ $function$(\n"
                                   "    const ::dialtone::CallOptions& options) const;\n"
                                 : "$deprecated$$handle$ $function$(\n"
                                   "    const $request$& request) const;\n"
                                   "$deprecated$$handle$ $function$(\n"
                                   "    const $request$& request,\n"
                                   "    const ::dialtone::CallOptions& options) const;\n"
                                   "$deprecated$$handle$ $function$(\n"
                                   "    $request$&& request) const;\n"
                                   "$deprecated$$handle$ $function$(\n"
                                   "    $request$&& request,\n"
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
    printer.Print(
        Variables(method, names.class_name()),
        method.client_streams
            ? "\n"
              "$handle$ $class$::Client::$function$() const {\n"
              "  return {*channel_, $class$::$constant$, ::dialtone::CallOptions()};\n"
              "}\n"
              "\n"
              "$handle$ $class$::Client::$function$(\n"
              "    const ::dialtone::CallOptions& options) const {\n"
              "  return {*channel_, $class$::$constant$, options};\n"
              "}\n"
            : "\n"
              "$handle$ $class$::Client::$function$(\n"
              "    const $request$& request) const {\n"
              "  return {*channel_, $class$::$constant$, request, ::dialtone::CallOptions()};\n"
              "}\n"
              "\n"
              "$handle$ $class$::Client::$function$(\n"
              "    const $request$& request,\n"
              "    const ::dialtone::CallOptions& options) const {\n"
              "  return {*channel_, $class$::$constant$, request, options};\n"
              "}\n"
              "\n"
              "$handle$ $class$::Client::$function$(\n"
              "    $request$&& request) const {\n"
              "  return {*channel_, $class$::$constant$, ::std::move(request),\n"
              "          ::dialtone::CallOptions()};\n"
              "}\n"
              "\n"
              "$handle$ $class$::Client::$function$(\n"
              "    $request$&& request,\n"
              "    const ::dialtone::CallOptions& options) const {\n"
              "  return {*channel_, $class$::$constant$, ::std::move(request), options};\n"
              "}\n");
  }
}

}  // namespace dialtone::plugin
