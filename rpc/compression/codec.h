// One algorithm that packs and unpacks whole messages. Wraps zlib and libzstd, keeps their working
// memory for each thread, and bounds what comes out by what was declared. Knows no call and no
// protocol. Internal to rpc/.
//
//   const Codec* codec = CodecFor(Compression::kZstd);           // null: not in this build
//   const size_t packed = codec->Pack(bytes, level, into);       // 0: did not fit
//   absl::Status status = codec->Unpack(packed_bytes, into);     // into.size() bytes, no more or less
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "dialtone/rpc/compression.h"

namespace dialtone::internal {

// Constant and thread-safe; working memory is the calling thread's own and is kept for its next
// message. None of these allocates for each message.
class Codec {
 public:
  virtual ~Codec() = default;

  // Writes `bytes` packed to `into` and returns how many bytes they are. 0: they are more than fit
  // there. A level outside of what the algorithm has is taken for the nearest.
  virtual size_t Pack(std::string_view bytes, int level, std::span<char> into) const = 0;

  // Before memory is taken: whether `packed` can be what it is said to be, as far as its first and
  // last bytes show. INVALID_ARGUMENT says why not.
  virtual absl::Status Judge(std::string_view packed, size_t original_bytes) const = 0;

  // Fills `into`. INVALID_ARGUMENT: `packed` is malformed or cut off, has something behind its end,
  // or is more or less than into.size() bytes; never writes beyond them, whatever it would become.
  virtual absl::Status Unpack(std::string_view packed, std::span<char> into) const = 0;
};

// Null: not in this build.
const Codec* GzipCodec();
const Codec* ZstdCodec();
// Null for kNone, too.
const Codec* CodecFor(Compression algorithm);

}  // namespace dialtone::internal
