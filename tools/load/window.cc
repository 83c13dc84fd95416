#include "dialtone/load/window.h"

#include <string>
#include <utility>

namespace dialtone::load {
namespace {

int64_t Nanoseconds(double seconds) { return static_cast<int64_t>(seconds * 1e9); }

}  // namespace

Window::Window(double warmup_seconds, double seconds, std::vector<pid_t> servers, int64_t now)
    : servers_(std::move(servers)),
      opens_(now + Nanoseconds(warmup_seconds)),
      closes_(opens_ + Nanoseconds(seconds)),
      edge_(opens_) {}

Window::Phase Window::Cross(int64_t now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Phase phase = phase_.load(std::memory_order_relaxed);
  if (phase == Phase::kWarmUp && now >= opens_) {
    opened_ = Read(now);
    phase_.store(Phase::kOpen, std::memory_order_relaxed);
    edge_.store(closes_, std::memory_order_relaxed);
  } else if (phase == Phase::kOpen && now >= closes_) {
    closed_ = Read(now);
    phase_.store(Phase::kOver, std::memory_order_relaxed);
  }
  return phase;
}

void Window::Close(int64_t now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (phase_.load(std::memory_order_relaxed) == Phase::kOpen) closed_ = Read(now);
  phase_.store(Phase::kOver, std::memory_order_relaxed);
}

Window::Edge Window::Read(int64_t now) const {
  Edge edge{now, ProcessorNanoseconds(0), 0};
  for (const pid_t server : servers_) edge.server_cpu += ProcessorNanoseconds(server);
  return edge;
}

Result Window::Finish(const std::vector<const Recorder*>& recorders) {
  Result result;
  for (const Recorder* recorder : recorders) result.MergeCounts(recorder->result());
  const std::lock_guard<std::mutex> lock(mutex_);
  if (phase_.load(std::memory_order_relaxed) == Phase::kOpen) closed_ = Read(NowNanoseconds());
  phase_.store(Phase::kOver, std::memory_order_relaxed);
  result.seconds = static_cast<double>(closed_.at - opened_.at) / 1e9;
  result.client_cpu_seconds = static_cast<double>(closed_.client_cpu - opened_.client_cpu) / 1e9;
  result.server_cpu_seconds = static_cast<double>(closed_.server_cpu - opened_.server_cpu) / 1e9;
  return result;
}

Progress Recorder::progress() const {
  Progress progress;
  progress.answered = answered_.load(std::memory_order_relaxed);
  progress.failed = failed_.load(std::memory_order_relaxed);
  progress.latency_sum_ns = static_cast<int64_t>(latency_sum_.load(std::memory_order_relaxed));
  return progress;
}

bool Recorder::OnMessages(uint64_t count, int64_t now) {
  result_.calls_in_all += count;
  Add(answered_, count);
  const Window::Phase phase = window_.OnCompletion(now);
  if (phase == Window::Phase::kOpen) result_.calls += count;
  return phase != Window::Phase::kOver;
}

void Recorder::OnNotBegun(uint64_t count) {
  result_.calls_in_all += count;
  Add(failed_, count);
  result_.errors["NOT_BEGUN"] += count;
}

bool Recorder::OnError(std::string_view status, int64_t ended) {
  ++result_.calls_in_all;
  Add(failed_, 1);
  const Window::Phase phase = window_.OnCompletion(ended);
  if (phase == Window::Phase::kOpen) ++result_.errors[std::string(status)];
  return phase != Window::Phase::kOver;
}

}  // namespace dialtone::load
