// A server's reflection service: tells clients what it offers. Internal to rpc/.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "dialtone/rpc/service.h"

namespace dialtone::internal {

class Health;

// "grpc.reflection.v1.ServerReflection", which lists `services`: they and `health`, which says when the server drains,
// outlive it, and the list does not change once it is called. Defined in rpc/reflection/.
std::unique_ptr<Service> MakeReflectionService(
    const std::vector<std::unique_ptr<Service>>& services, Health& health);
std::string_view ReflectionServiceName();

}  // namespace dialtone::internal
