// RFC 8878, one frame for a message.
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "codec.h"
#include "thread_object.h"

namespace dialtone::internal {
namespace {

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// Null: there is no memory.
struct Compressor {
  const std::unique_ptr<ZSTD_CCtx, FreeContext> context{ZSTD_createCCtx()};
};
struct Decompressor {
  const std::unique_ptr<ZSTD_DCtx, FreeContext> context{ZSTD_createDCtx()};
};

absl::Status MalformedZstd(std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("zstd: ", absl::string_view(why.data(), why.size())));
}

class Zstd final : public Codec {
 public:
  size_t Pack(std::string_view bytes, int level, std::span<char> into) const override {
    const ThreadObject<Compressor> compressor;
    if (compressor->context == nullptr) return 0;
    const size_t packed =
        ZSTD_compressCCtx(compressor->context.get(), into.data(), into.size(), bytes.data(),
                          bytes.size(), std::clamp(level, 1, ZSTD_maxCLevel()));
    return ZSTD_isError(packed) ? 0 : packed;
  }

  // A frame may say its size at its beginning; ours do.
  absl::Status Judge(std::string_view packed, size_t original_bytes) const override {
    const unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
    if (size == ZSTD_CONTENTSIZE_ERROR) return MalformedZstd("it does not begin like a frame");
    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == original_bytes) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        "zstd: it says that it becomes ", size, " bytes, and ", original_bytes, " were declared"));
  }

  absl::Status Unpack(std::string_view packed, std::span<char> into) const override {
    const ThreadObject<Decompressor> decompressor;
    if (decompressor->context == nullptr)
      return absl::ResourceExhaustedError("zstd: no memory to unpack with");
    // The library would go on with further frames, and pass over those that it calls skippable.
    const size_t frame_bytes = ZSTD_findFrameCompressedSize(packed.data(), packed.size());
    if (ZSTD_isError(frame_bytes)) return MalformedZstd(ZSTD_getErrorName(frame_bytes));
    if (frame_bytes != packed.size()) return MalformedZstd("there is something behind its end");
    const size_t bytes = ZSTD_decompressDCtx(decompressor->context.get(), into.data(), into.size(),
                                             packed.data(), packed.size());
    if (ZSTD_isError(bytes)) {
      return MalformedZstd(ZSTD_getErrorCode(bytes) == ZSTD_error_dstSize_tooSmall
                               ? "it becomes larger than was declared"
                               : ZSTD_getErrorName(bytes));
    }
    if (bytes != into.size()) return MalformedZstd("it becomes smaller than was declared");
    return absl::OkStatus();
  }
};

}  // namespace

const Codec* ZstdCodec() {
  static const Zstd codec;
  return &codec;
}

}  // namespace dialtone::internal
