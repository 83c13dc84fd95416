// A whole channel in the simulated network, and a server that says anything, in any slices, at any
// time: every call ends exactly once, nothing is left, memory stays bounded, and all that the client
// says is legal.
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "any_stream.h"
#include "connection_script.h"
#include "dialtone/rpc/observer.h"
#include "dialtone/transport/check.h"
#include "frame.h"
#include "frame_maker.h"
#include "fuzz_input.h"
#include "fuzz_peer.h"
#include "fuzz_target.h"
#include "preface.h"
#include "root_task.h"
#include "settings.h"
#include "stream_service.h"
#include "support/sim_network.h"
#include "test_service.h"

namespace dialtone::fuzz {
namespace {

enum ClientStep : uint8_t {
  kCall = kSharedSteps,  // u8 kind, u8 timeout in 10 ms (0: none), text
  kCancel,               // u8 which of the calls so far
  kDrop,                 // u8 which: the handle is destroyed
  kAnswer,               // u8 stream, u8 status, text: a legal RESPONSE
  kGreet,                // preface and SETTINGS
  kReplaceChannel,       //
  kStream,               // u8 kind, u8 timeout in 10 ms (0: none), text: see PlayStream
  kCancelStream,         // u8 which of the streams so far
  kReply,                // u8 stream, u8 status (0: none yet), text: a legal DATA, or the end
  kStepCount,
};

ConnectionLimits SmallLimits() {
  ConnectionLimits limits;
  limits.metadata_bytes_max = 8 * 1024;
  limits.message_bytes_max = 128 * 1024;
  limits.bytes_in_flight_max = 256 * 1024;
  limits.control_frames_max = 64;
  return limits;
}
// Twice what those limits come to, what the script's calls send, and what the simulated network's
// buffers hold.
constexpr size_t kHeapGrowthMax = 32 * 1024 * 1024;
constexpr size_t kQueuedCallsMax = 32;
constexpr size_t kStreamsMax = 32;

class CountingObserver final : public ClientObserver {
 public:
  absl::Status OnStart(ClientCallView&) override {
    ++started;
    return absl::OkStatus();
  }
  void OnEnd(const ClientCallView&, const absl::Status&) override {
    ++ended;
    DIALTONE_CHECK(ended <= started, "a call ended twice");
  }

  size_t started = 0;
  size_t ended = 0;
};

struct MadeCall {
  int told = 0;  // how often its callback ran
  bool left_to_callback = false;
  std::optional<Call<Text>> handle;
  std::optional<CancelHandle> cancel;
};

// A stream that a coroutine plays, on a reactor.
struct MadeStream {
  MadeStream(AnyStream its_stream, RootTask::Executor executor, Runtime& runtime)
      : stream(std::move(its_stream)), root(std::move(executor), runtime) {}

  std::optional<AnyStream> stream;
  RootTask root;
  int told = 0;
};

class ClientWorld {
 public:
  explicit ClientWorld(FuzzInput& input)
      : input_(input),
        network_(AnyNetwork(input)),
        runtime_(std::make_unique<Runtime>(network_, OneReactor())),
        peer_loop_(network_.NewReactor("peer/0")),
        peer_(std::make_unique<FuzzPeer>(network_, *peer_loop_, dialtone1::Role::kServer)) {
    MakeChannel();
  }

  void Run() {
    const size_t heap = HeapBytes();
    for (int steps = 0; steps < kStepsMax && !input_.empty(); ++steps) {
      const auto step = static_cast<uint8_t>(input_.Byte() % kStepCount);
      step < kSharedSteps ? TakeSharedStep(step, input_, network_, *peer_) : TakeOwnStep(step);
      CheckHeap(heap, kHeapGrowthMax);
    }
    network_.RunFor(absl::Milliseconds(10));
    TakeDown();
  }

 private:
  static RuntimeOptions OneReactor() {
    RuntimeOptions options;
    options.reactors = 1;
    options.worker_threads = 1;
    return options;
  }

  void MakeChannel() {
    ChannelOptions options;
    options.runtime = runtime_.get();
    options.limits = SmallLimits();
    options.queued_calls_max = kQueuedCallsMax;
    options.want_server_times = true;
    options.observers.push_back(observer_);
    channel_ = std::make_unique<Channel>(peer_->address().ToString(), options);
  }

  void TakeOwnStep(uint8_t step) {
    switch (static_cast<ClientStep>(step)) {
      case kCall:
        return MakeCall();
      case kCancel: {
        MadeCall* const call = AnyCall();
        if (call == nullptr) return;
        if (call->cancel.has_value()) call->cancel->Cancel();
        if (call->handle.has_value()) call->handle->Cancel();
        return;
      }
      case kDrop: {
        MadeCall* const call = AnyCall();
        if (call != nullptr) call->handle.reset();
        return;
      }
      case kAnswer:
        return Answer();
      case kGreet: {
        std::string settings;
        dialtone1::AppendSettingsFrame(dialtone1::Settings(), settings);
        return peer_->Send(std::string(dialtone1::kPreface) + settings);
      }
      case kReplaceChannel:
        channel_.reset();
        return MakeChannel();
      case kStream:
        return MakeStream();
      case kCancelStream: {
        const uint8_t which = input_.Byte();
        if (streams_.empty()) return;
        std::optional<AnyStream>& stream = streams_[which % streams_.size()].stream;
        if (stream.has_value()) stream->Cancel();
        return;
      }
      case kReply:
        return Reply();
      case kStepCount:
        return;
    }
  }

  MadeCall* AnyCall() {
    const uint8_t which = input_.Byte();
    return calls_.empty() ? nullptr : &calls_[which % calls_.size()];
  }

