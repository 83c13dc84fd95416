// What a call that is left to a callback ends with: the callback, in the call's own memory. Internal.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace dialtone::internal {

class UntypedCall;

// Takes one function and runs it once. In place of a function object that is moved from hand to hand: it is made where it
// will run, and allocates nothing if it is small.
class Delivery {
 public:
  Delivery() = default;
  ~Delivery() {
    if (action_ != nullptr) action_(room_, nullptr);
  }
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  // Once. `function` is called with an UntypedCall& that has ended.
  template <class Function>
  void Set(Function function) {
    if constexpr (sizeof(Function) <= kRoomBytes && alignof(Function) <= alignof(void*)) {
      ::new (room_) Function(std::move(function));
      action_ = &Act<Function>;
    } else {
      using Boxed = Box<Function>;
      ::new (room_) Boxed{std::make_unique<Function>(std::move(function))};
      action_ = &Act<Boxed>;
    }
  }
  // Once, after Set(). The function, and what it holds, are gone when this returns, or throws what it has thrown.
  void Run(UntypedCall& ended) { std::exchange(action_, nullptr)(room_, &ended); }

 private:
  static constexpr size_t kRoomBytes = 5 * sizeof(void*);

  template <class Function>
  struct Box {
    void operator()(UntypedCall& ended) { (*function)(ended); }
    std::unique_ptr<Function> function;
  };

  // Null: only destroys it.
  template <class Function>
  static void Act(void* where, UntypedCall* ended) {
    struct Owner {
      ~Owner() { function.~Function(); }
      Function& function;
    };
    const Owner owner{*static_cast<Function*>(where)};
    if (ended != nullptr) owner.function(*ended);
  }

  void (*action_)(void* where, UntypedCall* ended) = nullptr;
  alignas(void*) std::byte room_[kRoomBytes];
};

}  // namespace dialtone::internal
