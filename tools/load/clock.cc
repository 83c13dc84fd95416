#include "dialtone/load/clock.h"

namespace dialtone::load {

int64_t ProcessorNanoseconds(pid_t process) {
  clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
  if (process != 0 && clock_getcpuclockid(process, &clock) != 0) return -1;
  timespec time{};
  if (clock_gettime(clock, &time) != 0) return -1;
  return NanosecondsOf(time);
}

}  // namespace dialtone::load
