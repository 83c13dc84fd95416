// When the calls of an open loop are due, whatever becomes of those before them. A call's latency
// counts from there, not from when it could be sent: otherwise a server that stalls would be asked
// less just then, and its stall would hardly show (coordinated omission).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace dialtone::load {

// A value: the rate of calls over time.
class Schedule {
 public:
  static Schedule Constant(double calls_per_second);
  // From one rate to another in a straight line over so many seconds, then at the last rate.
  static Schedule Ramp(double from, double to, double seconds);
  // The same in so many steps of one length each, the first at `from`, the last at `to`. From 2.
  static Schedule Steps(double from, double to, int steps, double seconds);
  // "const:1000" or "1000", "ramp:1000:9000", "step:1000:9000:5" over `seconds`; empty for anything else, and
  // for rates that are not positive.
  static std::optional<Schedule> Parse(std::string_view text, double seconds);

  // When the call of this number (from 0) is due, in nanoseconds from the beginning. Never falls from
  // one number to the next.
  int64_t DueNanoseconds(int64_t number) const;

 private:
  Schedule(double from, double to, int steps, double seconds)
      : from_(from), to_(to), steps_(steps), seconds_(seconds) {}

  double DueOnRamp(double number) const;
  double DueOnSteps(double number) const;

  double from_;
  double to_;
  int steps_;  // 0: a ramp
  double seconds_;
};

}  // namespace dialtone::load
