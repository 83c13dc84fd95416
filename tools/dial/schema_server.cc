// Schemas from servers: grpc.reflection.v1.ServerReflection, asked for no more than is needed.
#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/call_options.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/descriptor_database.h"
#include "grpc/reflection/v1/reflection.dialtone.h"
#include "interrupt.h"
#include "schema.h"
#include "well_known.h"

namespace dial {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptorProto;
using grpc::reflection::v1::ServerReflection;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

constexpr absl::Duration kAnswerMax = absl::Seconds(15);

// Any number may come: what is no error's is UNKNOWN.
absl::StatusCode ErrorCode(int code) {
  return code >= 1 && code <= 16 ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kUnknown;
}

// One question, one answer. NOT_FOUND and the like if the server says so.
absl::StatusOr<ServerReflectionResponse> Ask(dialtone::Channel& channel,
                                             const dialtone::CallOptions& options,
                                             const ServerReflectionRequest& question) {
  const ServerReflection::Client reflection(channel);
  auto stream = reflection.ServerReflectionInfo(options);
  const WhenInterrupted cancel([&stream] { stream.Cancel(); });
  ServerReflectionResponse answer;
  const bool sent = stream.WriteLast(question).Wait();
  ServerReflectionResponse* read = sent ? stream.Read().Wait() : nullptr;
  const bool answered = read != nullptr;
  if (answered) answer = std::move(*read);
  absl::Status ended = stream.Finish().Wait();
  if (!answered && absl::IsUnimplemented(ended)) {
    return absl::UnimplementedError(absl::StrCat(channel.target(),
                                                 " has no reflection service: give dial the schema "
                                                 "by --proto FILE or --descriptor-set FILE"));
  }
  if (!ended.ok()) return ended;
  if (!answered)
    return absl::InternalError(
        absl::StrCat(channel.target(), ": the reflection service has not answered"));
  if (answer.has_error_response()) {
    return absl::Status(ErrorCode(answer.error_response().error_code()),
                        absl::StrCat("reflection: ", answer.error_response().error_message()));
  }
  return answer;
}

// The files that a server tells of, kept once they are known. What it cannot tell is remembered as trouble, unless it is that
// there is no such thing.
class ServerFiles final : public google::protobuf::DescriptorDatabase {
 public:
  ServerFiles(dialtone::Channel& channel, const dialtone::CallOptions& options)
      : channel_(channel), options_(options) {}

  bool FindFileByName(const std::string& name, FileDescriptorProto* file) override {
    if (known_.FindFileByName(name, file)) return true;
    ServerReflectionRequest question;
    question.set_file_by_filename(name);
    return Learn(question) && known_.FindFileByName(name, file);
  }

  bool FindFileContainingSymbol(const std::string& symbol, FileDescriptorProto* file) override {
    if (known_.FindFileContainingSymbol(symbol, file)) return true;
    ServerReflectionRequest question;
    question.set_file_containing_symbol(symbol);
    return Learn(question) && known_.FindFileContainingSymbol(symbol, file);
  }

  bool FindFileContainingExtension(const std::string& type, int number,
                                   FileDescriptorProto* file) override {
    if (known_.FindFileContainingExtension(type, number, file)) return true;
    ServerReflectionRequest question;
    question.mutable_file_containing_extension()->set_containing_type(type);
    question.mutable_file_containing_extension()->set_extension_number(number);
    return Learn(question) && known_.FindFileContainingExtension(type, number, file);
  }

  const absl::Status& trouble() const { return trouble_; }
  void ForgetTrouble() { trouble_ = absl::OkStatus(); }

 private:
  bool Learn(const ServerReflectionRequest& question) {
    if (!trouble_.ok()) return false;
    const absl::StatusOr<ServerReflectionResponse> answer = Ask(channel_, options_, question);
    if (!answer.ok()) {
      if (!absl::IsNotFound(answer.status())) trouble_ = answer.status();
      return false;
    }
    for (const std::string& bytes : answer->file_descriptor_response().file_descriptor_proto()) {
      FileDescriptorProto file;
      if (!file.ParseFromString(bytes)) {
        trouble_ = absl::DataLossError(
            absl::StrCat(channel_.target(), ": its reflection service sends no descriptors"));
        return false;
      }
      if (names_.insert(file.name()).second) known_.Add(file);
    }
    return true;
  }

  dialtone::Channel& channel_;
  const dialtone::CallOptions& options_;
  google::protobuf::SimpleDescriptorDatabase known_;
  std::set<std::string> names_;
  absl::Status trouble_;
};

class ServerSource final : public SchemaSource {
 public:
  ServerSource(dialtone::Channel& channel, const dialtone::CallOptions& options)
      : channel_(channel), files_(channel, options_) {
    AskWith(options);
  }

  const DescriptorPool& pool() const override { return pool_; }

  absl::StatusOr<std::vector<std::string>> ServiceNames() override {
    if (names_.has_value()) return *names_;
    ServerReflectionRequest question;
    question.set_list_services("*");
    const absl::StatusOr<ServerReflectionResponse> answer = Ask(channel_, options_, question);
    if (!answer.ok()) return answer.status();
    std::vector<std::string> names;
    for (const auto& service : answer->list_services_response().service())
      names.push_back(service.name());
    std::sort(names.begin(), names.end());
    names_ = names;
    return names;
  }

  absl::Status Trouble() const override { return files_.trouble(); }
  void ForgetTrouble() override { files_.ForgetTrouble(); }
  void AskWith(const dialtone::CallOptions& options) override {
    options_ = options;
    options_.set_timeout(std::min(options.timeout().value_or(kAnswerMax), kAnswerMax));
  }

 private:
  // Files of servers are as they are: what the pool misses in them shows where a name is not found.
  class Silent final : public DescriptorPool::ErrorCollector {
    void AddError(const std::string&, const std::string&, const google::protobuf::Message*,
                  ErrorLocation, const std::string&) override {}
  };

  dialtone::Channel& channel_;
  dialtone::CallOptions options_;
  std::optional<std::vector<std::string>> names_;
  ServerFiles files_;
  google::protobuf::DescriptorPoolDatabase well_known_{WellKnownPool()};
  google::protobuf::MergedDescriptorDatabase database_{&files_, &well_known_};
  Silent silent_;
  DescriptorPool pool_{&database_, &silent_};
};

}  // namespace

std::unique_ptr<Schema> Schema::FromServer(dialtone::Channel& channel,
                                           const dialtone::CallOptions& options) {
  return std::make_unique<Schema>(std::make_unique<ServerSource>(channel, options));
}

}  // namespace dial
