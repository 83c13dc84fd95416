#include "service_writer.h"

#include <map>
#include <string>

#include "client_writer.h"
#include "comments.h"

namespace dialtone::plugin {
namespace {

using google::protobuf::ServiceDescriptor;
using google::protobuf::io::Printer;

// What the two base classes differ in.
struct HandlerKind {
  const char* base;
  const char* comment;
  const char* comment_with_streams;  // where some of the methods stream
  const char* result;
  const char* return_keyword;
};
constexpr HandlerKind kHandlerKinds[] = {
    {"Service",
     "// Derive from it and override the methods: handlers are coroutines. What is not overridden "
     "answers\n"
     "// UNIMPLEMENTED. Handlers run on several threads at a time.\n",
     "// Derive from it and override the methods: handlers are coroutines. What is not overridden "
     "answers\n"
     "// UNIMPLEMENTED. Handlers run on several threads at a time. A reader or a writer lives "
     "until "
     "its handler\n"
     "// has ended.\n",
     "::dialtone::Task<::absl::Status>", "co_return"},
    {"PlainService",
     "// Derive from it and override the methods: handlers are plain functions, which must not "
     "block unless the\n"
     "// service is added to run on workers. What is not overridden answers UNIMPLEMENTED. "
     "Handlers run on several\n"
     "// threads at a time.\n",
     "// Derive from it and override the methods: handlers are plain functions. Those that stream "
     "always run on\n"
     "// workers, where reader.Read().Wait() and writer.Write(message).Wait() may block; the "
     "others "
     "must not block\n"
     "// unless the service is added to run on workers. What is not overridden answers "
     "UNIMPLEMENTED. Handlers run\n"
     "// on several threads at a time. A reader or a writer lives until its handler has ended.\n",
     "::absl::Status", "return"},
};

// What comes in and what goes out, as parameters of a handler.
std::string InputType(const ServiceNames::Method& method) {
  return method.client_streams ? "::dialtone::Reader<" + method.request + ">&"
                               : "const " + method.request + "&";
}
std::string OutputType(const ServiceNames::Method& method) {
  return method.server_streams ? "::dialtone::Writer<" + method.reply + ">&" : method.reply + "&";
}

std::map<std::string, std::string> Variables(const ServiceNames::Method& method,
                                             const std::string& class_name,
                                             const HandlerKind& kind) {
  auto variables = method.Variables(class_name);
  variables["base"] = kind.base;
  variables["result"] = kind.result;
  variables["return"] = kind.return_keyword;
  variables["input"] = InputType(method);
  variables["input_name"] = method.client_streams ? "reader" : "request";
  variables["output"] = OutputType(method);
  variables["output_name"] = method.server_streams ? "writer" : "reply";
  return variables;
}

void DeclareHandlers(const ServiceDescriptor& service, const ServiceNames& names,
                     const HandlerKind& kind, Printer& printer) {
  printer.Print("\n");
  printer.Print(names.streams() ? kind.comment_with_streams : kind.comment);
  printer.Print(
      "class $base$ : public ::dialtone::Service {\n"
      " public:\n"
      "  $base$();\n"
      "  ~$base$() override;\n",
      "base", kind.base);
  for (int i = 0; i < service.method_count(); ++i) {
    printer.Print("\n");
    printer.Indent();
    PrintComments(*service.method(i), printer);
    printer.Print(Variables(names.methods()[i], names.class_name(), kind),
                  "virtual $result$ $function$(\n"
                  "    ::dialtone::ServerCall& call,\n"
                  "    $input$ $input_name$,\n"
                  "    $output$ $output_name$);\n");
    printer.Outdent();
  }
  printer.Print("};\n");
}

void DefineHandlers(const ServiceNames& names, const HandlerKind& kind,
                    const EmbeddedComments& comments, Printer& printer) {
  printer.Print("\n$class$::$base$::$base$()", "class", names.class_name(), "base", kind.base);
  if (comments.name().empty()) {
    printer.Print(" : ::dialtone::Service($class$::kServiceName) {\n", "class", names.class_name());
  } else {
    printer.Print(
        "\n"
        "    : ::dialtone::Service($class$::kServiceName,\n"
        "                          $comments$) {\n",
        "class", names.class_name(), "comments", comments.name());
  }
  for (const ServiceNames::Method& method : names.methods()) {
    printer.Print(Variables(method, names.class_name(), kind),
                  "  AddMethod<&$class$::$base$::$function$>($class$::$constant$);\n");
  }
  printer.Print(
      "}\n"
      "\n"
      "$class$::$base$::~$base$() = default;\n",
      "class", names.class_name(), "base", kind.base);
  for (const ServiceNames::Method& method : names.methods()) {
    printer.Print(Variables(method, names.class_name(), kind),
                  "\n"
                  "$result$ $class$::$base$::$function$(\n"
                  "    ::dialtone::ServerCall&, $input$,\n"
                  "    $output$) {\n"
                  "  $return$ ::dialtone::internal::UnimplementedMethod($class$::$constant$);\n"
                  "}\n");
  }
}

}  // namespace

void DeclareService(const ServiceDescriptor& service, const ServiceNames& names, Printer& printer) {
  printer.Print("\n");
  PrintComments(service, printer);
  printer.Print(
      "class $class$ final {\n"
      " public:\n"
      "  $class$() = delete;\n"
      "\n"
      "  static constexpr ::std::string_view kServiceName = \"$full_name$\";\n",
      "class", names.class_name(), "full_name", service.full_name());
  printer.Indent();
  for (const ServiceNames::Method& method : names.methods()) {
    printer.Print(method.Variables(names.class_name()),
                  "static constexpr ::dialtone::Method $constant${\n"
                  "    \"$path$\", ::dialtone::MethodKind::$kind$");
    if (!method.idempotency.empty()) {
      printer.Print(",\n    ::dialtone::Idempotency::$idempotency$", "idempotency",
                    method.idempotency);
    }
    printer.Print("};\n");
  }
  printer.Print("\n");
  DeclareClient(service, names, printer);
  for (const HandlerKind& kind : kHandlerKinds) DeclareHandlers(service, names, kind, printer);
  printer.Outdent();
  printer.Print("};\n");
}

void DefineServices(const ServiceNames& names, const EmbeddedComments& comments, Printer& printer) {
  for (const HandlerKind& kind : kHandlerKinds) DefineHandlers(names, kind, comments, printer);
}

}  // namespace dialtone::plugin
