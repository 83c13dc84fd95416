// The part of a connection target's input that both targets share: steps, each one byte that says
// what to do, then what that needs.
//
//   u8 seed, u8 network                what the simulated network is like
//   u8 step, …                         until the input ends
#pragma once

#include <cstddef>
#include <cstdint>

#include "fuzz_input.h"
#include "fuzz_peer.h"
#include "support/sim_network.h"

namespace dialtone::fuzz {

// Steps below this are the script's, see connection_script.cc; the others are the target's own.
inline constexpr uint8_t kSharedSteps = 16;
// More steps than this of one input are not taken: time is better spent on other inputs.
inline constexpr int kStepsMax = 400;

// Reads the first two bytes.
SimOptions AnyNetwork(FuzzInput& input);

// Takes a step below kSharedSteps.
void TakeSharedStep(uint8_t step, FuzzInput& input, SimNetwork& network, FuzzPeer& peer);

// What a peer does wrong is logged, thousands of times a second here: turns that off.
void BeQuiet();

// Memory that is in use, where the sanitizer can tell; else 0.
size_t HeapBytes();
// Aborts if more than `bytes` have come into use since `before`.
void CheckHeap(size_t before, size_t bytes);
// Aborts unless nothing is left of streams, connections, listeners and timers.
void CheckNothingLeft(SimNetwork& network);

}  // namespace dialtone::fuzz
