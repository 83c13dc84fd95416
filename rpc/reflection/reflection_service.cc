// grpc.reflection.v1.ServerReflection (proto/grpc/reflection/v1/reflection.proto) on every server.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <string>
#include <unordered_set>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/when_any.h"
#include "dialtone/transport/absl_strings.h"
#include "grpc/reflection/v1/reflection.dialtone.h"
#include "health.h"
#include "reflection.h"

namespace dialtone::internal {
namespace {

namespace v1 = ::grpc::reflection::v1;
using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using Services = std::vector<std::unique_ptr<Service>>;

// What comes is sent back, so it is held against what a name may sensibly have, not against what a message may.
constexpr size_t kRequestBytesMax = 4096;
// Looking a name up that is not there takes Protobuf time with the square of its parts, and its parts may be empty.
constexpr size_t kNameBytesMax = 512;

// Whether a program may have something of that name.
absl::Status CheckName(std::string_view name) {
  if (name.size() > kNameBytesMax) {
    return absl::NotFoundError(
        absl::StrCat("reflection: nothing has a name of more than ", kNameBytesMax, " bytes"));
  }
  if (!name.empty() &&
      (name.front() == '.' || name.back() == '.' || name.find("..") != std::string_view::npos)) {
    return absl::NotFoundError("reflection: nothing has a name with an empty part");
  }
  return absl::OkStatus();
}

// One stream: answers requests, and remembers which files it has sent. They are this program's own, so there is no need to
// bound them.
class Answerer {
 public:
  explicit Answerer(const Services& services) : services_(services) {}

  void Answer(const v1::ServerReflectionRequest& request, v1::ServerReflectionResponse& reply) {
    reply.Clear();
    reply.set_valid_host(request.host());
    *reply.mutable_original_request() = request;
    absl::Status status = CheckName(NameIn(request));
    if (status.ok()) status = TryToAnswer(request, reply);
    if (status.ok()) return;
    v1::ErrorResponse& error = *reply.mutable_error_response();
    error.set_error_code(static_cast<int>(status.code()));
    error.set_error_message(std::string(ToStd(status.message())));
  }

 private:
  static std::string_view NameIn(const v1::ServerReflectionRequest& request) {
    switch (request.message_request_case()) {
      case v1::ServerReflectionRequest::kFileContainingSymbol:
        return request.file_containing_symbol();
      case v1::ServerReflectionRequest::kFileContainingExtension:
        return request.file_containing_extension().containing_type();
      case v1::ServerReflectionRequest::kAllExtensionNumbersOfType:
        return request.all_extension_numbers_of_type();
      default:
        return "";  // files' names have no parts
    }
  }

  absl::Status TryToAnswer(const v1::ServerReflectionRequest& request,
                           v1::ServerReflectionResponse& reply) {
    switch (request.message_request_case()) {
      case v1::ServerReflectionRequest::kFileByFilename:
        return SendFile(pool_.FindFileByName(request.file_by_filename()), "file",
                        request.file_by_filename(), reply);
      case v1::ServerReflectionRequest::kFileContainingSymbol:
        return SendFileOfSymbol(request.file_containing_symbol(), reply);
      case v1::ServerReflectionRequest::kFileContainingExtension:
        return SendFileOfExtension(request.file_containing_extension(), reply);
      case v1::ServerReflectionRequest::kAllExtensionNumbersOfType:
        return ListExtensions(request.all_extension_numbers_of_type(), reply);
      case v1::ServerReflectionRequest::kListServices:
        for (const auto& service : services_) {
          reply.mutable_list_services_response()->add_service()->set_name(
              std::string(service->service_name()));
        }
        return absl::OkStatus();
      case v1::ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET:
        break;
    }
    return absl::UnimplementedError("reflection: a request for nothing that is known here");
  }

  absl::Status SendFileOfSymbol(const std::string& symbol, v1::ServerReflectionResponse& reply) {
    const FileDescriptor* file = pool_.FindFileContainingSymbol(symbol);
    if (file == nullptr && IsOfAService(symbol)) {
      return absl::NotFoundError(absl::StrCat(
          "reflection: ", symbol, " is served, but this program has no descriptor of it, ",
          "as with option optimize_for = LITE_RUNTIME"));
    }
    return SendFile(file, "symbol", symbol, reply);
  }

  absl::Status SendFileOfExtension(const v1::ExtensionRequest& request,
                                   v1::ServerReflectionResponse& reply) {
    const Descriptor* type = pool_.FindMessageTypeByName(request.containing_type());
    if (type == nullptr) return Unknown("message", request.containing_type());
    const FieldDescriptor* extension =
        pool_.FindExtensionByNumber(type, request.extension_number());
    return SendFile(extension == nullptr ? nullptr : extension->file(), "extension",
                    absl::StrCat(type->full_name(), " ", request.extension_number()), reply);
  }

