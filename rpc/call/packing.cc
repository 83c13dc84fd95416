#include "packing.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "codec.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/block_pool.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "thread_object.h"

namespace dialtone::internal {
namespace {

// Memory for as long as a function runs: the thread's own for little, allocated for much.
class Scratch {
 public:
  // Two of one thread at a time must be of different uses.
  enum class Use { kOriginal, kPacked };
  static constexpr size_t kThreadBytes = 64 * 1024;

  Scratch(size_t bytes, Use use) : bytes_(bytes) {
    if (bytes > kThreadBytes) {
      own_ = std::make_unique_for_overwrite<char[]>(bytes);
      at_ = own_.get();
      return;
    }
    std::unique_ptr<char[]>& block = blocks_->of[static_cast<size_t>(use)];
    if (block == nullptr) block = std::make_unique_for_overwrite<char[]>(kThreadBytes);
    at_ = block.get();
  }
  std::span<char> span() const { return std::span<char>(at_, bytes_); }
  std::string_view view() const { return std::string_view(at_, bytes_); }

 private:
  struct Blocks {
    std::unique_ptr<char[]> of[2];
  };

  const size_t bytes_;
  const ThreadObject<Blocks> blocks_;
  std::unique_ptr<char[]> own_;
  char* at_ = nullptr;
};

// What is packed may be held for a while, and only its bytes are counted: so in no more memory than it needs. Not from the
// pool, which may have kept a larger block.
std::shared_ptr<char[]> ExactBlock(const char* packed, size_t bytes) {
  std::shared_ptr<char[]> block = std::make_unique_for_overwrite<char[]>(bytes);
  std::memcpy(block.get(), packed, bytes);
  return block;
}

}  // namespace

PackingPlan PlanWith(const CompressionOptions& options, Compression algorithm) {
  PackingPlan plan;
  if (!CompressionAvailable(algorithm)) return plan;
  plan.algorithm = algorithm;
  plan.level = algorithm == Compression::kZstd ? options.zstd_level : options.gzip_level;
  plan.bytes_min = options.bytes_min;
  return plan;
}

void WarnIfMissing(Compression algorithm, std::string_view whose) {
  if (CompressionAvailable(algorithm)) return;
  static constinit LogKind kind(LogLevel::kWarning, "algorithms that are not in this build");
  if (!kind.Admits()) return;
  Log(kind.level(), absl::StrCat(ToAbsl(whose), ": ", ToAbsl(CompressionName(algorithm)),
                                 " was chosen, and its library was not there when Dialtone was "
                                 "built: messages are not compressed"));
}

bool PackedMessage::Pack(const PackingPlan& plan, const OutgoingMessage& message) {
  if (!plan.Wants(message.size())) return false;
  const Scratch original(message.size(), Scratch::Use::kOriginal);
  message.WriteTo(original.span().data());
  return Pack(plan, original.view(), message.attachment());
}

bool PackedMessage::Pack(const PackingPlan& plan, std::string_view bytes,
                         const Attachment& attachment) {
  const Codec* const codec = CodecFor(plan.algorithm);
  if (codec == nullptr || !plan.Wants(bytes.size()) || bytes.size() < 2 ||
      bytes.size() > std::numeric_limits<uint32_t>::max())
    return false;
  const size_t room = bytes.size() - 1;
  std::shared_ptr<char[]> block;
  if (room <= Scratch::kThreadBytes) {
    const Scratch packed(room, Scratch::Use::kPacked);
    size_ = codec->Pack(bytes, plan.level, packed.span());
    if (size_ == 0) return false;
    block = ExactBlock(packed.span().data(), size_);
  } else {
    block = BlockPool::Share(room);
    size_ = codec->Pack(bytes, plan.level, std::span<char>(block.get(), room));
    if (size_ == 0) return false;
    if (size_ < room - room / 8) block = ExactBlock(block.get(), size_);
  }
  block_ = std::move(block);
  packing_ = Packing{plan.algorithm, static_cast<uint32_t>(bytes.size())};
  attachment_ = attachment;
  return true;
}

void PackedMessage::WriteTo(char* into) const { std::memcpy(into, block_.get(), size_); }

bool ParseLong(std::string_view bytes, google::protobuf::MessageLite& into) {
  return bytes.size() <= std::numeric_limits<int>::max() &&
         into.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

absl::Status NoValid(const google::protobuf::MessageLite& message) {
  return absl::InvalidArgumentError(absl::StrCat("is no valid ", message.GetTypeName()));
}

absl::Status UnpackAndParse(const Packing& packing, std::string_view bytes,
                            google::protobuf::MessageLite& into) {
  const Codec* const codec = CodecFor(packing.algorithm);
  absl::Status status = codec == nullptr ? absl::InvalidArgumentError("not in this build")
                                         : codec->Judge(bytes, packing.original_bytes);
  if (status.ok()) {
    const Scratch original(packing.original_bytes, Scratch::Use::kOriginal);
    status = codec->Unpack(bytes, original.span());
    if (status.ok()) return ParseMessage(Packing(), original.view(), into);
  }
  return absl::InvalidArgumentError(absl::StrCat("cannot be unpacked: ", status.message()));
}

}  // namespace dialtone::internal
