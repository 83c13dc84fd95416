#include "health.h"

namespace dialtone::internal {

void Health::Set(std::string_view service, bool serving) {
  MutexLock lock(mutex_);
  services_.insert_or_assign(std::string(service), serving);
}

void Health::Add(std::string_view service) {
  MutexLock lock(mutex_);
  services_.emplace(service, true);
}

void Health::BeginServing() {
  MutexLock lock(mutex_);
  serving_ = true;
}

void Health::BeginDrain() {
  MutexLock lock(mutex_);
  serving_ = false;
}

std::optional<bool> Health::IsServing(std::string_view service) const {
  MutexLock lock(mutex_);
  const auto found = services_.find(service);
  if (found == services_.end()) return std::nullopt;
  return serving_ && found->second;
}

}  // namespace dialtone::internal
