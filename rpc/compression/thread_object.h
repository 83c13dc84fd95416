// What a thread keeps for itself and uses again. Internal to rpc/.
#pragma once

#include <optional>

namespace dialtone::internal {

// The thread's T, made when it is first asked for. Where that has been destroyed already, at the thread's end, what else
// the thread destroys has one of its own here.
template <class T>
class ThreadObject {
 public:
  ThreadObject() : object_(Kept()) {
    if (object_ == nullptr) object_ = &own_.emplace();
  }
  ThreadObject(const ThreadObject&) = delete;
  ThreadObject& operator=(const ThreadObject&) = delete;

  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }

 private:
  struct Keeper {
    T object;
    ~Keeper() { gone = true; }
  };
  static constinit inline thread_local bool gone = false;

  static T* Kept() {
    if (gone) return nullptr;
    thread_local Keeper keeper;
    return &keeper.object;
  }

  std::optional<T> own_;
  T* object_;
};

}  // namespace dialtone::internal
