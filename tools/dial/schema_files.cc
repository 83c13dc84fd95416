// Schemas from files: .proto sources, and sets of descriptors.
#include <algorithm>
#include <fstream>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "exit_code.h"
#include "google/protobuf/compiler/importer.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/descriptor_database.h"
#include "schema.h"
#include "well_known.h"

namespace dial {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

// Well-known types that no file brings along come from this program.
class WellKnownFiles {
 public:
  google::protobuf::DescriptorDatabase* database() { return &database_; }

 private:
  google::protobuf::DescriptorPoolDatabase database_{WellKnownPool()};
};

std::vector<std::string> NamesOf(const std::vector<const FileDescriptor*>& files) {
  std::vector<std::string> names;
  for (const FileDescriptor* file : files) {
    for (int i = 0; i < file->service_count(); ++i) names.push_back(file->service(i)->full_name());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Errors final : public google::protobuf::compiler::MultiFileErrorCollector {
 public:
  void AddError(const std::string& file, int line, int column,
                const std::string& message) override {
    texts_.push_back(line < 0 ? absl::StrCat(file, ": ", message)
                              : absl::StrCat(file, ":", line + 1, ":", column + 1, ": ", message));
  }
  void AddWarning(const std::string&, int, int, const std::string&) override {}

  absl::Status ToStatus(const std::string& file) const {
    if (texts_.empty()) return UsageError(absl::StrCat("cannot read ", file));
    return UsageError(absl::StrJoin(texts_, "\n     "));
  }

 private:
  std::vector<std::string> texts_;
};

class ProtoFiles final : public SchemaSource {
 public:
  explicit ProtoFiles(const std::vector<std::string>& import_dirs) {
    for (const std::string& directory : import_dirs) tree_.MapPath("", directory);
    tree_.MapPath("", ".");
    database_.RecordErrorsTo(&errors_);
  }

  absl::Status Load(const std::vector<std::string>& files) {
    for (const std::string& file : files) {
      const FileDescriptor* read = pool_.FindFileByName(Virtual(file));
      if (read == nullptr) return errors_.ToStatus(file);
      files_.push_back(read);
    }
    return absl::OkStatus();
  }

  const DescriptorPool& pool() const override { return pool_; }
  absl::StatusOr<std::vector<std::string>> ServiceNames() override { return NamesOf(files_); }
  absl::Status Trouble() const override { return absl::OkStatus(); }

 private:
  // A file's name below the import directory that holds it, as protoc wants it. The folder of a file that lies below none
  // becomes one.
  std::string Virtual(const std::string& file) {
    std::string name, shadowing;
    using Tree = google::protobuf::compiler::DiskSourceTree;
    if (tree_.DiskFileToVirtualFile(file, &name, &shadowing) == Tree::SUCCESS) return name;
    const size_t slash = file.rfind('/');
    if (slash == std::string::npos || !std::ifstream(file)) return file;
    tree_.MapPath("", slash == 0 ? "/" : file.substr(0, slash));
    return file.substr(slash + 1);
  }

  google::protobuf::compiler::DiskSourceTree tree_;
  Errors errors_;
  WellKnownFiles well_known_;
  google::protobuf::compiler::SourceTreeDescriptorDatabase database_{&tree_,
                                                                     well_known_.database()};
  DescriptorPool pool_{&database_, database_.GetValidationErrorCollector()};
  std::vector<const FileDescriptor*> files_;
};

class DescriptorSet final : public SchemaSource {
 public:
  absl::Status Load(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    google::protobuf::FileDescriptorSet set;
    if (!file) return UsageError(absl::StrCat("cannot read ", path));
    if (!set.ParseFromIstream(&file) || set.file_size() == 0) {
      return UsageError(absl::StrCat(
          path, " is no set of descriptors as protoc --descriptor_set_out writes them"));
    }
    for (const google::protobuf::FileDescriptorProto& one : set.file()) own_.Add(one);
    for (const google::protobuf::FileDescriptorProto& one : set.file()) {
      const FileDescriptor* built = pool_.FindFileByName(one.name());
      if (built == nullptr) {
        return UsageError(absl::StrCat(
            path, ": ", one.name(),
            " imports what is not in the set (protoc --include_imports writes it all)"));
      }
      files_.push_back(built);
    }
    return absl::OkStatus();
  }

  const DescriptorPool& pool() const override { return pool_; }
  absl::StatusOr<std::vector<std::string>> ServiceNames() override { return NamesOf(files_); }
  absl::Status Trouble() const override { return absl::OkStatus(); }

 private:
  // What is wrong with a set is said once, by Load().
  class Silent final : public DescriptorPool::ErrorCollector {
    void AddError(const std::string&, const std::string&, const google::protobuf::Message*,
                  ErrorLocation, const std::string&) override {}
  };

  google::protobuf::SimpleDescriptorDatabase own_;
  WellKnownFiles well_known_;
  google::protobuf::MergedDescriptorDatabase database_{&own_, well_known_.database()};
  Silent silent_;
  DescriptorPool pool_{&database_, &silent_};
  std::vector<const FileDescriptor*> files_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Schema>> Schema::FromFiles(
    const std::vector<std::string>& files, const std::vector<std::string>& import_dirs) {
  auto source = std::make_unique<ProtoFiles>(import_dirs);
  absl::Status loaded = source->Load(files);
  if (!loaded.ok()) return loaded;
  return std::make_unique<Schema>(std::move(source));
}

absl::StatusOr<std::unique_ptr<Schema>> Schema::FromDescriptorSet(const std::string& file) {
  auto source = std::make_unique<DescriptorSet>();
  absl::Status loaded = source->Load(file);
  if (!loaded.ok()) return loaded;
  return std::make_unique<Schema>(std::move(source));
}

}  // namespace dial
