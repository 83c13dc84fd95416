// The algorithms of compression by their numbers on the wire (settings.h). Internal to dialtone1/.
#pragma once

#include <cstdint>

#include "connection_info.h"
#include "dialtone/rpc/compression.h"
#include "settings.h"

namespace dialtone::dialtone1 {

// 0 for kNone, which is none.
constexpr uint8_t AlgorithmNumber(Compression algorithm) {
  switch (algorithm) {
    case Compression::kNone:
      return 0;
    case Compression::kGzip:
      return kAlgorithmGzip;
    case Compression::kZstd:
      return kAlgorithmZstd;
  }
  return 0;
}

// kNone for a number that this side has not announced.
constexpr Compression AlgorithmOf(uint8_t number) {
  switch (number) {
    case kAlgorithmGzip:
      return Compression::kGzip;
    case kAlgorithmZstd:
      return Compression::kZstd;
    default:
      return Compression::kNone;
  }
}

// What `kCompressions` says of all that this build can unpack.
inline uint32_t AvailableAlgorithms() {
  uint32_t bits = 0;
  for (const Compression algorithm : {Compression::kGzip, Compression::kZstd}) {
    if (CompressionAvailable(algorithm)) bits |= AlgorithmBit(AlgorithmNumber(algorithm));
  }
  return bits;
}

// What of a peer's is known here, too.
inline CompressionSet SetOf(uint32_t bits) {
  CompressionSet set;
  for (const Compression algorithm : {Compression::kGzip, Compression::kZstd}) {
    if ((bits & AlgorithmBit(AlgorithmNumber(algorithm))) != 0) set.Add(algorithm);
  }
  return set;
}

}  // namespace dialtone::dialtone1
