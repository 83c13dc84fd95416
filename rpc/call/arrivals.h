// Objects that come and go, found by address and walked in the order in which they came: what a
// server does must not depend on where its memory lies, or no simulated run could be repeated.
// Internal to rpc/.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace dialtone::internal {

// Owns them. Not thread-safe.
template <class T>
class Arrivals {
 public:
  bool empty() const { return objects_.empty(); }
  size_t size() const { return objects_.size(); }

  T& Add(std::unique_ptr<T> object) {
    T& added = *object;
    objects_.emplace(&added, Entry{++last_, std::move(object)});
    return added;
  }
  // Null if it is not here. Only its address is looked at.
  std::unique_ptr<T> Take(const T* object) {
    const auto found = objects_.find(object);
    if (found == objects_.end()) return nullptr;
    std::unique_ptr<T> taken = std::move(found->second.object);
    objects_.erase(found);
    return taken;
  }
  // A copy: for walks during which some may come or go.
  std::vector<T*> InOrder() const {
    std::vector<std::pair<uint64_t, T*>> by_number;
    by_number.reserve(objects_.size());
    for (const auto& [key, entry] : objects_)
      by_number.emplace_back(entry.number, entry.object.get());
    std::sort(by_number.begin(), by_number.end());
    std::vector<T*> all;
    all.reserve(by_number.size());
    for (const auto& [number, object] : by_number) all.push_back(object);
    return all;
  }
  void Clear() {
    for (T* object : InOrder()) Take(object);
  }

 private:
  struct Entry {
    uint64_t number;
    std::unique_ptr<T> object;
  };

  absl::flat_hash_map<const T*, Entry> objects_;
  uint64_t last_ = 0;
};

}  // namespace dialtone::internal
