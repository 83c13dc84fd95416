// What takes zstd_codec.cc's place in a build without libzstd.
#include "codec.h"

namespace dialtone::internal {

const Codec* ZstdCodec() { return nullptr; }

}  // namespace dialtone::internal
