// Writes the class of a service, which holds its client and the two classes that its handlers
// derive from:
//
//   class Greeter final {
//    public:
//     Greeter() = delete;
//     static constexpr ::std::string_view kServiceName = "greeter.Greeter";
//     static constexpr ::dialtone::Method kGreetMethod{"/greeter.Greeter/Greet",
//     ::dialtone::MethodKind::kUnary}; class Client { … }; class Service : public
//     ::dialtone::Service { … };         // handlers are coroutines class PlainService : public
//     ::dialtone::Service { … };    // handlers are plain functions
//   };
//
// Constant static members are inline: one address each in the whole program.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/printer.h>

#include "service_names.h"

namespace dialtone::plugin {

// For the header: everything above.
void DeclareService(const google::protobuf::ServiceDescriptor& service, const ServiceNames& names,
                    google::protobuf::io::Printer& printer);
// For the source: Service and PlainService. The client's part is in client_writer.h.
void DefineServices(const ServiceNames& names, google::protobuf::io::Printer& printer);

}  // namespace dialtone::plugin
