// What is known of a method before it is called: its name and its kind. Generated code has one of
// these a method.
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

// Constant, with static storage: others keep pointers to it.
struct Method {
  // "/package.Service/Method", as it travels.
  std::string_view path;
  MethodKind kind = MethodKind::kUnary;

  // "package.Service"
  constexpr std::string_view service() const { return path.substr(1, path.rfind('/') - 1); }
  constexpr std::string_view name() const { return path.substr(path.rfind('/') + 1); }
};

}  // namespace dialtone
