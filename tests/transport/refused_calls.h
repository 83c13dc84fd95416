// System calls that the kernel refuses to a thread, as a container's seccomp filter does it.
#pragma once

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

namespace dialtone {

// One argument of a system call, and what it has to be.
struct CallArgument {
  size_t index;
  uint32_t value;
};

// From now on the kernel answers this system call of this thread with `error`: all such calls, or
// those with that argument. There is no way back: see WithRefusedCalls().
inline bool RefuseSystemCall(uint32_t number, uint16_t error,
                             std::optional<CallArgument> only = std::nullopt) {
  const CallArgument argument = only.value_or(CallArgument{0, 0});
  const auto offset = static_cast<uint32_t>(offsetof(seccomp_data, args) + 8 * argument.index);
  // An argument that is not asked for is compared with itself: both ways lead on.
  const auto skip = static_cast<uint8_t>(only.has_value() ? 1 : 0);
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, argument.value, 0, skip),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {sizeof filter / sizeof filter[0], filter};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

// Runs `function` on a thread of its own, with which its refused calls go.
inline void WithRefusedCalls(std::function<void()> function) {
  std::thread(std::move(function)).join();
}

}  // namespace dialtone
