// What takes gzip_codec.cc's place in a build without zlib.
#include "codec.h"

namespace dialtone::internal {

const Codec* GzipCodec() { return nullptr; }

}  // namespace dialtone::internal
