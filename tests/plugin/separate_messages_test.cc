// A program that links messages which dialtone_library() has made beside a service of its own, of the
// same name, as gRPC's generated code would have it. That it links is most of the test: with
// SEPARATE_MESSAGES nothing of Dialtone's Greeter comes along.
#include <gtest/gtest.h>

#include <string>

#include "greeter.pb.h"

namespace greeter {

class Greeter {
 public:
  class Service {
   public:
    Service();
    virtual ~Service();
    virtual GreetReply Greet(const GreetRequest& request);
  };
};

// Not inline, so that a second definition does not go unnoticed.
Greeter::Service::Service() = default;
Greeter::Service::~Service() = default;
GreetReply Greeter::Service::Greet(const GreetRequest& request) {
  GreetReply reply;
  reply.set_text("hello " + request.name());
  return reply;
}

}  // namespace greeter

namespace {

TEST(SeparateMessages, LinkBesideAnotherServiceOfTheSameName) {
  greeter::GreetRequest request;
  ASSERT_TRUE(request.ParseFromString(std::string("\x0a\x05world", 7)));
  EXPECT_EQ(greeter::Greeter::Service().Greet(request).text(), "hello world");
}

}  // namespace
