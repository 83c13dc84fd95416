#include "service_names.h"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <set>

#include "cpp_names.h"

namespace dialtone::plugin {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::MethodOptions;
using google::protobuf::ServiceDescriptor;

// Classes and members of the generated class, and members of dialtone::Service, which the handlers
// stand beside.
const std::set<std::string>& NamesOfMembers() {
  static const std::set<std::string>& names = *new std::set<std::string>{
      "Client",          "PlainService", "Service",          "kServiceName", "AddMethod",
      "method_handlers", "service_name", "method_handlers_", "channel_",     "service_name_"};
  return names;
}

// What generated code itself names in the global namespace.
const std::set<std::string>& GlobalNamespaces() {
  static const std::set<std::string>& names =
      *new std::set<std::string>{"absl", "dialtone", "google", "std"};
  return names;
}

std::string NameOfIdempotency(MethodOptions::IdempotencyLevel level) {
  switch (level) {
    case MethodOptions::NO_SIDE_EFFECTS:
      return "kNoSideEffects";
    case MethodOptions::IDEMPOTENT:
      return "kIdempotent";
    case MethodOptions::IDEMPOTENCY_UNKNOWN:
      break;
  }
  return "";
}

}  // namespace

std::string ServiceNames::Method::Kind() const {
  if (client_streams && server_streams) return "kBidirectionalStreaming";
  if (client_streams) return "kClientStreaming";
  if (server_streams) return "kServerStreaming";
  return "kUnary";
}

std::map<std::string, std::string> ServiceNames::Method::Variables(
    const std::string& class_name) const {
  return {{"class", class_name}, {"constant", constant}, {"function", function}, {"kind", Kind()},
          {"path", path},        {"reply", reply},       {"request", request}};
}

ServiceNames::ServiceNames(const ServiceDescriptor& service) {
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodDescriptor& method = *service.method(i);
    Method names;
    names.path = "/" + service.full_name() + "/" + method.name();
    names.request = QualifiedMessage(*method.input_type());
    names.reply = QualifiedMessage(*method.output_type());
    names.client_streams = method.client_streaming();
    names.server_streams = method.server_streaming();
    names.idempotency = NameOfIdempotency(method.options().idempotency_level());
    methods_.push_back(std::move(names));
  }
  NameFunctions(service);
  NameConstants(service);
  NameClass(service);
}

bool ServiceNames::streams() const {
  return std::any_of(methods_.begin(), methods_.end(),
                     [](const Method& method) { return method.streams(); });
}

// Names that may stay as they are go first, so that a method named "new_" keeps its name beside one
// named "new".
void ServiceNames::NameFunctions(const ServiceDescriptor& service) {
  std::set<std::string> taken = NamesOfMembers();
  for (const bool may_stay : {true, false}) {
    for (int i = 0; i < service.method_count(); ++i) {
      const std::string& name = service.method(i)->name();
      const bool stays = !IsKeyword(name) && NamesOfMembers().count(name) == 0;
      if (stays != may_stay) continue;
      methods_[i].function = stays ? name : FreeName(name, taken);
      taken.insert(methods_[i].function);
    }
  }
}

void ServiceNames::NameConstants(const ServiceDescriptor& service) {
  std::set<std::string> taken = NamesOfMembers();
  for (int i = 0; i < service.method_count(); ++i) {
    methods_[i].constant =
        FreeName("k" + UpperCamelCase(service.method(i)->name()) + "Method", taken);
    taken.insert(methods_[i].constant);
  }
}

// A class may hold nothing of its own name, and its name must be free in the namespace around it.
void ServiceNames::NameClass(const ServiceDescriptor& service) {
  std::set<std::string> taken = NamespaceLevelNames(*service.file());
  taken.insert({"Client", "PlainService", "Service", "kServiceName"});
  for (const Method& method : methods_) taken.insert(method.constant);
  if (service.file()->package().empty())
    taken.insert(GlobalNamespaces().begin(), GlobalNamespaces().end());
  for (int i = 0; i < service.file()->service_count(); ++i) {
    const std::string& other = service.file()->service(i)->name();
    if (other != service.name() && !IsKeyword(other)) taken.insert(other);
  }
  class_name_ = FreeName(service.name(), taken);
}

}  // namespace dialtone::plugin
