// Attachment: raw bytes that travel beside a message, past Protobuf: a picture, a file, a block of a
// log. They are neither serialised nor compressed, and cross each process without being copied (few
// bytes are copied once).
//
//   media.Store(request, CallOptions().set_attachment(Attachment(std::move(bytes)))).Wait();
//
//   call.attachment().view();                                        // in the handler
//   call.set_reply_attachment(Attachment::Share(owner, bytes));      // what `owner` keeps alive
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace dialtone {

// A value; copies share the bytes, which nobody changes any more, and which are freed with the last
// of them, on whichever thread that is. An empty one stands for none. (It has constructors and a
// destructor on purpose: see docs/gcc12-coroutines.md.)
class Attachment {
 public:
  Attachment() {}
  explicit Attachment(std::string&& bytes) {
    if (bytes.empty()) return;
    const auto owner = std::make_shared<const std::string>(std::move(bytes));
    bytes_ = *owner;
    owner_ = owner;
  }
  // Bytes that `owner` keeps where they are, unchanged, as long as it lives. It brings its own way to
  // be freed: std::shared_ptr<const void>(mapped, [size](const void* at) { … }).
  static Attachment Share(std::shared_ptr<const void> owner, std::string_view bytes) {
    Attachment attachment;
    if (bytes.empty()) return attachment;
    attachment.owner_ = std::move(owner);
    attachment.bytes_ = bytes;
    return attachment;
  }
  // A block of `size` bytes.
  static Attachment Adopt(std::unique_ptr<const char[]> block, size_t size) {
    const std::string_view bytes(block.get(), size);
    return Share(std::shared_ptr<const char[]>(std::move(block)), bytes);
  }
  // Bytes that belong to somebody else.
  static Attachment Copy(std::string_view bytes) {
    auto block = std::make_unique_for_overwrite<char[]>(bytes.size());
    bytes.copy(block.get(), bytes.size());
    return Adopt(std::move(block), bytes.size());
  }

  Attachment(const Attachment&) = default;
  Attachment(Attachment&& other) noexcept
      : owner_(std::move(other.owner_)), bytes_(std::exchange(other.bytes_, {})) {}
  Attachment& operator=(const Attachment&) = default;
  Attachment& operator=(Attachment&& other) noexcept {
    owner_ = std::move(other.owner_);
    bytes_ = std::exchange(other.bytes_, {});
    return *this;
  }
  ~Attachment() {}

  bool empty() const { return bytes_.empty(); }
  size_t size() const { return bytes_.size(); }
  // Valid as long as this, or a copy, lives.
  std::string_view view() const { return bytes_; }
  // What keeps them alive; null for none.
  const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  std::shared_ptr<const void> owner_;
  std::string_view bytes_;
};

}  // namespace dialtone
