#include "codec.h"

namespace dialtone {

std::string_view CompressionName(Compression algorithm) {
  switch (algorithm) {
    case Compression::kNone:
      return "none";
    case Compression::kGzip:
      return "gzip";
    case Compression::kZstd:
      return "zstd";
  }
  return "?";
}

bool CompressionAvailable(Compression algorithm) {
  return algorithm == Compression::kNone || internal::CodecFor(algorithm) != nullptr;
}

namespace internal {

const Codec* CodecFor(Compression algorithm) {
  switch (algorithm) {
    case Compression::kNone:
      return nullptr;
    case Compression::kGzip:
      return GzipCodec();
    case Compression::kZstd:
      return ZstdCodec();
  }
  return nullptr;
}

}  // namespace internal
}  // namespace dialtone
