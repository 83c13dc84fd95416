// Memory for objects of one class of which there are thousands, and that come and go one by one: side
// by side in pages, without what malloc keeps beside each of them. Internal.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <vector>

#include "dialtone/transport/address_sanitizer.h"
#include "dialtone/transport/check.h"

namespace dialtone {

// Not thread-safe: belongs to a loop, or to what a loop has. Keeps the memory of as many as there ever
// were at a time.
template <class T>
class Slab {
 public:
  Slab() = default;
  ~Slab() { DIALTONE_CHECK(used_ == 0, "an object outlives its slab"); }
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  // Memory for one T.
  void* Allocate() {
    ++used_;
    if constexpr (kApart) return ::operator new(sizeof(T));
    if (free_ == nullptr) AddPage();
    Place* const place = free_;
    free_ = place->next;
    return place;
  }
  // After its destructor.
  void Free(void* object) {
    --used_;
    if constexpr (kApart) return ::operator delete(object, sizeof(T));
    auto* const place = static_cast<Place*>(object);
    place->next = free_;
    free_ = place;
  }

 private:
  union Place {
    Place* next;
    alignas(T) std::byte bytes[sizeof(T)];
  };
  // With what malloc keeps beside them, two pages of the system's.
  static constexpr size_t kPagePlaces = (8192 - 16) / sizeof(Place);
  // Where memory is watched over, each object has its own, so that none is used after its end.
  static constexpr bool kApart = DIALTONE_ADDRESS_SANITIZED;

  void AddPage() {
    static_assert(alignof(Place) <= alignof(std::max_align_t));
    pages_.push_back(std::make_unique_for_overwrite<Place[]>(kPagePlaces));
    for (size_t i = kPagePlaces; i > 0; --i) {
      pages_.back()[i - 1].next = free_;
      free_ = &pages_.back()[i - 1];
    }
  }

  Place* free_ = nullptr;
  size_t used_ = 0;
  std::vector<std::unique_ptr<Place[]>> pages_;
};

}  // namespace dialtone
