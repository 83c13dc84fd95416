// The simulation's only source of chance: a small generator (splitmix64) whose whole state is one
// number.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dialtone {

class SimRandom {
 public:
  explicit SimRandom(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // Less than `limit`, which is above zero. (The bias of the remainder does not matter here.)
  uint64_t Below(uint64_t limit) { return Next() % limit; }
  bool Chance(double probability) {
    return probability > 0 && static_cast<double>(Next() >> 11) * 0x1.0p-53 < probability;
  }
  // From `min` to `max`, both included.
  int64_t Between(int64_t min, int64_t max) {
    return max <= min ? min
                      : min + static_cast<int64_t>(Below(static_cast<uint64_t>(max - min) + 1));
  }
  // A part of `whole` bytes: often a single one, often a few, sometimes any number. At least 1;
  // `whole` is too.
  size_t Slice(size_t whole) {
    const uint64_t kind = Below(3);
    if (kind == 0) return 1;
    return 1 + static_cast<size_t>(Below(kind == 1 && whole > 16 ? 16 : whole));
  }

 private:
  uint64_t state_;
};

}  // namespace dialtone
