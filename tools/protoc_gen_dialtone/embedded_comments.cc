#include "embedded_comments.h"

#include <google/protobuf/descriptor.pb.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <set>

#include "cpp_names.h"

namespace dialtone::plugin {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::MethodDescriptor;
using google::protobuf::SourceCodeInfo;
using google::protobuf::io::Printer;

using FilesByName = std::map<std::string, const FileDescriptor*>;

// The files that messages, their fields, those' fields and so on are declared in.
class FilesOfMessages {
 public:
  void Add(const FileDescriptor& file) { files_.emplace(file.name(), &file); }
  void Add(const Descriptor& message) {
    if (!seen_.insert(&message).second) return;
    Add(*message.file());
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      if (field.message_type() != nullptr) Add(*field.message_type());
      if (field.enum_type() != nullptr) Add(*field.enum_type()->file());
    }
  }

  const FilesByName& files() const { return files_; }

 private:
  std::set<const Descriptor*> seen_;
  FilesByName files_;
};

FilesByName FilesOfServices(const FileDescriptor& file) {
  FilesOfMessages files;
  files.Add(file);
  for (int i = 0; i < file.service_count(); ++i) {
    for (int m = 0; m < file.service(i)->method_count(); ++m) {
      const MethodDescriptor& method = *file.service(i)->method(m);
      files.Add(*method.input_type());
      files.Add(*method.output_type());
    }
  }
  return files.files();
}

bool MayEmbed(const FileDescriptor& file, const PluginOptions& options) {
  const std::string& name = file.name();
  // Lite code has no descriptors, so nobody could ask for it.
  const bool lite = file.options().optimize_for() == google::protobuf::FileOptions::LITE_RUNTIME;
  return !lite && name.rfind("google/protobuf/", 0) != 0 &&
         options.files_without_comments.count(name) == 0;
}

// Every second step of a path says which of a repeated field's; what is defined has a name there.
bool LeadsToDefinition(const google::protobuf::RepeatedField<int>& path) {
  const Descriptor* type = FileDescriptorProto::descriptor();
  for (int i = 0; i < path.size(); i += 2) {
    const FieldDescriptor* field = type->FindFieldByNumber(path[i]);
    if (field == nullptr || !field->is_repeated() || field->message_type() == nullptr) return false;
    type = field->message_type();
  }
  return !path.empty() && path.size() % 2 == 0 && type->FindFieldByName("name") != nullptr;
}

std::string SerializedComments(const FileDescriptor& file) {
  FileDescriptorProto proto;
  file.CopySourceCodeInfoTo(&proto);
  SourceCodeInfo kept;
  for (SourceCodeInfo::Location& location : *proto.mutable_source_code_info()->mutable_location()) {
    const bool commented = location.has_leading_comments() || location.has_trailing_comments();
    if (!commented || !LeadsToDefinition(location.path())) continue;
    location.clear_leading_detached_comments();
    // Where it stands in the file stays: readers of descriptors want a position for every comment.
    *kept.add_location() = std::move(location);
  }
  return kept.SerializeAsString();
}

// FNV-1a, of 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
std::string Hash(const std::string& bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  char hex[17];
  std::snprintf(hex, sizeof(hex), "%016llx", static_cast<unsigned long long>(hash));
  return hex;
}

// Of the constant that all who embed a file's comments share; where two were built from different texts of it,
// each has its own.
std::string ConstantFor(const std::string& file, const std::string& comments) {
  return "kCommentsOf_" + FileIdentifier(file) + "_" + Hash(comments);
}

// As the inside of a string literal.
std::string Escaped(char c) {
  if (c == '\n') return "\\n";
  // A question mark may begin a trigraph.
  if (c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '?') return {c};
  char octal[5];
  std::snprintf(octal, sizeof(octal), "\\%03o", static_cast<unsigned char>(c));
  return octal;
}

// In lines, indented, the last of which is not ended.
std::string Literal(const std::string& bytes) {
  constexpr size_t kColumns = 90;
  std::string literal, line;
  const auto end_line = [&] {
    if (!line.empty()) literal += "\n    \"" + line + "\"";
    line.clear();
  };
  for (const char c : bytes) {
    line += Escaped(c);
    // The few bytes in front of a comment may be newlines, too.
    if ((c == '\n' && line.size() > 20) || line.size() >= kColumns) end_line();
  }
  end_line();
  return literal;
}

}  // namespace

EmbeddedComments::EmbeddedComments(const FileDescriptor& file, const PluginOptions& options)
    : file_(file.name()) {
  if (file.service_count() == 0 || options.no_comments) return;
  for (const auto& [name, used] : FilesOfServices(file)) {
    std::string comments = MayEmbed(*used, options) ? SerializedComments(*used) : "";
    if (!comments.empty()) comments_.emplace_back(name, std::move(comments));
  }
}

void EmbeddedComments::Define(Printer& printer) const {
  if (comments_.empty()) return;
  printer.Print(
      "\n"
      "// Comments of .proto files, for the reflection service: of each file a serialised\n"
      "// google.protobuf.SourceCodeInfo.\n"
      "namespace dialtone::internal {\n");
  for (const auto& [name, bytes] : comments_) {
    printer.Print("inline constexpr char $name$[] =$literal$;\n", "name", ConstantFor(name, bytes),
                  "literal", Literal(bytes));
  }
  printer.Print(
      "namespace {\n"
      "constexpr FileComments kCommentsFor_$file$[] = {\n",
      "file", FileIdentifier(file_));
  for (const auto& [name, bytes] : comments_) {
    printer.Print("    {\"$file$\", {$name$, sizeof($name$) - 1}},\n", "file", name, "name",
                  ConstantFor(name, bytes));
  }
  printer.Print(
      "};\n"
      "}  // namespace\n"
      "}  // namespace dialtone::internal\n");
}

std::string EmbeddedComments::name() const {
  return comments_.empty() ? "" : "::dialtone::internal::kCommentsFor_" + FileIdentifier(file_);
}

}  // namespace dialtone::plugin
