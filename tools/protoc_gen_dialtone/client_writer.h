// Writes the class that calls a service:
//
//   class Client {
//    public:
//     explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}
//     ::dialtone::Call<Reply> Greet(const Request& request) const;
//     ::dialtone::Call<Reply> Greet(const Request& request, const CallOptions& options) const;
//     …
//
// A method that streams returns ClientReader<Reply>, ClientWriter<Request, Reply> or
// ClientReaderWriter<Request, Reply> in the place of Call<Reply>; where the client streams, it
// takes no request, for requests are written to what it returns.
//
// Two overloads and no default argument: g++ 12 destroys a default argument twice where the call is
// awaited.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/printer.h>

#include "service_names.h"

namespace dialtone::plugin {

// Into the class of the service, indented by its caller.
void DeclareClient(const google::protobuf::ServiceDescriptor& service, const ServiceNames& names,
                   google::protobuf::io::Printer& printer);
void DefineClient(const ServiceNames& names, google::protobuf::io::Printer& printer);

}  // namespace dialtone::plugin
