#include "poller.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "epoll_loop.h"
#include "refused_calls.h"

namespace dialtone {
namespace {

// As kernels before 5.11 and seccomp filters older than the call answer it.
class PollerWithoutPwait2 : public testing::TestWithParam<int> {};

// In a process of its own, as what is remembered holds for the whole process.
TEST_P(PollerWithoutPwait2, SleepsInMillisecondsAndAsksOnce) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Poller poller;
    const auto refuse = [](int error) {
      return RefuseSystemCall(SYS_epoll_pwait2, static_cast<uint16_t>(error));
    };
    const Instant before = MonotonicNow();
    bool good = refuse(GetParam());
    poller.Wait(0);
    good = good && refuse(EBADF);  // which would abort it
    poller.Wait(1'500'000);
    _exit(good && MonotonicNow() - before >= absl::Microseconds(1500) ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

INSTANTIATE_TEST_SUITE_P(Errors, PollerWithoutPwait2, testing::Values(ENOSYS, EPERM),
                         [](const auto& tested) {
                           return tested.param == EPERM ? "Eperm" : "Enosys";
                         });

}  // namespace
}  // namespace dialtone