  absl::Status ListExtensions(const std::string& name, v1::ServerReflectionResponse& reply) {
    const Descriptor* type = pool_.FindMessageTypeByName(name);
    if (type == nullptr) return Unknown("message", name);
    v1::ExtensionNumberResponse& found = *reply.mutable_all_extension_numbers_response();
    found.set_base_type_name(name);
    std::vector<const FieldDescriptor*> extensions;
    pool_.FindAllExtensions(type, &extensions);
    for (const FieldDescriptor* extension : extensions)
      found.add_extension_number(extension->number());
    return absl::OkStatus();
  }

  // The file itself always, even if it was sent before: whoever asks for it gets it.
  absl::Status SendFile(const FileDescriptor* file, std::string_view kind, std::string_view name,
                        v1::ServerReflectionResponse& reply) {
    if (file == nullptr) return Unknown(kind, name);
    v1::FileDescriptorResponse& files = *reply.mutable_file_descriptor_response();
    sent_.insert(file);
    std::vector<const FileDescriptor*> to_send{file};
    for (size_t i = 0; i < to_send.size(); ++i) {
      google::protobuf::FileDescriptorProto proto;
      to_send[i]->CopyTo(&proto);
      AddComments(proto);
      proto.SerializeToString(files.add_file_descriptor_proto());
      for (int d = 0; d < to_send[i]->dependency_count(); ++d) {
        const FileDescriptor* dependency = to_send[i]->dependency(d);
        if (sent_.insert(dependency).second) to_send.push_back(dependency);
      }
    }
    return absl::OkStatus();
  }

  // Descriptors in a program have no comments; services bring those of the files that they use.
  void AddComments(google::protobuf::FileDescriptorProto& proto) const {
    for (const auto& service : services_) {
      for (const FileComments& comments : service->file_comments()) {
        if (comments.file != proto.name()) continue;
        proto.mutable_source_code_info()->ParseFromArray(
            comments.source_code_info.data(), static_cast<int>(comments.source_code_info.size()));
        return;
      }
    }
  }

  static absl::Status Unknown(std::string_view kind, std::string_view name) {
    return absl::NotFoundError(
        absl::StrCat("reflection: no ", ToAbsl(kind), " ", ToAbsl(name), " in this program"));
  }

  // "package.Service", "package.Service.Method"
  bool IsOfAService(std::string_view symbol) const {
    return std::any_of(services_.begin(), services_.end(), [symbol](const auto& service) {
      const std::string_view name = service->service_name();
      return symbol.starts_with(name) &&
             (symbol.size() == name.size() || symbol[name.size()] == '.');
    });
  }

  const Services& services_;
  const DescriptorPool& pool_ = *DescriptorPool::generated_pool();
  std::unordered_set<const FileDescriptor*> sent_;
};

// Null: the client sends no more, or this was given up.
Task<v1::ServerReflectionRequest*> Next(Reader<v1::ServerReflectionRequest>& reader) {
  co_return co_await reader.Read();
}
Task<v1::ServerReflectionRequest*> Drain(Health& health) {
  const Context context = Context::Current();
  while (!context.cancelled()) {
    Health::Change change(health);
    if (health.draining()) break;
    co_await change;
  }
  co_return nullptr;
}

class ReflectionService final : public v1::ServerReflection::Service {
 public:
  ReflectionService(const Services& services, Health& health)
      : services_(services), health_(health) {}

 private:
  Task<absl::Status> ServerReflectionInfo(ServerCall& call,
                                          Reader<v1::ServerReflectionRequest>& reader,
                                          Writer<v1::ServerReflectionResponse>& writer) override {
    Answerer answerer(services_);
    v1::ServerReflectionResponse reply;
    // A stream that waits for requests would hold up the drain.
    while (!health_.draining()) {
      const v1::ServerReflectionRequest* request = co_await Race(Next(reader), Drain(health_));
      if (request == nullptr) break;
      if (request->ByteSizeLong() > kRequestBytesMax) {
        co_return absl::InvalidArgumentError(
            absl::StrCat("reflection: a request of more than ", kRequestBytesMax, " bytes"));
      }
      // It would be held until the next request.
      if (!reader.attachment().empty())
        co_return absl::InvalidArgumentError("reflection: a request with an attachment");
      answerer.Answer(*request, reply);
      const bool open = co_await writer.Write(reply);
      if (!open) break;
    }
    if (health_.draining()) co_return absl::UnavailableError("reflection: the server shuts down");
    co_return call.context().status();
  }

  const Services& services_;
  Health& health_;
};

}  // namespace

std::unique_ptr<Service> MakeReflectionService(const Services& services, Health& health) {
  return std::make_unique<ReflectionService>(services, health);
}

std::string_view ReflectionServiceName() { return v1::ServerReflection::kServiceName; }

}  // namespace dialtone::internal
