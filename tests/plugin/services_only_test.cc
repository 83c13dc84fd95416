// A program of a service whose .proto file has no message of its own, in an archive whose messages are object files apart.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "services_only.dialtone.h"

namespace {

TEST(ServicesOnly, HaveTheirDescriptorInTheProgram) {
  services_only::Desk::Service service;
  const google::protobuf::ServiceDescriptor* const desk =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName("services_only.Desk");
  ASSERT_NE(desk, nullptr);
  EXPECT_EQ(desk->method(0)->input_type()->full_name(), "greeter.GreetRequest");
}

}  // namespace
