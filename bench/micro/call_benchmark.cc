// What a coroutine and a context cost a call.
#include <benchmark/benchmark.h>

#include "absl/status/status.h"
#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/context.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/rpc/task.h"

namespace dialtone {
namespace {

// Not inlined, so that its frame is made: clang would leave it out.
[[gnu::noinline]] Task<absl::Status> Coroutine(int& ran) {
  ++ran;
  co_return absl::OkStatus();
}

Task<absl::Status> AwaitMany(int count, int& ran) {
  for (int i = 0; i < count; ++i) {
    const absl::Status status = co_await Coroutine(ran);
    if (!status.ok()) co_return status;
  }
  co_return absl::OkStatus();
}

// Its frame taken from the pool, run to its end, its result taken, and the frame given back.
void RunTask(benchmark::State& state) {
  constexpr int kTasks = 10'000;
  Runtime runtime;
  int ran = 0;
  while (state.KeepRunningBatch(kTasks)) {
    const absl::Status status = BlockOn(AwaitMany(kTasks, ran), runtime);
    if (!status.ok()) state.SkipWithError("a task failed");
  }
  benchmark::DoNotOptimize(ran);
}
BENCHMARK(RunTask);

void MakeContext(benchmark::State& state) {
  for (auto _ : state) {
    const Context context = Context::Cancellable();
    benchmark::DoNotOptimize(context);
  }
}
BENCHMARK(MakeContext);

// As a part of a call's work gets one.
void DeriveContext(benchmark::State& state) {
  const Context parent = Context::Cancellable();
  for (auto _ : state) {
    const Context child = parent.Child();
    benchmark::DoNotOptimize(child);
  }
}
BENCHMARK(DeriveContext);

void InstallContext(benchmark::State& state) {
  const Context context = Context::Cancellable();
  for (auto _ : state) {
    const Context::Scope scope(context);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(InstallContext);

}  // namespace
}  // namespace dialtone
