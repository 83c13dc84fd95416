#include "schema.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "exit_code.h"
#include "suggest.h"

namespace dial {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

std::vector<std::string> MethodNames(const ServiceDescriptor& service) {
  std::vector<std::string> names;
  names.reserve(static_cast<size_t>(service.method_count()));
  for (int i = 0; i < service.method_count(); ++i) names.push_back(service.method(i)->name());
  return names;
}

bool EndsWithPart(const std::string& name, const std::string& part) {
  return name.size() > part.size() && name[name.size() - part.size() - 1] == '.' &&
         name.compare(name.size() - part.size(), part.size(), part) == 0;
}

// By a server that lists its services and has not linked what describes them.
absl::Status NotDescribed(const std::string& name) {
  return UsageError(absl::StrCat(name,
                                 " is listed by the server's reflection service, which cannot "
                                 "describe it: give dial the schema by --proto FILE or "
                                 "--descriptor-set FILE"));
}

}  // namespace

Schema::Schema(std::unique_ptr<SchemaSource> source)
    : source_(std::move(source)), messages_(&source_->pool()) {}

absl::Status Schema::Unknown(const std::string& what, const std::string& name,
                             const std::vector<std::string>& known) const {
  absl::Status trouble = source_->Trouble();
  if (!trouble.ok()) return trouble;
  if (std::find(known.begin(), known.end(), name) != known.end()) return NotDescribed(name);
  return UsageError(absl::StrCat("there is no ", what, " ", name, DidYouMean(name, known)));
}

absl::StatusOr<const ServiceDescriptor*> Schema::FindService(const std::string& name) {
  if (const ServiceDescriptor* service = pool().FindServiceByName(name)) return service;
  absl::Status trouble = source_->Trouble();
  if (!trouble.ok()) return trouble;
  absl::StatusOr<std::vector<std::string>> names = ServiceNames();
  if (!names.ok()) return names.status();
  std::vector<std::string> ending_so;
  for (const std::string& known : *names) {
    if (EndsWithPart(known, name)) ending_so.push_back(known);
  }
  if (ending_so.size() == 1) {
    if (const ServiceDescriptor* service = pool().FindServiceByName(ending_so[0])) return service;
    return Unknown("service", ending_so[0], *names);
  }
  return Unknown("service", name, *names);
}

absl::StatusOr<const MethodDescriptor*> Schema::FindMethod(const std::string& name) {
  const std::string path = name.substr(name.empty() || name[0] != '/' ? 0 : 1);
  size_t end = path.rfind('/');
  if (end == std::string::npos) end = path.rfind('.');
  if (end == std::string::npos || end == 0 || end + 1 == path.size()) {
    return UsageError(absl::StrCat("\"", name, "\" is no method's name: write pkg.Service/Method"));
  }
  absl::StatusOr<const ServiceDescriptor*> service = FindService(path.substr(0, end));
  if (!service.ok()) return service.status();
  const std::string method_name = path.substr(end + 1);
  if (const MethodDescriptor* method = (*service)->FindMethodByName(method_name)) return method;
  return UsageError(absl::StrCat((*service)->full_name(), " has no method ", method_name,
                                 DidYouMean(method_name, MethodNames(**service))));
}

absl::StatusOr<const Descriptor*> Schema::FindMessage(const std::string& name) {
  if (const Descriptor* message = pool().FindMessageTypeByName(name)) return message;
  return Unknown("message", name, KnownNames());
}

absl::StatusOr<Schema::Symbol> Schema::Find(const std::string& name) {
  Symbol found;
  if (name.find('/') == std::string::npos) {
    found.service = pool().FindServiceByName(name);
    found.message = pool().FindMessageTypeByName(name);
    found.enumeration = pool().FindEnumTypeByName(name);
    if (found.service || found.message || found.enumeration) return found;
    if (absl::StatusOr<const ServiceDescriptor*> service = FindService(name); service.ok()) {
      found.service = *service;
      return found;
    }
  }
  absl::StatusOr<const MethodDescriptor*> method = FindMethod(name);
  if (method.ok()) {
    found.method = *method;
    return found;
  }
  const size_t end = name.find_last_of("./");
  // What it says is of use where the service is known, and only the method is not.
  const bool service_known = end != std::string::npos && FindService(name.substr(0, end)).ok();
  if (service_known || !IsUsageError(method.status()) || name.find('/') != std::string::npos)
    return method.status();
  return Unknown("service, method, message or enum", name, KnownNames());
}

std::vector<std::string> Schema::KnownNames() {
  const absl::StatusOr<std::vector<std::string>> services = ServiceNames();
  std::set<std::string> names;
  if (services.ok()) names.insert(services->begin(), services->end());
  for (const std::string& name : std::vector<std::string>(names.begin(), names.end())) {
    const ServiceDescriptor* service = pool().FindServiceByName(name);
    for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
      names.insert(service->method(i)->input_type()->full_name());
      names.insert(service->method(i)->output_type()->full_name());
    }
  }
  return std::vector<std::string>(names.begin(), names.end());
}

std::string KindOf(const MethodDescriptor& method) {
  if (method.client_streaming())
    return method.server_streaming() ? "bidirectional" : "client streaming";
  return method.server_streaming() ? "server streaming" : "unary";
}

}  // namespace dial
