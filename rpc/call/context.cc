#include "dialtone/rpc/context.h"

#include <algorithm>
#include <utility>

#include "dialtone/transport/check.h"
#include "dialtone/transport/cond_var.h"
#include "guarded.h"
#include "unshared_status.h"

namespace dialtone {
namespace internal {
namespace {

// Tells threads apart without a system call.
const void* ThisThread() {
  static thread_local char mark;
  return &mark;
}

// Is linked in its parent like any other node, and so knows when that ends. The parent holds no reference: a child that
// nobody refers to any more takes itself back.
class ChildContextState final : public ContextState, private CancelNode {
 public:
  ChildContextState(ContextState& parent, Instant deadline)
      : ContextState(std::min(deadline, parent.deadline())), parent_(parent) {
    parent_.Ref();
    set_trace(parent.trace());
    // Last: the parent may end on another thread from now on.
    if (!parent_.Add(*this)) End(parent_.status());
  }

 private:
  ~ChildContextState() override {
    parent_.Remove(*this);
    parent_.Unref();
  }
  void OnContextEnded(const absl::Status& reason) override {
    if (!RefUnlessGone()) return;
    End(Unshared(reason));
    Unref();
  }

  ContextState& parent_;
};

}  // namespace

bool ContextState::RefUnlessGone() {
  int references = references_.load(std::memory_order_relaxed);
  do {
    if (references == 0) return false;
  } while (
      !references_.compare_exchange_weak(references, references + 1, std::memory_order_relaxed));
  return true;
}

void ContextState::Unref() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

absl::Status ContextState::status() const {
  if (!ended()) return absl::OkStatus();
  MutexLock lock(mutex_);
  return status_;
}

void ContextState::End(const absl::Status& reason) {
  DIALTONE_CHECK(!reason.ok(), "a context ends with a reason");
  Ref();  // a node may let go of the last other reference
  {
    mutex_.Lock();
    if (!status_.ok()) {
      mutex_.Unlock();
      Unref();
      return;
    }
    status_ = reason;
    ended_.store(true, std::memory_order_release);
    running_thread_ = ThisThread();
    while (nodes_ != nullptr) {
      CancelNode* node = nodes_;
      nodes_ = node->next_;
      if (nodes_ != nullptr) nodes_->previous_ = nullptr;
      node->linked_ = false;
      running_ = node;
      mutex_.Unlock();
      node->OnContextEnded(reason);
      mutex_.Lock();
      running_ = nullptr;
      // Under the mutex, without which who waits does not go on.
      if (node_done_ != nullptr) std::exchange(node_done_, nullptr)->NotifyOne();
    }
    mutex_.Unlock();
  }
  Unref();
}

void ContextState::EndShared(const char* reason) { End(absl::CancelledError(reason)); }

bool ContextState::Add(CancelNode& node) {
  MutexLock lock(mutex_);
  if (!status_.ok()) return false;
  node.previous_ = nullptr;
  node.next_ = nodes_;
  if (nodes_ != nullptr) nodes_->previous_ = &node;
  nodes_ = &node;
  has_nodes_.store(true, std::memory_order_release);
  node.linked_ = true;
  return true;
}

void ContextState::Remove(CancelNode& node) {
  MutexLock lock(mutex_);
  if (node.linked_) {
    (node.previous_ == nullptr ? nodes_ : node.previous_->next_) = node.next_;
    if (node.next_ != nullptr) node.next_->previous_ = node.previous_;
    if (nodes_ == nullptr) has_nodes_.store(false, std::memory_order_release);
    node.linked_ = false;
    return;
  }
  if (running_ != &node || running_thread_ == ThisThread()) return;
  CondVar done;
  node_done_ = &done;
  while (running_ == &node) done.Wait(mutex_);
}

}  // namespace internal

Context Context::Child(Instant deadline) const {
  if (state_ == nullptr) return Cancellable(deadline);
  return Context(new internal::ChildContextState(*state_, deadline), kAdopt);
}

Context Context::WithTrace(std::shared_ptr<const TraceContext> trace) const {
  Context child = Child();
  child.state_->set_trace(std::move(trace));
  return child;
}

CancelCallback::CancelCallback(const Context& context,
                               absl::AnyInvocable<void(const absl::Status& reason) &&> function)
    : context_(context), function_(std::move(function)) {
  internal::ContextState* state = context_.state();
  if (state != nullptr && !state->Add(*this)) std::move(function_)(state->status());
}

CancelCallback::~CancelCallback() {
  if (context_.state() != nullptr) context_.state()->Remove(*this);
}

void CancelCallback::OnContextEnded(const absl::Status& reason) {
  internal::RunUsers("a cancel callback", [&] { std::move(function_)(reason); });
}

}  // namespace dialtone
