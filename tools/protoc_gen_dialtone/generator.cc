#include "generator.h"

#include <google/protobuf/compiler/cpp/names.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/io/printer.h>
#include <google/protobuf/io/zero_copy_stream.h>

#include <memory>

#include "client_writer.h"
#include "cpp_names.h"
#include "embedded_comments.h"
#include "plugin_options.h"
#include "service_names.h"
#include "service_writer.h"

namespace dialtone::plugin {
namespace {

using google::protobuf::FileDescriptor;
using google::protobuf::compiler::GeneratorContext;
using google::protobuf::io::Printer;
using google::protobuf::io::ZeroCopyOutputStream;

// Empty: nothing is wrong.
std::string WhatIsWrong(const FileDescriptor& file) {
  if (file.service_count() == 0) return "";
  if (file.options().cc_generic_services()) {
    return "option cc_generic_services = true makes protoc write a class " +
           file.service(0)->name() +
           " of its own, where Dialtone's would be: remove the option from the file";
  }
  const std::string keyword = KeywordInPackage(file.package());
  if (!keyword.empty()) {
    return "package " + file.package() + ": \"" + keyword +
           "\" is a C++ keyword, which protoc leaves as it is in namespaces, so that its code "
           "cannot be compiled: "
           "rename the package";
  }
  return "";
}

void PrintOpening(const FileDescriptor& file, Printer& printer) {
  printer.Print(
      "// Written by protoc-gen-dialtone from $file$: change that file, not this one.\n"
      "// clang-format off\n",
      "file", file.name());
}

bool Streams(const FileDescriptor& file) {
  for (int i = 0; i < file.service_count(); ++i) {
    if (ServiceNames(*file.service(i)).streams()) return true;
  }
  return false;
}

void WriteHeader(const FileDescriptor& file, const std::string& stem, Printer& printer) {
  PrintOpening(file, printer);
  printer.Print("#pragma once\n\n");
  if (file.service_count() > 0) {
    printer.Print(
        "#include <string_view>\n\n"
        "#include \"absl/status/status.h\"\n"
        "#include \"dialtone/rpc/call.h\"\n"
        "#include \"dialtone/rpc/call_options.h\"\n"
        "#include \"dialtone/rpc/channel.h\"\n"
        "#include \"dialtone/rpc/method.h\"\n"
        "#include \"dialtone/rpc/server_call.h\"\n"
        "#include \"dialtone/rpc/service.h\"\n");
    if (Streams(file)) printer.Print("#include \"dialtone/rpc/stream.h\"\n");
    printer.Print("#include \"dialtone/rpc/task.h\"\n");
  }
  printer.Print("#include \"$stem$.pb.h\"\n", "stem", stem);
  if (file.service_count() == 0) return;

  PrintNamespaceOpening(file.package(), printer);
  for (int i = 0; i < file.service_count(); ++i) {
    const ServiceNames names(*file.service(i));
    DeclareService(*file.service(i), names, printer);
  }
  PrintNamespaceClosing(file.package(), printer);
}

// A linker takes from an archive what is asked for, and nothing else of a service asks for the code of its own file if its
// messages come from others.
void LinkDescriptors(const FileDescriptor& file, Printer& printer) {
  const std::string table = DescriptorTable(file);
  if (table.empty()) return;
  printer.Print(
      "\n"
      "// Whoever links the services links their descriptors, which the reflection service tells.\n"
      "namespace dialtone::internal {\n"
      "namespace {\n"
      "[[gnu::used]] constexpr const void* kDescriptorsOf_$name$ = &$table$;\n"
      "}  // namespace\n"
      "}  // namespace dialtone::internal\n",
      "name", FileIdentifier(file.name()), "table", table);
}

void WriteSource(const FileDescriptor& file, const std::string& stem,
                 const EmbeddedComments& comments, Printer& printer) {
  PrintOpening(file, printer);
  printer.Print("#include \"$stem$.dialtone.h\"\n", "stem", stem);
  if (file.service_count() == 0) return;
  printer.Print("\n#include <utility>\n");
  LinkDescriptors(file, printer);
  comments.Define(printer);

  PrintNamespaceOpening(file.package(), printer);
  for (int i = 0; i < file.service_count(); ++i) {
    const ServiceNames names(*file.service(i));
    DefineClient(names, printer);
    DefineServices(names, comments, printer);
  }
  PrintNamespaceClosing(file.package(), printer);
}

}  // namespace

bool Generator::Generate(const FileDescriptor* file, const std::string& parameter,
                         GeneratorContext* context, std::string* error) const {
  PluginOptions options;
  *error = ReadOptions(parameter, options);
  if (error->empty()) *error = WhatIsWrong(*file);
  if (!error->empty()) return false;

  const std::string stem = google::protobuf::compiler::cpp::StripProto(file->name());
  const auto write = [&](const char* suffix, auto writer) {
    const std::unique_ptr<ZeroCopyOutputStream> output(context->Open(stem + suffix));
    Printer printer(output.get(), '$');
    writer(printer);
  };
  write(".dialtone.h", [&](Printer& printer) { WriteHeader(*file, stem, printer); });
  const EmbeddedComments comments(*file, options);
  write(".dialtone.cc", [&](Printer& printer) { WriteSource(*file, stem, comments, printer); });
  return true;
}

}  // namespace dialtone::plugin
