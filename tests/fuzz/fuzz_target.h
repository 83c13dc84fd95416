// What every target has: a function that runs one input, and aborts if something is wrong with what
// that shows. Linked with libFuzzer it is searched (preset fuzz); linked with replay_main.cc it runs
// the inputs in a folder, as an ordinary test.
#pragma once

#include <string_view>

namespace dialtone::fuzz {

// Deterministic; leaves nothing behind.
void RunInput(std::string_view data);

}  // namespace dialtone::fuzz
