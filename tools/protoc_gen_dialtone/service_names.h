// The C++ names in one service's generated code, and what else its writers ask of the methods. A
// name that C++ or the generated class needs for itself gets an underscore behind it; what travels
// (paths) is always the name in the .proto.
#pragma once

#include <google/protobuf/descriptor.h>

#include <map>
#include <string>
#include <vector>

namespace dialtone::plugin {

// A value, alike in every run for one .proto file.
class ServiceNames {
 public:
  struct Method {
    std::string function;  // "Greet"
    std::string constant;  // "kGreetMethod"
    std::string path;      // "/greeter.Greeter/Greet"
    std::string request;   // "::greeter::GreetRequest"
    std::string reply;     // "::greeter::GreetReply"
    bool client_streams = false;
    bool server_streams = false;
    // "kNoSideEffects"; empty where the .proto does not say.
    std::string idempotency;

    bool streams() const { return client_streams || server_streams; }
    // "kServerStreaming"
    std::string Kind() const;

    // As variables of a Printer, with the service's class as "class".
    std::map<std::string, std::string> Variables(const std::string& class_name) const;
  };

  explicit ServiceNames(const google::protobuf::ServiceDescriptor& service);

  // The class that holds the others: "Greeter".
  const std::string& class_name() const { return class_name_; }
  // In the order of the .proto.
  const std::vector<Method>& methods() const { return methods_; }
  // Whether any of them streams.
  bool streams() const;

 private:
  void NameFunctions(const google::protobuf::ServiceDescriptor& service);
  void NameConstants(const google::protobuf::ServiceDescriptor& service);
  void NameClass(const google::protobuf::ServiceDescriptor& service);

  std::string class_name_;
  std::vector<Method> methods_;
};

}  // namespace dialtone::plugin
