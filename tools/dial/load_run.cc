#include "load_run.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "dialtone/load/calls.h"
#include "dialtone/load/closed_loop.h"
#include "dialtone/load/open_loop.h"
#include "dialtone/load/window.h"
#include "dialtone/rpc/call.h"
#include "dialtone/rpc/context.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/transport/instant.h"
#include "interrupt.h"
#include "payload.h"

namespace dial {
namespace {

using dialtone::load::NowNanoseconds;
using dialtone::load::Progress;
using dialtone::load::Recorder;
using dialtone::load::Window;
using google::protobuf::Empty;

// More calls than these are not begun by an open loop: they count as errors, NOT_BEGUN.
constexpr size_t kOpenLoopInFlightMax = 16 * 1024;

// Used on one thread at a time, but for Cancel().
class DynamicCalls final : public dialtone::load::CallSource {
 public:
  DynamicCalls(const DynamicMethod& method, const dialtone::CallOptions& options, Payload& payload,
               std::vector<dialtone::Channel*> channels)
      : method_(method), options_(options), payload_(payload), channels_(std::move(channels)) {}

  void Begin(int64_t id, dialtone::load::CallEnd end) override {
    dialtone::Channel& channel = *channels_[static_cast<size_t>(id) % channels_.size()];
    const absl::StatusOr<const google::protobuf::Message*> request = payload_.Request(id);
    // A call's end may not come from within: what is wrong is told of at the load's end.
    static const Empty kNothing;
    if (!request.ok() && mistake_.ok()) mistake_ = request.status();
    const google::protobuf::Message& sent = request.ok() ? **request : kNothing;
    const dialtone::Context::Scope scope(context_);
    dialtone::Call<Empty>(channel, method_.method(), sent, options_)
        .Then([end](const absl::StatusOr<Empty>& reply) {
          reply.ok() ? end.Answered() : end.Failed(reply.status());
        });
  }
  // Any thread. Those under way end with CANCELLED, and so do those that still begin.
  void Cancel() { context_.Cancel(); }
  // What they belong to.
  const dialtone::Context& context() const { return context_; }
  // Why a request was sent empty, if one was.
  const absl::Status& mistake() const { return mistake_; }

 private:
  const DynamicMethod& method_;
  const dialtone::CallOptions& options_;
  Payload& payload_;
  absl::Status mistake_;
  dialtone::Context context_ = dialtone::Context::Cancellable();
  const std::vector<dialtone::Channel*> channels_;
};

absl::StatusOr<std::unique_ptr<Payload>> MakePayload(const LoadPlan& plan,
                                                     const DynamicMethod& method, uint64_t seed) {
  return Payload::Make(plan.payload, plan.form, method.NewRequest(), seed);
}

// Whether a first call that ended so says that there is nothing to measure, not that calls fail.
bool IsPointless(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsUnimplemented(status);
}

// A connection of a closed loop. A channel's callbacks run one after the other, so all that follows from a first call's end
// runs there.
class Lane {
 public:
  Lane(std::unique_ptr<dialtone::Channel> channel, const LoadPlan& plan,
       const DynamicMethod& method, std::unique_ptr<Payload> payload, Window& window)
      : channel_(std::move(channel)),
        payload_(std::move(payload)),
        method_(method),
        options_(plan.options),
        recorder_(window),
        calls_(method, options_, *payload_, {channel_.get()}),
        loop_(calls_, recorder_, plan.in_flight) {}

  void Start() {
    const absl::StatusOr<const google::protobuf::Message*> request = payload_->Request(0);
    if (!request.ok()) return Fail(request.status());
    const dialtone::Context::Scope scope(calls_.context());
    dialtone::Call<Empty>(*channel_, method_.method(), **request, options_)
        .Then([this](const absl::StatusOr<Empty>& reply) {
          if (IsPointless(reply.status())) return Fail(reply.status());
          loop_.Start();
        });
  }
  // OK: it has run to its end.
  absl::Status WaitForEnd() {
    dialtone::Runtime::Default().network().Wait(loop_.ended(), dialtone::Instant::Infinite());
    return status_.ok() ? calls_.mistake() : status_;
  }
  // Any thread: its calls end.
  void Cancel() { calls_.Cancel(); }
  const Recorder& recorder() const { return recorder_; }

 private:
  void Fail(const absl::Status& status) {
    status_ = status;
    loop_.ended().Set();
  }

  const std::unique_ptr<dialtone::Channel> channel_;
  const std::unique_ptr<Payload> payload_;
  const DynamicMethod& method_;
  const dialtone::CallOptions& options_;
  absl::Status status_;  // of the first call
  Recorder recorder_;
  DynamicCalls calls_;
  dialtone::load::ClosedLoop loop_;
};

// Tells every second how it goes, until it is destroyed.
class Ticker {
 public:
  Ticker(std::vector<const Recorder*> recorders,
         const std::function<void(const LoadTick&)>& on_tick)
      : recorders_(std::move(recorders)), on_tick_(on_tick), thread_([this] { Run(); }) {}
  ~Ticker() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      over_ = true;
    }
    over_changed_.notify_one();
    thread_.join();
  }
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  Progress Sum() const {
    Progress sum;
    for (const Recorder* recorder : recorders_) {
      const Progress one = recorder->progress();
      sum.answered += one.answered;
      sum.failed += one.failed;
      sum.latency_sum_ns += one.latency_sum_ns;
    }
    return sum;
  }

