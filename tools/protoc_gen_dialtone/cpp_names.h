// The C++ names of what a .proto file names: the same that protoc's own C++ generator gives, where
// it gives one.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/printer.h>

#include <set>
#include <string>
#include <string_view>

namespace dialtone::plugin {

// All of C++20's, and macros of the headers that generated code includes.
bool IsKeyword(std::string_view name);

// The first part of a dotted package that is a keyword; empty if there is none.
std::string KeywordInPackage(const std::string& package);

// With underscores added until it is neither a keyword nor taken.
std::string FreeName(std::string name, const std::set<std::string>& taken);

// "do_it" and "doIt" become "DoIt".
std::string UpperCamelCase(std::string_view name);

// "::greeter::Outer_Inner", from the global namespace on, so that no name nearer by can come
// between.
std::string QualifiedMessage(const google::protobuf::Descriptor& message);

// A file's name as protoc's code has it in names of its own: another one for every file.
std::string FileIdentifier(const std::string& file);

// Where protoc's code for the file has its descriptors; empty for lite code, which has none.
std::string DescriptorTable(const google::protobuf::FileDescriptor& file);

// What the file's messages and enums, nested ones too, are called in the file's namespace.
std::set<std::string> NamespaceLevelNames(const google::protobuf::FileDescriptor& file);

// Nothing for a file without a package.
void PrintNamespaceOpening(const std::string& package, google::protobuf::io::Printer& printer);
void PrintNamespaceClosing(const std::string& package, google::protobuf::io::Printer& printer);

}  // namespace dialtone::plugin
