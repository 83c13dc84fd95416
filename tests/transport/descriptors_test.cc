#include "dialtone/transport/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace dialtone {
namespace {

TEST(Descriptors, AreThoseOfTheSoftLimitAsItIsNow) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(DescriptorsMax(), before.rlim_cur);
  rlimit less = before;
  less.rlim_cur = 123;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &less), 0);
  EXPECT_EQ(DescriptorsMax(), 123u);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace dialtone
