// What services and messages there are, and what they look like: from .proto files, from a set of descriptors that protoc
// wrote (--descriptor_set_out), or from the server itself by its reflection service.
//
//   auto schema = Schema::FromFiles({"echo/echo.proto"}, {"proto"});
//   auto method = (*schema)->FindMethod("echo.Echo/Echo");
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dialtone/rpc/call_options.h"
#include "dialtone/rpc/channel.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"

namespace dial {

// Where the descriptors of one kind of schema come from.
class SchemaSource {
 public:
  virtual ~SchemaSource() = default;
  // May ask a server for what it does not hold yet.
  virtual const google::protobuf::DescriptorPool& pool() const = 0;
  // Full names, sorted.
  virtual absl::StatusOr<std::vector<std::string>> ServiceNames() = 0;
  // Why pool() knew less than there is: the server could not be asked, an import is missing.
  virtual absl::Status Trouble() const = 0;
  // So that it asks again.
  virtual void ForgetTrouble() {}
  // Questions to a server have these from now on.
  virtual void AskWith(const dialtone::CallOptions& options) {}
};

// Used by one thread. All descriptors and messages that come from it live as long as it.
class Schema {
 public:
  // USAGE (exit_code.h) if a file cannot be read or is wrong; the text says where.
  static absl::StatusOr<std::unique_ptr<Schema>> FromFiles(
      const std::vector<std::string>& files, const std::vector<std::string>& import_dirs);
  static absl::StatusOr<std::unique_ptr<Schema>> FromDescriptorSet(const std::string& file);
  // Asks nothing yet. Each question has the metadata of `options`, and their timeout if that is shorter than 15 s.
  static std::unique_ptr<Schema> FromServer(dialtone::Channel& channel,
                                            const dialtone::CallOptions& options);

  explicit Schema(std::unique_ptr<SchemaSource> source);

  const google::protobuf::DescriptorPool& pool() const { return source_->pool(); }
  google::protobuf::MessageFactory& messages() { return messages_; }
  absl::StatusOr<std::vector<std::string>> ServiceNames() { return source_->ServiceNames(); }
  // What a server could not tell is asked for again; without this, a server that failed once is not bothered a second time.
  void ForgetTrouble() { source_->ForgetTrouble(); }
  // As FromServer(): metadata and timeout may change between one command and the next.
  void AskWith(const dialtone::CallOptions& options) { source_->AskWith(options); }

  // By its full name, or by the last part of it where one service only has that. An unknown name is a USAGE error that says
  // which names are near; if the server could not be asked, what it said instead.
  absl::StatusOr<const google::protobuf::ServiceDescriptor*> FindService(const std::string& name);
  // "pkg.Service/Method", "/pkg.Service/Method" or "pkg.Service.Method".
  absl::StatusOr<const google::protobuf::MethodDescriptor*> FindMethod(const std::string& name);
  absl::StatusOr<const google::protobuf::Descriptor*> FindMessage(const std::string& name);

  // One of these is set.
  struct Symbol {
    const google::protobuf::ServiceDescriptor* service = nullptr;
    const google::protobuf::MethodDescriptor* method = nullptr;
    const google::protobuf::Descriptor* message = nullptr;
    const google::protobuf::EnumDescriptor* enumeration = nullptr;
  };
  absl::StatusOr<Symbol> Find(const std::string& name);

 private:
  // Of all services and of the messages that their methods take and give.
  std::vector<std::string> KnownNames();
  absl::Status Unknown(const std::string& what, const std::string& name,
                       const std::vector<std::string>& known) const;

  const std::unique_ptr<SchemaSource> source_;
  google::protobuf::DynamicMessageFactory messages_;
};

// "unary", "client streaming", "server streaming" or "bidirectional".
std::string KindOf(const google::protobuf::MethodDescriptor& method);

}  // namespace dial
