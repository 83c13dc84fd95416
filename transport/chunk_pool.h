// Memory for the chunks of write queues. A queue has chunks only while something waits in it: what it has written goes back
// to the thread, whose next queue takes it. So connections that have nothing to say keep nothing, and writing allocates
// nothing. Internal to transport/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

namespace dialtone::internal {

// A chunk that is freed on another thread than it was taken on is that thread's to keep.
template <size_t kBytes, uint32_t kKeptMax>
class ChunkPool {
 public:
  static std::unique_ptr<char[]> Take() {
    char* const chunk = first_;
    if (chunk == nullptr) [[unlikely]] {
      return std::make_unique_for_overwrite<char[]>(kBytes);
    }
    std::memcpy(&first_, chunk, sizeof(first_));
    ++room_;
    return std::unique_ptr<char[]>(chunk);
  }
  static void Give(std::unique_ptr<char[]> chunk) {
    if (room_ == 0 && !MakeRoom()) [[unlikely]] {
      return;
    }
    std::memcpy(chunk.get(), &first_, sizeof(first_));
    first_ = chunk.release();
    --room_;
  }

 private:
  // Frees them with the thread. What other thread-local objects give after that is freed at once.
  struct ThreadEnd {
    ~ThreadEnd() {
      ended_ = true;
      while (first_ != nullptr) Take();
      room_ = 0;
    }
  };

  // The first time on this thread. False: it keeps as many as it may, or is at its end.
  static bool MakeRoom() {
    if (first_ != nullptr || ended_) return false;
    thread_local ThreadEnd thread_end;
    room_ = kKeptMax;
    return true;
  }

  // Linked by what they begin with. None of this has a destructor.
  static inline constinit thread_local char* first_ = nullptr;
  static inline constinit thread_local uint32_t room_ = 0;  // for so many more
  static inline constinit thread_local bool ended_ = false;
};

}  // namespace dialtone::internal
