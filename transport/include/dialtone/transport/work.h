// A piece of work that can be posted to a loop without an allocation: an intrusive node, usually a
// member of the object that the work concerns.
//
//   class Connection {
//     void Flush();
//     MemberWork<&Connection::Flush> flush_{*this};
//   };
//   loop.Post(connection.flush_);
#pragma once

namespace dialtone {

// Owned by whoever posts it; must outlive its run. May be posted again from its own Run() on, and
// not while it is posted already.
class Work {
 public:
  virtual void Run() = 0;

 protected:
  Work() = default;
  ~Work() = default;
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

 private:
  friend class WorkList;
  friend class Inbox;  // links posted work without a lock
  Work* next_ = nullptr;
  Work* previous_ = nullptr;  // in a WorkList
};

// A list of posted work, in the order in which it came. Not thread-safe.
class WorkList {
 public:
  bool empty() const { return head_ == nullptr; }
  void PushBack(Work& work) {
    work.next_ = nullptr;
    work.previous_ = head_ == nullptr ? nullptr : tail_;
    (head_ == nullptr ? head_ : tail_->next_) = &work;
    tail_ = &work;
  }
  // Takes `work` out of wherever it is. False: it is not in the list any more. Requires that it was pushed to this one, and
  // that whatever has been popped since then was Marked().
  bool Remove(Work& work) {
    if (work.previous_ == &work) return false;
    if (&work == tail_) return PopBack(), true;
    if (&work == head_) return PopFront(), true;
    work.previous_->next_ = work.next_;
    work.next_->previous_ = work.previous_;
    return true;
  }
  // What was popped, or null, so that Remove() knows.
  static Work* Marked(Work* work) {
    if (work != nullptr) work->previous_ = work;
    return work;
  }
  // The oldest, unlinked, so that its Run() may post it again; null when empty.
  Work* PopFront() {
    Work* work = head_;
    if (work != nullptr) head_ = work->next_;
    return work;
  }
  // The newest.
  Work* PopBack() {
    if (head_ == nullptr) return nullptr;
    Work* work = tail_;
    if (work == head_) {
      head_ = nullptr;
    } else {
      tail_ = work->previous_;
      tail_->next_ = nullptr;
    }
    return work;
  }

 private:
  Work* head_ = nullptr;
  Work* tail_ = nullptr;
};

namespace internal {
template <class T>
struct MemberOwner;
template <class Owner>
struct MemberOwner<void (Owner::*)()> {
  using Type = Owner;
};
}  // namespace internal

// Work that calls one member function of its owner.
template <auto kMethod>
class MemberWork final : public Work {
 public:
  using Owner = typename internal::MemberOwner<decltype(kMethod)>::Type;
  explicit MemberWork(Owner& owner) : owner_(owner) {}
  void Run() override { (owner_.*kMethod)(); }

 private:
  Owner& owner_;
};

}  // namespace dialtone
