// Random programs in the simulated network, judged by the model. A failing seed is printed and can
// be run again, alone and with a trace of all that happened:
//
//   simulation_test --seed=17
//   simulation_test --seeds=1:1000000        (first:count; stops at the first that fails)
//
// DIALTONE_SEEDS=first:count changes which seeds the tests run.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/log.h"
#include "judge.h"
#include "support/random_runs.h"
#include "world.h"

namespace dialtone::simulation {
namespace {

constexpr int kShards = 6;

struct Seeds {
  uint64_t first = 1;
  uint64_t count = DIALTONE_SIMULATION_SEEDS;
};

// What a run came to; those of several add up.
struct Ends {
  std::map<absl::StatusCode, size_t> of_calls;
  std::map<absl::StatusCode, size_t> of_streams;
  size_t messages = 0;  // of streams, read
  size_t retried = 0;   // streams that have run in spite of a failure
  void Add(const Ends& other) {
    for (const auto& [code, count] : other.of_calls) of_calls[code] += count;
    for (const auto& [code, count] : other.of_streams) of_streams[code] += count;
    messages += other.messages;
    retried += other.retried;
  }
};

struct Result {
  std::vector<std::string> complaints;
  uint64_t hash = 0;
  Ends ends;
};

// For whoever reads the last words of a run that aborts.
uint64_t current_seed = 0;

void OnCrash(int signal) {
  char text[96];
  const int length = std::snprintf(text, sizeof(text), "seed %llu aborted; replay: --seed=%llu\n",
                                   static_cast<unsigned long long>(current_seed),
                                   static_cast<unsigned long long>(current_seed));
  std::fwrite(text, 1, static_cast<size_t>(length), stderr);
  std::signal(signal, SIG_DFL);
}

void CatchCrashes() {
  for (const int signal : {SIGABRT, SIGSEGV}) {
    // Sanitizers have more to say.
    if (const auto before = std::signal(signal, OnCrash); before != SIG_DFL)
      std::signal(signal, before);
  }
}

Result RunSeed(uint64_t seed, bool trace = false) {
  current_seed = seed;
  Result result;
  World world(MakeProgram(seed));
  if (trace) {
    world.sim().SetTrace([](std::string_view line) {
      std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
    });
  }
  world.Run();
  result.complaints = Judge(world);
  result.hash = world.sim().trace_hash();
  for (size_t id = 0; id < world.records().size(); ++id) {
    const CallRecord& record = world.records()[id];
    if (!record.begun) continue;
    const bool streams = world.program().calls[id].stream.has_value();
    ++(streams ? result.ends.of_streams : result.ends.of_calls)[record.end_status.code()];
    result.ends.retried += record.stream.failures > 0 && record.runs > 0;
    result.ends.messages += record.stream.client.reads + record.stream.server.reads;
  }
  return result;
}

std::string Describe(uint64_t seed, const Result& result) {
  const size_t shown = std::min<size_t>(result.complaints.size(), 8);
  return absl::StrCat(
      "seed ", seed, " failed; replay: simulation_test --seed=", seed, "\n  ",
      absl::StrJoin(result.complaints.begin(), result.complaints.begin() + shown, "\n  "), "\n");
}

bool ParseSeeds(std::string_view text, Seeds& seeds) {
  const std::vector<std::string> parts = absl::StrSplit(ToAbsl(text), ':');
  return parts.size() == 2 && absl::SimpleAtoi(parts[0], &seeds.first) &&
         absl::SimpleAtoi(parts[1], &seeds.count);
}

Seeds SeedsOfTests() {
  Seeds seeds;
  const char* const asked = std::getenv("DIALTONE_SEEDS");
  if (asked != nullptr && !ParseSeeds(asked, seeds)) {
    std::fprintf(stderr, "DIALTONE_SEEDS must be first:count\n");
    std::exit(2);
  }
  return seeds;
}

class SimulationTest : public testing::TestWithParam<int> {};

TEST_P(SimulationTest, EveryCallEndsOnceAndInWhatTheModelAllows) {
  const Seeds seeds = SeedsOfTests();
  Ends ends;
  for (uint64_t i = static_cast<uint64_t>(GetParam()); i < seeds.count; i += kShards) {
    const uint64_t seed = seeds.first + i;
    const Result result = RunSeed(seed);
    ASSERT_TRUE(result.complaints.empty()) << Describe(seed, result);
    ends.Add(result.ends);
  }
  if (seeds.count < 20 * kShards) return;
  // All ends must occur, or else this shows little.
  for (const absl::StatusCode code :
       {absl::StatusCode::kOk, absl::StatusCode::kCancelled, absl::StatusCode::kDeadlineExceeded,
        absl::StatusCode::kUnavailable, absl::StatusCode::kInternal, absl::StatusCode::kNotFound})
    EXPECT_GT(ends.of_calls[code], 0u) << absl::StatusCodeToString(code);
  for (const absl::StatusCode code :
       {absl::StatusCode::kOk, absl::StatusCode::kCancelled, absl::StatusCode::kDeadlineExceeded,
        absl::StatusCode::kNotFound})
    EXPECT_GT(ends.of_streams[code], 0u) << absl::StatusCodeToString(code) << " of a stream";
  EXPECT_GT(ends.messages, 10 * ends.of_streams[absl::StatusCode::kOk]);
  if (seeds.count < 100 * kShards) return;
  EXPECT_GT(ends.retried, 0u);
}

INSTANTIATE_TEST_SUITE_P(Shards, SimulationTest, testing::Range(0, kShards));

TEST(SimulationTest, ASeedRunsTheSameWayEachTime) {
  for (uint64_t seed = 1; seed <= RandomRuns(20); ++seed)
    EXPECT_EQ(RunSeed(seed).hash, RunSeed(seed).hash) << "seed " << seed;
}

// Without gtest: one seed with its trace, or many until one fails.
int RunByHand(Seeds seeds, bool trace) {
  Ends ends;
  for (uint64_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    const Result result = RunSeed(seed, trace);
    ends.Add(result.ends);
    if (result.complaints.empty()) continue;
    std::fprintf(stderr, "%s", Describe(seed, result).c_str());
    return 1;
  }
  std::printf("%llu seeds passed; calls ended:", static_cast<unsigned long long>(seeds.count));
  for (const auto& [code, count] : ends.of_calls)
    std::printf(" %zu %s", count, absl::StatusCodeToString(code).c_str());
  std::printf("; streams, with %zu messages:", ends.messages);
  for (const auto& [code, count] : ends.of_streams)
    std::printf(" %zu %s", count, absl::StatusCodeToString(code).c_str());
  std::printf("; %zu were tried again and ran\n", ends.retried);
  return 0;
}

}  // namespace
}  // namespace dialtone::simulation

int main(int argc, char** argv) {
  using namespace dialtone::simulation;
  CatchCrashes();
  // Handlers throw on purpose, peers vanish on purpose: their log lines would hide the rest.
  dialtone::SetLogSink([](const dialtone::LogEvent&) {});
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    Seeds seeds;
    if (argument.starts_with("--seed=")) {
      seeds.count = 1;
      if (absl::SimpleAtoi(dialtone::ToAbsl(argument.substr(7)), &seeds.first))
        return RunByHand(seeds, true);
    } else if (argument.starts_with("--seeds=") && ParseSeeds(argument.substr(8), seeds)) {
      return RunByHand(seeds, false);
    }
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
