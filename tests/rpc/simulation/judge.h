// The model: what each call of a world may have ended in, given what happened to it.
#pragma once

#include <string>
#include <vector>

#include "world.h"

namespace dialtone::simulation {

// One line for each thing that must not have happened; none: all was as it should be.
std::vector<std::string> Judge(const World& world);
// Empty: nothing. In stream_judge.cc.
std::string WhyStreamIsWrong(const CallRecord& record);

}  // namespace dialtone::simulation
