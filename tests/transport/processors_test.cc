#include "dialtone/transport/processors.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace dialtone {
namespace {

// A tree as /proc and /sys would show it.
class Processors : public ::testing::Test {
 protected:
  Processors()
      : root_(std::filesystem::temp_directory_path() /
              ("dialtone-processors-" + std::to_string(getpid()))) {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
    unlimited_ = UsableProcessors(root_.string());
  }
  ~Processors() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = root_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  int Usable() { return UsableProcessors(root_.string()); }
  int AtMostUnlimited(int processors) { return std::min(processors, unlimited_); }

  const std::filesystem::path root_;
  int unlimited_ = 0;
};

TEST_F(Processors, AffinityCountsWhereNoGroupLimits) {
  EXPECT_GE(unlimited_, 1);
  EXPECT_LE(UsableProcessors(), unlimited_);
  EXPECT_GE(UsableProcessors(), 1);
}

TEST_F(Processors, QuotaOfVersion2IsRoundedUp) {
  Write("proc/self/cgroup", "0::/app\n");
  Write("sys/fs/cgroup/app/cpu.max", "50000 100000\n");
  EXPECT_EQ(Usable(), 1);
  Write("sys/fs/cgroup/app/cpu.max", "150000 100000\n");
  EXPECT_EQ(Usable(), AtMostUnlimited(2));
  Write("sys/fs/cgroup/app/cpu.max", "max 100000\n");
  EXPECT_EQ(Usable(), unlimited_);
}

TEST_F(Processors, GroupsAboveLimitToo) {
  Write("proc/self/cgroup", "0::/slice/app\n");
  Write("sys/fs/cgroup/slice/app/cpu.max", "max 100000\n");
  Write("sys/fs/cgroup/slice/cpu.max", "100000 100000\n");
  EXPECT_EQ(Usable(), 1);
}

TEST_F(Processors, ContainersSeeTheirGroupAtTheRootOfTheMount) {
  Write("proc/self/cgroup", "0::/docker/0123456789abcdef\n");
  Write("sys/fs/cgroup/cpu.max", "80000 100000\n");
  EXPECT_EQ(Usable(), 1);
  Write("proc/self/cgroup", "0::/../../elsewhere\n");
  EXPECT_EQ(Usable(), 1);
}

TEST_F(Processors, QuotaOfVersion1) {
  Write("proc/self/cgroup", "4:memory:/app\n3:cpu,cpuacct:/app\n1:name=systemd:/init\n");
  Write("sys/fs/cgroup/cpu,cpuacct/app/cpu.cfs_quota_us", "40000\n");
  Write("sys/fs/cgroup/cpu,cpuacct/app/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(Usable(), 1);
  Write("sys/fs/cgroup/cpu,cpuacct/app/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(Usable(), unlimited_);
}

TEST_F(Processors, CpusetIsNotTheCpuController) {
  Write("proc/self/cgroup", "3:cpuset:/app\n");
  Write("sys/fs/cgroup/cpu/app/cpu.cfs_quota_us", "40000\n");
  Write("sys/fs/cgroup/cpu/app/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(Usable(), unlimited_);
}

TEST_F(Processors, GarbageLimitsNothing) {
  Write("proc/self/cgroup", "0::\nnonsense\n:::\n0::/app\n");
  Write("sys/fs/cgroup/app/cpu.max", "lots\n");
  EXPECT_EQ(Usable(), unlimited_);
  Write("sys/fs/cgroup/app/cpu.max", "100000 0\n");
  EXPECT_EQ(Usable(), unlimited_);
}

}  // namespace
}  // namespace dialtone
