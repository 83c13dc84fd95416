// Compressed messages: any bytes are unpacked or refused, and never become more than was declared;
// what is packed comes back, or is refused once it is damaged.
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "codec.h"
#include "dialtone/transport/check.h"
#include "fuzz_input.h"
#include "fuzz_target.h"

namespace dialtone::fuzz {
namespace {

using internal::Codec;

// In a block of exactly that size: the address sanitizer sees whatever is written beyond it.
absl::Status Unpack(const Codec& codec, std::string_view packed, size_t declared,
                    std::string& message) {
  const std::unique_ptr<char[]> block(new char[declared]);
  const absl::Status judged = codec.Judge(packed, declared);
  absl::Status status = codec.Unpack(packed, std::span<char>(block.get(), declared));
  DIALTONE_CHECK(judged.ok() || !status.ok(), "a good message was judged to be none");
  for (const absl::Status& each : {judged, status})
    DIALTONE_CHECK(each.ok() || (absl::IsInvalidArgument(each) && !each.message().empty()));
  if (status.ok()) message.assign(block.get(), declared);
  return status;
}

void CheckPacking(const Codec& codec, FuzzInput& input) {
  const int level = input.Byte();
  const uint16_t place = input.Number16();
  const uint8_t damage = input.Byte();
  const std::string_view message = input.Rest();
  std::string packed(message.size() + 1024, '\0');
  packed.resize(codec.Pack(message, level, std::span<char>(packed)));
  DIALTONE_CHECK(!packed.empty(), "there was room enough");
  std::string again;
  DIALTONE_CHECK(Unpack(codec, packed, message.size(), again).ok() && again == message);
  DIALTONE_CHECK(!Unpack(codec, packed, message.size() + 1, again).ok());
  if (!message.empty()) DIALTONE_CHECK(!Unpack(codec, packed, message.size() - 1, again).ok());
  packed[place % packed.size()] ^= static_cast<char>(damage);
  Unpack(codec, packed, message.size(), again).IgnoreError();  // its checks are what counts
}

}  // namespace

void RunInput(std::string_view data) {
  FuzzInput input(data);
  const uint8_t mode = input.Byte();
  const Codec* const codec = mode & 1 ? internal::ZstdCodec() : internal::GzipCodec();
  if (codec == nullptr) return;  // not in this build
  if (mode & 2) return CheckPacking(*codec, input);
  const uint16_t declared = input.Number16();
  std::string message;
  Unpack(*codec, input.Rest(), declared, message).IgnoreError();
}

}  // namespace dialtone::fuzz
