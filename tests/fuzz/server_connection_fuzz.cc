// A whole server in the simulated network, and a client that says anything, in any slices, at any
// time: every call that begins ends once, nothing is left, memory stays bounded, and all that the
// server says is legal.
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "connection_script.h"
#include "dialtone/rpc/observer.h"
#include "dialtone/rpc/sleep.h"
#include "dialtone/transport/check.h"
#include "frame_maker.h"
#include "fuzz_input.h"
#include "fuzz_peer.h"
#include "fuzz_target.h"
#include "metadata_block.h"
#include "stream_service.h"
#include "support/sim_network.h"
#include "test_service.h"

namespace dialtone::fuzz {
namespace {

enum ServerStep : uint8_t {
  kRequest = kSharedSteps,  // u8 path (see RequestPath), u8 what, text: a legal REQUEST
  kCancel,                  // u8 which of the streams so far
  kReconnect,               //
  kShutdown,                // u8 milliseconds
  kOpenGate,                //
  kOpenStream,              // u8 path: a legal REQUEST without a message and an end
  kData,                    // u8 which of the streams so far, u8 what, text: a message
  kStepCount,
};

// Small, so that an input of a few hundred bytes reaches them.
ConnectionLimits SmallLimits() {
  ConnectionLimits limits;
  limits.streams_max = 64;
  limits.methods_max = 64;
  limits.metadata_bytes_max = 8 * 1024;
  limits.message_bytes_max = 128 * 1024;
  limits.bytes_in_flight_max = 256 * 1024;
  limits.write_queue_bytes_max = 64 * 1024;
  limits.control_frames_max = 64;
  return limits;
}
// Twice what those limits come to (a connection's window among them), and what the simulated
// network's buffers and the script hold.
constexpr size_t kHeapGrowthMax = 24 * 1024 * 1024;

// Counts, so that the end can be compared with the beginning.
class CountingObserver final : public ServerObserver {
 public:
  absl::Status OnStart(ServerCall& call) override {
    // Who rejects a call hears no more of it.
    if (call.metadata().Get("reject").has_value()) return absl::PermissionDeniedError("rejected");
    ++started;
    return absl::OkStatus();
  }
  void OnEnd(ServerCall&, const absl::Status&) override {
    ++ended;
    DIALTONE_CHECK(ended <= started, "a call ended twice");
  }

