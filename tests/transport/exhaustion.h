// A process that has no descriptors left.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vector>

namespace dialtone {

// Takes every descriptor the process may have but `left`.
class Exhaustion {
 public:
  explicit Exhaustion(int left) {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = 200;
    setrlimit(RLIMIT_NOFILE, &limit);
    int taken = 0;
    while ((taken = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0) taken_.push_back(taken);
    for (int i = 0; i < left; ++i) {
      close(taken_.back());
      taken_.pop_back();
    }
  }
  ~Exhaustion() {
    for (const int taken : taken_) close(taken);
    setrlimit(RLIMIT_NOFILE, &before_);
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

}  // namespace dialtone
