// What is known of a method before it is called: its name, its kind, and whether it may run twice.
// Generated code has one of these a method.
#pragma once

#include <cstdint>
#include <string_view>

namespace dialtone {

enum class MethodKind : uint8_t {
  kUnary,
  kClientStreaming,
  kServerStreaming,
  kBidirectionalStreaming
};

// What the .proto says of a method that runs twice for one call, in `option idempotency_level`.
enum class Idempotency : uint8_t {
  kUnknown,        // nothing: whether it may run twice is for the caller alone to judge
  kNoSideEffects,  // it changes nothing, so it may run any number of times
  kIdempotent      // run twice, it leaves behind what it does when run once
};

// Constant, with static storage: others keep pointers to it.
struct Method {
  // "/package.Service/Method", as it travels.
  std::string_view path;
  MethodKind kind = MethodKind::kUnary;
  Idempotency idempotency = Idempotency::kUnknown;

  // "package.Service"
  constexpr std::string_view service() const { return path.substr(1, path.rfind('/') - 1); }
  constexpr std::string_view name() const { return path.substr(path.rfind('/') + 1); }
};

}  // namespace dialtone
