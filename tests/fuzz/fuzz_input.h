// A fuzzer's bytes, taken apart into the small decisions that a target needs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace dialtone::fuzz {

// A view: the bytes must outlive it. When they have run out, every number is 0.
class FuzzInput {
 public:
  explicit FuzzInput(std::string_view bytes) : rest_(bytes) {}
  FuzzInput(const uint8_t* data, size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }
  uint8_t Byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  uint16_t Number16() {
    const uint16_t low = Byte();
    return static_cast<uint16_t>(low | (Byte() << 8));
  }
  uint32_t Number32() {
    const uint32_t low = Number16();
    return low | (static_cast<uint32_t>(Number16()) << 16);
  }
  // One byte for what is usual, four more for what is not.
  uint32_t SmallNumber() {
    const uint8_t byte = Byte();
    return byte == 0xFF ? Number32() : byte;
  }
  // As many of `count` as there are.
  std::string_view Bytes(size_t count) {
    const std::string_view bytes = rest_.substr(0, std::min(count, rest_.size()));
    rest_.remove_prefix(bytes.size());
    return bytes;
  }
  // Of a length that the input says in one byte.
  std::string_view ShortBytes() { return Bytes(Byte()); }
  std::string_view Rest() { return Bytes(rest_.size()); }

 private:
  std::string_view rest_;
};

}  // namespace dialtone::fuzz
