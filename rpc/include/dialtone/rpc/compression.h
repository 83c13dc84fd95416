// Compression of messages: which algorithm, from which size on. Off unless chosen, for a call
// (CallOptions::set_compression, ServerCall::set_compression), for methods, or for all that a channel
// or a server sends:
//
//   options.compression.algorithm = dialtone::Compression::kZstd;            // of a channel or a server
//   options.methods["media.Store/Upload"].compression = dialtone::Compression::kNone;  // a channel's
//
// It is a wish: a message goes as it is where it is small, where it would not become smaller, where
// the peer has not said (yet) that it accepts the algorithm, and in process. Each side says what it
// accepts when it connects, so a client's first requests on a connection may go as they are. What
// arrives is unpacked whatever was chosen; limits of size hold for what it was before.
//
// Who can make a peer send a secret beside text of their own, and see how much is sent, can guess
// the secret from what compresses well: do not compress such messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dialtone {

enum class Compression : uint8_t { kNone, kGzip, kZstd };

// "none", "gzip", "zstd"
std::string_view CompressionName(Compression algorithm);
// Whether this build has it: gzip needs zlib, and zstd libzstd, when Dialtone is built. One that it
// has not is treated as one that no peer accepts. kNone is always there.
bool CompressionAvailable(Compression algorithm);

struct CompressionOptions {
  CompressionOptions() = default;

  // Of messages whose call and method choose none.
  Compression algorithm = Compression::kNone;
  // Smaller messages are not compressed.
  uint32_t bytes_min = 1024;
  // From fast to small: 1 to 9, and 1 to 22; what is outside is taken for the nearest. High levels
  // of zstd take many megabytes for each thread.
  int gzip_level = 1;
  int zstd_level = 1;
};

}  // namespace dialtone