  void MakeCall() {
    const uint8_t kind = input_.Byte();
    const uint8_t timeout = input_.Byte();
    std::string text(input_.ShortBytes());
    if (kind & 1) text.append(50'000, 'q');
    CallOptions options;
    if (timeout != 0) options.set_timeout(absl::Milliseconds(10 * timeout));
    if (kind & 2) options.set_wait_for_ready(true);
    if (kind & 4) options.metadata.Add("a-key", "a value").IgnoreError();
    MadeCall& made = calls_.emplace_back();
    Call<Text> call(*channel_, kind & 8 ? kPlainMethod : kCoroutineMethod,
                    MakeText(std::move(text)), options);
    if (kind & 16) {  // dropped, or cancelled, by a later step
      made.handle = std::move(call);
      return;
    }
    made.left_to_callback = true;
    made.cancel = std::move(call).Then([&made](const absl::StatusOr<Text>&) { ++made.told; });
  }

  void MakeStream() {
    const uint8_t kind = input_.Byte();
    const uint8_t timeout = input_.Byte();
    const std::string text(input_.ShortBytes());
    if (streams_.size() == kStreamsMax) return;
    CallOptions options;
    if (timeout != 0) options.set_timeout(absl::Milliseconds(10 * timeout));
    if (kind & 4) options.set_wait_for_ready(true);
    Loop& reactor = *runtime_->reactors().front();
    network_.RunOn(reactor, [&] {
      MadeStream& made = streams_.emplace_back(
          StartStream(kind % 4, text, options), [&reactor](Work& work) { reactor.Post(work); },
          *runtime_);
      made.root.Run(PlayStream(made, kind, text), Context(), [&made] { ++made.told; });
    });
  }

  AnyStream StartStream(int kind, const std::string& text, const CallOptions& options) {
    if (kind == 0) return AnyStream(StartDown(*channel_, text, options));
    if (kind == 1) return AnyStream(StartUp(*channel_, options));
    return AnyStream(StartChat(*channel_, options));
  }

  // Writes a message for each letter of `text`, large ones (8), then reads: all, or only some (16).
  // Destroys the stream in the end (32), or waits for its status.
  static Task<absl::Status> PlayStream(MadeStream& made, uint8_t kind, std::string text) {
    const bool writes = kind % 4 != 0;
    const bool reads = kind % 4 != 1;
    const Text message = MakeText(kind & 8 ? std::string(50'000, 'w') : text);
    for (size_t i = 0; writes && i < text.size(); ++i) {
      const bool open = co_await made.stream->Write(message, text[i] == 'z');
      if (!open) break;
    }
    if (reads) made.stream->HalfClose();
    size_t left = kind & 16 ? text.size() : std::numeric_limits<size_t>::max();
    while (reads && left-- > 0) {
      const Text* const reply = co_await made.stream->Read();
      if (reply == nullptr) break;
    }
    absl::Status status;
    if ((kind & 32) == 0) {
      const absl::StatusOr<Text> ended = co_await made.stream->Finish();
      status = ended.status();
    }
    made.stream.reset();
    co_return status;
  }

  void Reply() {
    const uint8_t stream = input_.Byte();
    const uint8_t status = input_.Byte();
    const std::string message = TextMessage(input_.ShortBytes());
    std::string bytes;
    if (status == 0) {
      AppendHead(dialtone1::FrameType::kData, dialtone1::kFlagMessage, stream, 0, 0, message.size(),
                 bytes);
      bytes += message;
    } else {  // 1: OK
      AppendHead(dialtone1::FrameType::kResponse, dialtone1::kFlagEnd, stream, (status - 1) % 18, 0,
                 0, bytes);
    }
    peer_->Send(bytes);
  }

  void Answer() {
    const uint8_t stream = input_.Byte();
    const uint8_t status = input_.Byte() % 18;
    std::string message = TextMessage(input_.ShortBytes());
    if (status != 0) message.clear();
    std::string bytes;
    AppendHead(dialtone1::FrameType::kResponse,
               dialtone1::kFlagEnd | (status == 0 ? dialtone1::kFlagMessage : uint8_t{0}), stream,
               status, 0, message.size(), bytes);
    peer_->Send(bytes + message);
  }

  void TakeDown() {
    peer_->Close();
    network_.RunFor(absl::Seconds(1));
    channel_.reset();
    network_.RunFor(absl::Seconds(1));
    for (const MadeCall& call : calls_) {
      DIALTONE_CHECK(call.told == (call.left_to_callback ? 1 : 0),
                     "a call did not end exactly once");
    }
    for (const MadeStream& stream : streams_)
      DIALTONE_CHECK(stream.told == 1, "a stream did not end exactly once");
    DIALTONE_CHECK(observer_->started == observer_->ended, "a call did not end");
    calls_.clear();
    streams_.clear();
    peer_.reset();
    CheckNothingLeft(network_);
    runtime_.reset();
    peer_loop_.reset();
    DIALTONE_CHECK(network_.live_loops() == 0, "a loop is left");
  }

  FuzzInput& input_;
  const std::shared_ptr<CountingObserver> observer_ = std::make_shared<CountingObserver>();
  std::deque<MadeCall> calls_;
  std::deque<MadeStream> streams_;
  SimNetwork network_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<Loop> peer_loop_;
  std::unique_ptr<FuzzPeer> peer_;
  std::unique_ptr<Channel> channel_;
};

}  // namespace

void RunInput(std::string_view data) {
  BeQuiet();
  FuzzInput input(data);
  ClientWorld(input).Run();
}

}  // namespace dialtone::fuzz
