#include "health.h"

namespace dialtone::internal {

void Health::Set(std::string_view service, bool serving) {
  MutexLock lock(mutex_);
  services_.insert_or_assign(std::string(service), serving);
  TellOfChange();
}

void Health::Add(std::string_view service) {
  MutexLock lock(mutex_);
  services_.emplace(service, true);
  TellOfChange();
}

void Health::BeginServing() {
  MutexLock lock(mutex_);
  serving_ = true;
  TellOfChange();
}

void Health::BeginDrain() {
  MutexLock lock(mutex_);
  serving_ = false;
  draining_ = true;
  TellOfChange();
}

bool Health::draining() const {
  MutexLock lock(mutex_);
  return draining_;
}

void Health::TellOfChange() {
  ++version_;
  for (Change* change : waiting_) change->ResumeOnce();
}

Health::Change::Change(Health& health)
    : health_(health), seen_([&health] {
        MutexLock lock(health.mutex_);
        return health.version_;
      }()) {}

bool Health::Change::Suspend(PromiseBase& promise) {
  promise_ = &promise;
  {
    MutexLock lock(health_.mutex_);
    if (health_.version_ != seen_) return false;
    health_.waiting_.push_back(this);
  }
  ContextState* const context = promise.scope().context().state();
  registered_ = context != nullptr && context->Add(*this);
  // Ended already: whoever is first resumes.
  if (context != nullptr && !registered_) return resumed_.exchange(true, std::memory_order_acq_rel);
  return true;
}

// Waits for those who are just resuming this.
void Health::Change::await_resume() {
  if (registered_) promise_->scope().context().state()->Remove(*this);
  MutexLock lock(health_.mutex_);
  std::erase(health_.waiting_, this);
}

std::optional<bool> Health::IsServing(std::string_view service) const {
  MutexLock lock(mutex_);
  const auto found = services_.find(service);
  if (found == services_.end()) return std::nullopt;
  return serving_ && found->second;
}

}  // namespace dialtone::internal
