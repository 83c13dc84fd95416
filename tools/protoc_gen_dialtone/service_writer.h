// Writes the class of a service, which holds its client and the two classes that its handlers
// derive from, here for a method Greet that does not stream and a method Chat that streams both
// ways:
//
//   class Greeter final {
//    public:
//     Greeter() = delete;
//     static constexpr ::std::string_view kServiceName = "greeter.Greeter";
//     static constexpr ::dialtone::Method kGreetMethod{
//         "/greeter.Greeter/Greet", ::dialtone::MethodKind::kUnary};
//     static constexpr ::dialtone::Method kChatMethod{ … };
//
//     class Client { … };
//
//     class Service : public ::dialtone::Service {  // handlers are coroutines
//       …
//       virtual ::dialtone::Task<::absl::Status> Greet(ServerCall&, const Request&, Reply&);
//       virtual ::dialtone::Task<::absl::Status> Chat(ServerCall&, Reader<Request>&,
//                                                     Writer<Reply>&);
//     };
//
//     class PlainService : public ::dialtone::Service {  // handlers return ::absl::Status
//       …
//     };
//   };
//
// Constant static members are inline: one address each in the whole program.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/printer.h>

#include "embedded_comments.h"
#include "service_names.h"

namespace dialtone::plugin {

// For the header: everything above.
void DeclareService(const google::protobuf::ServiceDescriptor& service, const ServiceNames& names,
                    google::protobuf::io::Printer& printer);
// For the source: Service and PlainService. The client's part is in client_writer.h.
void DefineServices(const ServiceNames& names, const EmbeddedComments& comments,
                    google::protobuf::io::Printer& printer);

}  // namespace dialtone::plugin
