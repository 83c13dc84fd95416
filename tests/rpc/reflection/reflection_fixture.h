// A shop whose reflection service is asked, and a client's end of its stream.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "grpc/reflection/v1/reflection.dialtone.h"
#include "shop/lite.dialtone.h"
#include "shop/shop.dialtone.h"
#include "sim_servers.h"

namespace dialtone {

namespace v1 = ::grpc::reflection::v1;
using Request = v1::ServerReflectionRequest;
using Response = v1::ServerReflectionResponse;

inline Request ForFile(const std::string& name) {
  Request request;
  request.set_file_by_filename(name);
  return request;
}
inline Request ForSymbol(const std::string& name) {
  Request request;
  request.set_file_containing_symbol(name);
  return request;
}
inline Request ForExtension(const std::string& type, int number) {
  Request request;
  request.mutable_file_containing_extension()->set_containing_type(type);
  request.mutable_file_containing_extension()->set_extension_number(number);
  return request;
}
inline Request ForExtensionNumbers(const std::string& type) {
  Request request;
  request.set_all_extension_numbers_of_type(type);
  return request;
}
inline Request ForServices() {
  Request request;
  request.set_list_services("");
  return request;
}

class ShopService final : public shop::Shop::PlainService {};
class NotesService final : public shop::lite::Notes::PlainService {};

inline void AddShop(Server& server) {
  server.Add(std::make_unique<ShopService>());
  server.Add(std::make_unique<NotesService>());
}

// One stream of requests, each asked when the one before is answered.
class Asking {
 public:
  explicit Asking(Channel& channel)
      : stream_(
            v1::ServerReflection::Client(channel).ServerReflectionInfo(Timeout(absl::Minutes(1)))) {
  }

  // No answer: the stream has ended.
  std::optional<Response> Ask(const Request& request) {
    if (!stream_.Write(request).Wait()) return std::nullopt;
    Response* response = stream_.Read().Wait();
    if (response == nullptr) return std::nullopt;
    return std::move(*response);
  }
  absl::Status Finish() {
    stream_.HalfClose();
    return stream_.Finish().Wait();
  }

 private:
  ClientReaderWriter<Request, Response> stream_;
};

// A shop in the simulated network.
struct SimShop {
  explicit SimShop(ServerOptions options = ServerOptions())
      : server([&] {
          options.runtime = &process.runtime;
          return options;
        }()) {
    AddShop(server);
    auto bound = server.Listen("127.0.0.1:0");
    EXPECT_TRUE(bound.ok()) << bound.status();
    channel = std::make_unique<Channel>(bound->ToString(), process.ClientOptions());
    EXPECT_TRUE(server.Start().ok());
  }

  SimProcess process;
  Server server;
  std::unique_ptr<Channel> channel;
};

}  // namespace dialtone
