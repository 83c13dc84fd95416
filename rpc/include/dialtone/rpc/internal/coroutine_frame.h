// Resumes and destroys a coroutine: std::coroutine_handle, but for a bug of g++ 12.
//
// Where the outermost scope of a body declares nothing but awaits in the condition of an if, while or switch, g++ 12
// puts the condition's value before the header of the coroutine's frame:
//
//   all others                      g++ 12, in that case
//   frame ─▶ resume function        frame ──▶ condition
//            destroy function       header ─▶ resume function
//            promise, …                       destroy function
//                                             promise, …
//
// Its functions expect the frame's address. A handle made from the promise holds the header's and passes that; the
// handle that the compiler gives to awaiters holds the frame's and looks for the functions there. Both corrupt memory,
// silently. So the header is taken from the one, the frame from the other. See docs/gcc12-coroutines.md.
#pragma once

#include <coroutine>

namespace dialtone::internal {

#if defined(__GNUC__) && !defined(__clang__)

class CoroutineFrame {
 public:
  // In the promise's constructor: `from_promise` is the handle made from it.
  explicit CoroutineFrame(std::coroutine_handle<> from_promise)
      : header_(static_cast<Header*>(from_promise.address())) {}
  // In the first await_suspend.
  void Complete(std::coroutine_handle<> from_compiler) { frame_ = from_compiler.address(); }

  bool done() const { return header_->resume == nullptr; }
  void Resume() const { header_->resume(frame_); }
  void Destroy() const { header_->destroy(frame_); }

 private:
  // What every handle points to: GCC's and clang's layout on all platforms.
  struct Header {
    void (*resume)(void* frame);  // null once the coroutine has ended
    void (*destroy)(void* frame);
  };

  Header* header_;
  void* frame_ = nullptr;
};

// Larger alignments would move the promise away from the header.
template <class T>
inline constexpr bool kMayBeResult = alignof(T) <= alignof(void*);

#else

class CoroutineFrame {
 public:
  explicit CoroutineFrame(std::coroutine_handle<> from_promise) : handle_(from_promise) {}
  void Complete(std::coroutine_handle<>) {}
  bool done() const { return handle_.done(); }
  void Resume() const { handle_.resume(); }
  void Destroy() const { handle_.destroy(); }

 private:
  std::coroutine_handle<> handle_;
};

template <class T>
inline constexpr bool kMayBeResult = true;

#endif

}  // namespace dialtone::internal
