// Which of a target's servers takes a call. Internal to rpc/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace dialtone::internal {

// One endpoint as a picker sees it.
struct EndpointLoad {
  bool usable = false;  // connected, with room for a call
  uint32_t calls_in_flight = 0;
};

// One a channel and loop; under the loop's lead.
class Picker {
 public:
  virtual ~Picker() = default;
  // The index of a usable endpoint; nothing when there is none.
  virtual std::optional<size_t> Pick(std::span<const EndpointLoad> endpoints) = 0;
};

// The first usable one, in the target's order.
class FirstUsable final : public Picker {
 public:
  std::optional<size_t> Pick(std::span<const EndpointLoad> endpoints) override {
    for (size_t i = 0; i < endpoints.size(); ++i) {
      if (endpoints[i].usable) return i;
    }
    return std::nullopt;
  }
};

// Usable ones in turn.
class RoundRobin final : public Picker {
 public:
  std::optional<size_t> Pick(std::span<const EndpointLoad> endpoints) override {
    for (size_t i = 0; i < endpoints.size(); ++i) {
      const size_t candidate = (next_ + i) % endpoints.size();
      if (!endpoints[candidate].usable) continue;
      next_ = candidate + 1;
      return candidate;
    }
    return std::nullopt;
  }

 private:
  size_t next_ = 0;
};

}  // namespace dialtone::internal