  size_t started = 0;
  size_t ended = 0;
};

class ServerWorld {
 public:
  explicit ServerWorld(FuzzInput& input)
      : input_(input),
        network_(AnyNetwork(input)),
        runtime_(std::make_unique<Runtime>(network_, OneReactor())),
        peer_loop_(network_.NewReactor("peer/0")) {
    ServerOptions options;
    options.runtime = runtime_.get();
    options.limits = SmallLimits();
    options.observers.push_back(observer_);
    server_ = std::make_unique<Server>(options);
    server_->Add(std::make_unique<CoroutineService>(
        [this](ServerCall& call, const Text& request, Text& reply) {
          return Handle(call, request, reply);
        }));
    ServiceOptions on_workers;
    on_workers.run_on_workers = true;
    server_->Add(std::make_unique<PlainService>(PlainHello), on_workers);
    StreamHandlers streams{nullptr, Concatenate, nullptr};
    streams.down = [this](ServerCall&, const Text& request, Writer<Text>& writer) {
      return Repeat(request, writer);
    };
    streams.chat = [this](ServerCall&, Reader<Text>& reader, Writer<Text>& writer) {
      return Converse(reader, writer);
    };
    server_->Add(std::make_unique<StreamService>(streams));
    auto bound = server_->Listen("127.0.0.1:0");
    DIALTONE_CHECK(bound.ok() && server_->Start().ok());
    address_ = *bound;
    peer_ = std::make_unique<FuzzPeer>(network_, *peer_loop_, dialtone1::Role::kClient);
    peer_->Connect(address_);
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

  void TakeOwnStep(uint8_t step) {
    switch (static_cast<ServerStep>(step)) {
      case kRequest:
        return SendRequest();
      case kCancel: {
        std::string bytes;
        AppendHead(dialtone1::FrameType::kCancel, 0, 1 + 2 * input_.Byte(), 0, 0, 0, bytes);
        return peer_->Send(bytes);
      }
      case kReconnect:
        next_stream_ = 1;
        peer_->Connect(address_);
        return network_.RunFor(absl::Milliseconds(1));
      case kShutdown:
        in_time_ = server_->Shutdown(absl::Milliseconds(input_.Byte())).ok() && in_time_;
        return;
      case kOpenGate:
        gate_open_ = true;
        return network_.RunFor(absl::Milliseconds(5));
      case kOpenStream:
        return OpenStream();
      case kData:
        return SendData();
      case kStepCount:
        return;
    }
  }

  void SendRequest() {
    const uint8_t path = input_.Byte();
    const uint8_t what = input_.Byte();
    const std::string message = TextMessage(input_.ShortBytes());
    std::string metadata;
    dialtone1::AppendPair(metadata, dialtone1::kPathKey, PathOf(path));
    if (what & 1) dialtone1::AppendPair(metadata, "reject", "yes");
    std::string bytes;
    AppendHead(dialtone1::FrameType::kRequest,
               dialtone1::kFlagMessage | (what & 2 ? uint8_t{0} : dialtone1::kFlagEnd),
               next_stream_, 0, metadata.size(), message.size(), bytes);
    next_stream_ += 2;
    peer_->Send(bytes + metadata + message);
  }

  void OpenStream() {
    std::string metadata;
    dialtone1::AppendPair(metadata, dialtone1::kPathKey, PathOf(input_.Byte()));
    std::string bytes;
    AppendHead(dialtone1::FrameType::kRequest, 0, next_stream_, 0, metadata.size(), 0, bytes);
    next_stream_ += 2;
    peer_->Send(bytes + metadata);
  }

  void SendData() {
    const uint32_t stream = 1 + 2 * input_.Byte();
    const uint8_t what = input_.Byte();
    std::string message = TextMessage(input_.ShortBytes());
    if (what & 2) message.append(Field2(what));
    std::string bytes;
    AppendHead(dialtone1::FrameType::kData,
               dialtone1::kFlagMessage | (what & 1 ? dialtone1::kFlagEnd : uint8_t{0}), stream, 0,
               0, message.size(), bytes);
    peer_->Send(bytes + message);
  }
  // An unknown field of up to 60,000 bytes.
  static std::string Field2(uint8_t what) {
    const size_t bytes = 16'384 + what * 160;
    std::string field = "\x12";
    field.push_back(static_cast<char>((bytes & 0x7F) | 0x80));
    field.push_back(static_cast<char>(((bytes >> 7) & 0x7F) | 0x80));
    field.push_back(static_cast<char>(bytes >> 14));
    return field.append(bytes, 'u');
  }

  // --- What the first letter of a request, or of a stream's message, asks for ---

  // As many replies as the request has letters.
  Task<absl::Status> Repeat(const Text& request, Writer<Text>& writer) {
    const std::string& text = request.value();
    Text reply = MakeText(text);
    if (!text.empty() && text[0] == 'b') reply.set_value(std::string(text.size() * 2'000, 'r'));
    for (size_t i = 0; i < text.size(); ++i) {
      const bool open = co_await writer.Write(reply);
      if (!open) break;
    }
    if (!text.empty() && text[0] == 'f') co_return absl::AbortedError(text);
    co_return absl::OkStatus();
  }

  Task<absl::Status> Converse(Reader<Text>& reader, Writer<Text>& writer) {
    bool open = true;
    while (auto message = co_await reader.Read()) {
      const std::string& text = message->value();
      const char letter = text.empty() ? '\0' : text[0];
      if (letter == 'f') co_return absl::AbortedError(text);
      while (letter == 'h' && !gate_open_) {  // a slow reader
        const absl::Status slept = co_await Sleep(absl::Milliseconds(50));
        if (!slept.ok()) co_return slept;
      }
      if (letter == 'b') message->set_value(std::string(text.size() * 2'000, 'r'));
      open = co_await writer.Write(*message);
      if (!open) break;
    }
    co_return absl::OkStatus();
  }

  Task<absl::Status> Handle(ServerCall& call, const Text& request, Text& reply) {
    const std::string& text = request.value();
    call.initial_metadata().Add("initial", "yes").IgnoreError();
    switch (text.empty() ? '\0' : text[0]) {
      case 'h':  // held until the gate is open
        while (!gate_open_) {
          const absl::Status slept = co_await Sleep(absl::Milliseconds(50));
          if (!slept.ok()) co_return slept;
        }
        break;
      case 'i':  // held, and does not care to be cancelled
        for (int naps = 0; naps < 20 && !gate_open_; ++naps) {
          (void)co_await Sleep(absl::Milliseconds(50));
        }
        break;
      case 'b':  // large
        reply.set_value(std::string(text.size() * 20'000, 'r'));
        co_return absl::OkStatus();
      case 'f':
        call.trailing_metadata().Add("why", "asked for").IgnoreError();
        co_return absl::AbortedError(text);
      case 't':
        throw std::runtime_error("asked for");
      default:
        break;
    }
    reply.set_value(text);
    co_return absl::OkStatus();
  }

  void TakeDown() {
    gate_open_ = true;
    peer_->Close();
    // A second time it says what it said the first time.
    DIALTONE_CHECK(server_->Shutdown(absl::Seconds(30)).ok() == in_time_, "handlers did not end");
    network_.RunFor(absl::Seconds(2));
    DIALTONE_CHECK(server_->connections() == 0, "a connection is counted at the end");
    DIALTONE_CHECK(server_->calls_in_flight() == 0, "a call is counted at the end");
    DIALTONE_CHECK(observer_->started == observer_->ended, "a call did not end");
    server_.reset();
    peer_.reset();
    CheckNothingLeft(network_);
    runtime_.reset();
    peer_loop_.reset();
    DIALTONE_CHECK(network_.live_loops() == 0, "a loop is left");
  }

  FuzzInput& input_;
  const std::shared_ptr<CountingObserver> observer_ = std::make_shared<CountingObserver>();
  bool gate_open_ = false;
  bool in_time_ = true;  // all shutdowns so far found no handler at work at their deadline
  uint32_t next_stream_ = 1;
  SimNetwork network_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<Loop> peer_loop_;
  std::unique_ptr<Server> server_;
  Address address_;
  std::unique_ptr<FuzzPeer> peer_;
};

}  // namespace

void RunInput(std::string_view data) {
  BeQuiet();
  FuzzInput input(data);
  ServerWorld(input).Run();
}

}  // namespace dialtone::fuzz