  void Run() {
    const auto began = std::chrono::steady_clock::now();
    Progress before;
    auto last = began;
    std::unique_lock<std::mutex> lock(mutex_);
    while (
        !over_changed_.wait_until(lock, last + std::chrono::seconds(1), [this] { return over_; })) {
      const auto now = std::chrono::steady_clock::now();
      const Progress sum = Sum();
      const uint64_t answered = sum.answered - before.answered;
      LoadTick tick;
      tick.seconds = std::chrono::duration<double>(now - began).count();
      tick.calls_per_second =
          static_cast<double>(answered) / std::chrono::duration<double>(now - last).count();
      tick.failed = sum.failed - before.failed;
      tick.latency_mean_ns = answered == 0
                                 ? 0
                                 : static_cast<double>(sum.latency_sum_ns - before.latency_sum_ns) /
                                       static_cast<double>(answered);
      on_tick_(tick);
      before = sum;
      last = now;
    }
  }

  const std::vector<const Recorder*> recorders_;
  const std::function<void(const LoadTick&)>& on_tick_;
  std::mutex mutex_;
  std::condition_variable over_changed_;
  bool over_ = false;
  std::thread thread_;
};

using MakeChannel = std::function<std::unique_ptr<dialtone::Channel>()>;
using OnTick = std::function<void(const LoadTick&)>;

absl::StatusOr<dialtone::load::Result> RunClosed(const LoadPlan& plan, const DynamicMethod& method,
                                                 const MakeChannel& make_channel,
                                                 const OnTick& on_tick) {
  Window window(absl::ToDoubleSeconds(plan.warmup), absl::ToDoubleSeconds(plan.duration),
                plan.servers);
  std::vector<std::unique_ptr<Lane>> lanes;
  std::vector<const Recorder*> recorders;
  for (int i = 0; i < plan.connections; ++i) {
    absl::StatusOr<std::unique_ptr<Payload>> payload =
        MakePayload(plan, method, static_cast<uint64_t>(i));
    if (!payload.ok()) return payload.status();
    lanes.push_back(
        std::make_unique<Lane>(make_channel(), plan, method, *std::move(payload), window));
    recorders.push_back(&lanes.back()->recorder());
  }
  // The window first: what is cancelled is no failure of the server's.
  const WhenInterrupted stop([&] {
    window.Close(NowNanoseconds());
    for (const auto& lane : lanes) lane->Cancel();
  });
  absl::Status failed;
  {
    const Ticker ticker(recorders, on_tick);
    for (const auto& lane : lanes) lane->Start();
    for (const auto& lane : lanes) {
      absl::Status ended = lane->WaitForEnd();
      if (ended.ok() || !failed.ok()) continue;
      failed = std::move(ended);
      window.Close(NowNanoseconds());
    }
  }
  if (!failed.ok()) return failed;
  return window.Finish(recorders);
}

absl::StatusOr<dialtone::load::Result> RunOpen(const LoadPlan& plan, const DynamicMethod& method,
                                               const MakeChannel& make_channel,
                                               const OnTick& on_tick) {
  absl::StatusOr<std::unique_ptr<Payload>> payload = MakePayload(plan, method, 0);
  if (!payload.ok()) return payload.status();
  std::vector<std::unique_ptr<dialtone::Channel>> channels;
  std::vector<dialtone::Channel*> used;
  for (int i = 0; i < plan.connections; ++i) {
    channels.push_back(make_channel());
    used.push_back(channels.back().get());
    const absl::StatusOr<const google::protobuf::Message*> request = (*payload)->Request(0);
    if (!request.ok()) return request.status();
    dialtone::Context context = dialtone::Context::Cancellable();
    const WhenInterrupted stop([&context] { context.Cancel(); });
    const dialtone::Context::Scope scope(context);
    const absl::StatusOr<Empty> first =
        dialtone::Call<Empty>(*used.back(), method.method(), **request, plan.options).Wait();
    if (IsPointless(first.status())) return first.status();
    if (Interrupted()) return absl::CancelledError("interrupted before anything was measured");
  }
  Window window(absl::ToDoubleSeconds(plan.warmup), absl::ToDoubleSeconds(plan.duration),
                plan.servers);
  Recorder recorder(window);
  DynamicCalls calls(method, plan.options, **payload, used);
  dialtone::load::OpenLoop loop(dialtone::Runtime::Default().network(), calls, recorder,
                                *plan.schedule, kOpenLoopInFlightMax);
  {
    const WhenInterrupted stop([&] {
      loop.Stop();
      window.Close(NowNanoseconds());
      calls.Cancel();
    });
    const Ticker ticker({&recorder}, on_tick);
    loop.Run(window.closes());
  }
  if (!calls.mistake().ok()) return calls.mistake();
  return window.Finish({&recorder});
}

}  // namespace

absl::StatusOr<dialtone::load::Result> RunLoad(const LoadPlan& plan, const DynamicMethod& method,
                                               const MakeChannel& make_channel,
                                               const OnTick& on_tick) {
  return plan.schedule.has_value() ? RunOpen(plan, method, make_channel, on_tick)
                                   : RunClosed(plan, method, make_channel, on_tick);
}

}  // namespace dial
