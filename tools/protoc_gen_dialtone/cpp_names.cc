#include "cpp_names.h"

#include <google/protobuf/compiler/cpp/names.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <iterator>
#include <sstream>
#include <vector>

namespace dialtone::plugin {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::io::Printer;

// Sorted.
constexpr std::string_view kKeywords[] = {
    "NULL",          "alignas",     "alignof",   "and",          "and_eq",    "asm",
    "assert",        "auto",        "bitand",    "bitor",        "bool",      "break",
    "case",          "catch",       "char",      "char16_t",     "char32_t",  "char8_t",
    "class",         "co_await",    "co_return", "co_yield",     "compl",     "concept",
    "const",         "const_cast",  "consteval", "constexpr",    "constinit", "continue",
    "decltype",      "default",     "delete",    "do",           "double",    "dynamic_cast",
    "else",          "enum",        "errno",     "explicit",     "export",    "extern",
    "false",         "float",       "for",       "friend",       "goto",      "if",
    "inline",        "int",         "long",      "mutable",      "namespace", "new",
    "noexcept",      "not",         "not_eq",    "nullptr",      "operator",  "or",
    "or_eq",         "private",     "protected", "public",       "register",  "reinterpret_cast",
    "requires",      "return",      "short",     "signed",       "sizeof",    "static",
    "static_assert", "static_cast", "stderr",    "stdin",        "stdout",    "struct",
    "switch",        "template",    "this",      "thread_local", "throw",     "true",
    "try",           "typedef",     "typeid",    "typename",     "union",     "unsigned",
    "using",         "virtual",     "void",      "volatile",     "wchar_t",   "while",
    "xor",           "xor_eq",
};
static_assert(std::is_sorted(std::begin(kKeywords), std::end(kKeywords)));

// Those of the headers that generated code includes that may be somebody's word. Sorted.
constexpr std::string_view kMacros[] = {"BIG_ENDIAN",    "BUFSIZ",       "BYTE_ORDER", "EOF",
                                        "EXIT_FAILURE",  "EXIT_SUCCESS", "HUGE_VAL",   "INFINITY",
                                        "LITTLE_ENDIAN", "NAN",          "RAND_MAX",   "WEOF",
                                        "alloca",        "linux",        "offsetof",   "unix"};
static_assert(std::is_sorted(std::begin(kMacros), std::end(kMacros)));

// Macros with GNU extensions (-std=gnu++20) alone, so that packages of these names may be fine.
bool IsExtensionsMacro(std::string_view name) { return name == "linux" || name == "unix"; }

std::vector<std::string> Split(const std::string& package) {
  std::vector<std::string> parts;
  std::istringstream stream(package);
  for (std::string part; std::getline(stream, part, '.');) parts.push_back(part);
  return parts;
}

void AddMessageNames(const Descriptor& message, std::set<std::string>& names) {
  names.insert(google::protobuf::compiler::cpp::ClassName(&message));
  for (int i = 0; i < message.enum_type_count(); ++i) {
    names.insert(google::protobuf::compiler::cpp::ClassName(message.enum_type(i)));
  }
  for (int i = 0; i < message.nested_type_count(); ++i)
    AddMessageNames(*message.nested_type(i), names);
}

}  // namespace

bool IsKeyword(std::string_view name) {
  return std::binary_search(std::begin(kKeywords), std::end(kKeywords), name) ||
         std::binary_search(std::begin(kMacros), std::end(kMacros), name);
}

std::string KeywordInPackage(const std::string& package) {
  for (const std::string& part : Split(package)) {
    if (IsKeyword(part) && !IsExtensionsMacro(part)) return part;
  }
  return "";
}

std::string FreeName(std::string name, const std::set<std::string>& taken) {
  while (IsKeyword(name) || taken.count(name) > 0) name += '_';
  return name;
}

std::string UpperCamelCase(std::string_view name) {
  std::string camel;
  bool upper = true;
  for (const char c : name) {
    if (c == '_') {
      upper = true;
      continue;
    }
    camel += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = false;
  }
  return camel;
}

std::string QualifiedMessage(const Descriptor& message) {
  std::string qualified;
  for (const std::string& part : Split(message.file()->package())) qualified += "::" + part;
  return qualified + "::" + google::protobuf::compiler::cpp::ClassName(&message);
}

std::string FileIdentifier(const std::string& file) {
  std::string identifier;
  for (const char c : file) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      identifier += c;
      continue;
    }
    char hex[4];
    std::snprintf(hex, sizeof(hex), "_%x", static_cast<unsigned char>(c));
    identifier += hex;
  }
  return identifier;
}

std::string DescriptorTable(const FileDescriptor& file) {
  const bool lite = file.options().optimize_for() == google::protobuf::FileOptions::LITE_RUNTIME;
  return lite ? "" : "::descriptor_table_" + FileIdentifier(file.name());
}

std::set<std::string> NamespaceLevelNames(const FileDescriptor& file) {
  std::set<std::string> names;
  for (int i = 0; i < file.message_type_count(); ++i) AddMessageNames(*file.message_type(i), names);
  for (int i = 0; i < file.enum_type_count(); ++i) {
    names.insert(google::protobuf::compiler::cpp::ClassName(file.enum_type(i)));
  }
  return names;
}

void PrintNamespaceOpening(const std::string& package, Printer& printer) {
  printer.Print("\n");
  for (const std::string& part : Split(package))
    printer.Print("namespace $part$ {\n", "part", part);
}

void PrintNamespaceClosing(const std::string& package, Printer& printer) {
  std::vector<std::string> parts = Split(package);
  if (!parts.empty()) printer.Print("\n");
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    printer.Print("}  // namespace $part$\n", "part", *part);
  }
}

}  // namespace dialtone::plugin
