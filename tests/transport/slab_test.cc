#include "dialtone/transport/slab.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <set>
#include <vector>

#include "dialtone/transport/address_sanitizer.h"

namespace dialtone {
namespace {

constexpr bool kSideBySide = DIALTONE_ADDRESS_SANITIZED == 0;

struct Object {
  char bytes[88];
};

TEST(Slab, ObjectsLieSideBySide) {
  Slab<Object> slab;
  std::set<void*> all;
  for (int i = 0; i < 1000; ++i) {
    void* const object = slab.Allocate();
    EXPECT_EQ(reinterpret_cast<uintptr_t>(object) % alignof(Object*), 0u);
    std::memset(object, i, sizeof(Object));
    ASSERT_TRUE(all.insert(object).second) << "given out twice";
  }
  size_t side_by_side = 0;
  for (void* const object : all)
    side_by_side += all.count(static_cast<char*>(object) + sizeof(Object));
  EXPECT_TRUE(!kSideBySide || side_by_side > 950) << side_by_side;
  for (void* const object : all) slab.Free(object);
}

TEST(Slab, WhatWasFreedIsGivenOutAgain) {
  Slab<Object> slab;
  std::vector<void*> some;
  for (int i = 0; i < 500; ++i) some.push_back(slab.Allocate());
  const std::set<void*> first(some.begin(), some.end());
  for (int round = 0; round < 3; ++round) {
    for (void* const object : some) slab.Free(object);
    for (void*& object : some) {
      object = slab.Allocate();
      EXPECT_TRUE(!kSideBySide || first.count(object) == 1);
    }
  }
  for (void* const object : some) slab.Free(object);
}

TEST(SlabDeathTest, ObjectsMayNotOutliveIt) {
  EXPECT_DEATH(
      {
        Slab<Object> slab;
        slab.Allocate();
      },
      "outlives its slab");
}

}  // namespace
}  // namespace dialtone
