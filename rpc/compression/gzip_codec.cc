// RFC 1952, one member for a message.
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
#include "codec.h"
#include "dialtone/transport/check.h"
#include "thread_object.h"

namespace dialtone::internal {
namespace {

// zlib's: the largest window, with a gzip header and trailer around the data.
constexpr int kGzipWindowBits = 15 + 16;
constexpr int kMemoryLevel = 8;  // zlib's default
// What a member has at least: a header of 10 bytes, an empty block of 2, a trailer of 8.
constexpr size_t kMemberBytesMin = 20;

// zlib's byte pointers, and a place for them to point to where there are no bytes.
Bytef* Writable(const char* bytes) {
  static char none = 0;
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes == nullptr ? &none : bytes));
}

absl::Status MalformedGzip(const char* why) {
  return absl::InvalidArgumentError(absl::StrCat("gzip: ", why));
}

// A thread's deflating half. Its memory is taken once and lives as long as the thread.
class Deflater {
 public:
  Deflater() = default;
  ~Deflater() {
    if (level_ != 0) deflateEnd(&stream_);
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  size_t Run(std::string_view bytes, int level, std::span<char> into) {
    if (!Prepare(level)) return 0;
    stream_.next_in = Writable(bytes.data());
    stream_.avail_in = static_cast<uInt>(bytes.size());
    stream_.next_out = Writable(into.data());
    stream_.avail_out = static_cast<uInt>(into.size());
    return deflate(&stream_, Z_FINISH) == Z_STREAM_END ? into.size() - stream_.avail_out : 0;
  }

 private:
  // False: there is no memory.
  bool Prepare(int level) {
    if (level_ == level) return deflateReset(&stream_) == Z_OK;
    if (level_ != 0) deflateEnd(&stream_);
    level_ = 0;
    stream_ = z_stream();
    if (deflateInit2(&stream_, level, Z_DEFLATED, kGzipWindowBits, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK)
      return false;
    level_ = level;
    return true;
  }

  z_stream stream_{};
  int level_ = 0;  // 0: not set up
};

// A thread's inflating half.
class Inflater {
 public:
  Inflater() : ready_(inflateInit2(&stream_, kGzipWindowBits) == Z_OK) {}
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  absl::Status Run(std::string_view packed, std::span<char> into) {
    if (!ready_ || inflateReset(&stream_) != Z_OK)
      return absl::ResourceExhaustedError("gzip: no memory to unpack with");
    stream_.next_in = Writable(packed.data());
    stream_.avail_in = static_cast<uInt>(packed.size());
    stream_.next_out = Writable(into.data());
    stream_.avail_out = static_cast<uInt>(into.size());
    const int result = inflate(&stream_, Z_FINISH);
    if (result == Z_MEM_ERROR)
      return absl::ResourceExhaustedError("gzip: no memory to unpack with");
    if (result == Z_BUF_ERROR) {
      return MalformedGzip(stream_.avail_out == 0 ? "it becomes larger than was declared"
                                                  : "it is cut off");
    }
    if (result != Z_STREAM_END)
      return MalformedGzip(stream_.msg == nullptr ? "the data is malformed" : stream_.msg);
    if (stream_.avail_in != 0) return MalformedGzip("there is something behind its end");
    if (stream_.avail_out != 0) return MalformedGzip("it becomes smaller than was declared");
    return absl::OkStatus();
  }

 private:
  z_stream stream_{};
  const bool ready_;
};

class Gzip final : public Codec {
 public:
  size_t Pack(std::string_view bytes, int level, std::span<char> into) const override {
    const ThreadObject<Deflater> deflater;
    if (!Fits(bytes.size()) || !Fits(into.size())) return 0;
    return deflater->Run(bytes, std::clamp(level, Z_BEST_SPEED, Z_BEST_COMPRESSION), into);
  }

  // The trailer's last four bytes are the size.
  absl::Status Judge(std::string_view packed, size_t original_bytes) const override {
    if (packed.size() < kMemberBytesMin) return MalformedGzip("it is cut off");
    uint32_t size = 0;
    for (size_t i = 0; i < sizeof size; ++i) {
      const auto byte = static_cast<unsigned char>(packed[packed.size() - sizeof size + i]);
      size |= uint32_t{byte} << (8 * i);
    }
    if (size == static_cast<uint32_t>(original_bytes)) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        "gzip: it says that it becomes ", size, " bytes, and ", original_bytes, " were declared"));
  }

  absl::Status Unpack(std::string_view packed, std::span<char> into) const override {
    const ThreadObject<Inflater> inflater;
    if (!Fits(packed.size()) || !Fits(into.size())) return MalformedGzip("more than 4 GiB");
    return inflater->Run(packed, into);
  }

 private:
  static bool Fits(size_t bytes) { return bytes <= std::numeric_limits<uInt>::max(); }
};

}  // namespace

const Codec* GzipCodec() {
  static const Gzip codec;
  return &codec;
}

}  // namespace dialtone::internal
