// Numbers as the wire has them: least significant byte first, at any alignment.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace dialtone::dialtone1 {

template <class T>
inline T LoadLittle(const char* from) {
  T value;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&value, from, sizeof(T));
  } else {
    value = 0;
    for (size_t i = 0; i < sizeof(T); ++i) {
      value |= static_cast<T>(static_cast<T>(static_cast<unsigned char>(from[i])) << (8 * i));
    }
  }
  return value;
}

template <class T>
inline void StoreLittle(char* to, T value) {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(to, &value, sizeof(T));
  } else {
    for (size_t i = 0; i < sizeof(T); ++i) to[i] = static_cast<char>(value >> (8 * i));
  }
}

inline uint16_t Load16(const char* from) { return LoadLittle<uint16_t>(from); }
inline uint32_t Load32(const char* from) { return LoadLittle<uint32_t>(from); }
inline uint64_t Load64(const char* from) { return LoadLittle<uint64_t>(from); }
inline void Store16(char* to, uint16_t value) { StoreLittle(to, value); }
inline void Store32(char* to, uint32_t value) { StoreLittle(to, value); }
inline void Store64(char* to, uint64_t value) { StoreLittle(to, value); }

}  // namespace dialtone::dialtone1
