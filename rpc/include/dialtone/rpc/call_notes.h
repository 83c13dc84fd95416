// What observers keep of a call between its start and its end: each has one note a call, of a type of its own.
//
//   absl::Status OnStart(ServerCall& call) override {
//     call.notes().Make<Begun>(this).at = Now();
//     return absl::OkStatus();
//   }
//   void OnEnd(ServerCall& call, const absl::Status& status) override {
//     if (const Begun* begun = call.notes().Find<Begun>(this)) Count(Now() - begun->at);
//   }
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "dialtone/rpc/internal/frame_pool.h"

namespace dialtone {

// One call's. Touched where the call's observers run, so one thread at a time.
class CallNotes {
 public:
  CallNotes() = default;
  CallNotes(const CallNotes&) = delete;
  CallNotes& operator=(const CallNotes&) = delete;

  // Once for each owner and call; it lives until the call is gone, after the end.
  template <class Note>
  Note& Make(const void* owner) {
    auto made = std::make_unique<EntryOf<Note>>(owner, std::move(first_));
    Note& note = made->note;
    first_ = std::move(made);
    return note;
  }
  // Null: the owner has made none. Of the type that was made.
  template <class Note>
  Note* Find(const void* owner) {
    for (Entry* entry = first_.get(); entry != nullptr; entry = entry->next.get())
      if (entry->owner == owner) return &static_cast<EntryOf<Note>*>(entry)->note;
    return nullptr;
  }
  void Clear() {
    if (first_ != nullptr) first_.reset();
  }

 private:
  struct Entry {
    Entry(const void* of, std::unique_ptr<Entry> after) : owner(of), next(std::move(after)) {}
    virtual ~Entry() = default;
    static void* operator new(size_t bytes) { return internal::FramePool::Allocate(bytes); }
    static void operator delete(void* block, size_t bytes) {
      internal::FramePool::Free(block, bytes);
    }

    const void* const owner;
    std::unique_ptr<Entry> next;
  };
  template <class Note>
  struct EntryOf final : Entry {
    using Entry::Entry;
    Note note{};
  };

  std::unique_ptr<Entry> first_;
};

}  // namespace dialtone
