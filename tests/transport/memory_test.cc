#include "dialtone/transport/memory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

namespace dialtone {
namespace {

constexpr uint64_t kMib = 1024 * 1024;
constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();

// A tree as /proc and /sys would show it.
class Memory : public ::testing::Test {
 protected:
  Memory()
      : root_(std::filesystem::temp_directory_path() /
              ("dialtone-memory-" + std::to_string(getpid()))) {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  ~Memory() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = root_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  uint64_t Usable() { return UsableMemory(root_.string()); }

  const std::filesystem::path root_;
};

TEST_F(Memory, OfTheRealMachineIsKnown) {
  EXPECT_GT(UsableMemory(), 16 * kMib);
  EXPECT_LT(UsableMemory(), kUnlimited);
}

TEST_F(Memory, TheMachinesCountsWhereNoGroupLimits) {
  EXPECT_EQ(Usable(), kUnlimited);
  Write("proc/meminfo", "MemFree:  1 kB\nMemTotal:       2097152 kB\n");
  EXPECT_EQ(Usable(), 2048 * kMib);
}

TEST_F(Memory, LimitsOfVersion2) {
  Write("proc/meminfo", "MemTotal: 2097152 kB\n");
  Write("proc/self/cgroup", "0::/app\n");
  Write("sys/fs/cgroup/app/memory.max", "536870912\n");
  EXPECT_EQ(Usable(), 512 * kMib);
  Write("sys/fs/cgroup/app/memory.high", "268435456\n");
  EXPECT_EQ(Usable(), 256 * kMib);
  Write("sys/fs/cgroup/app/memory.max", "max\n");
  Write("sys/fs/cgroup/app/memory.high", "max\n");
  EXPECT_EQ(Usable(), 2048 * kMib);
}

TEST_F(Memory, GroupsAboveLimitToo) {
  Write("proc/self/cgroup", "0::/slice/app\n");
  Write("sys/fs/cgroup/slice/app/memory.max", "max\n");
  Write("sys/fs/cgroup/slice/memory.max", "1048576\n");
  EXPECT_EQ(Usable(), kMib);
}

TEST_F(Memory, LimitsOfVersion1) {
  Write("proc/self/cgroup", "4:memory:/app\n3:cpu,cpuacct:/other\n");
  Write("sys/fs/cgroup/memory/app/memory.limit_in_bytes", "134217728\n");
  Write("sys/fs/cgroup/memory/other/memory.limit_in_bytes", "1\n");
  EXPECT_EQ(Usable(), 128 * kMib);
  Write("proc/meminfo", "MemTotal: 2097152 kB\n");
  Write("sys/fs/cgroup/memory/app/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(Usable(), 2048 * kMib) << "version 1 says so when there is no limit";
}

TEST_F(Memory, ContainersSeeTheirGroupAtTheRootOfTheMount) {
  Write("proc/self/cgroup", "4:memory:/docker/0123456789abcdef\n");
  Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "134217728\n");
  EXPECT_EQ(Usable(), 128 * kMib);
}

TEST_F(Memory, GarbageLimitsNothing) {
  Write("proc/meminfo", "MemTotal:\n");
  Write("proc/self/cgroup", "0::\nnonsense\n:::\n0::/app\n");
  Write("sys/fs/cgroup/app/memory.max", "lots\n");
  EXPECT_EQ(Usable(), kUnlimited);
  Write("sys/fs/cgroup/app/memory.max", "0\n");
  EXPECT_EQ(Usable(), kUnlimited);
}

}  // namespace
}  // namespace dialtone
