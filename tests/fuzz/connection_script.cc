#include "connection_script.h"

#include <google/protobuf/stubs/logging.h>

#include <string>

#include "dialtone/transport/check.h"
#include "dialtone/transport/log.h"
#include "frame.h"
#include "frame_maker.h"
#include "little_endian.h"
#include "preface.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DIALTONE_COUNTS_HEAP 1
#include <sanitizer/allocator_interface.h>
#endif
#endif

namespace dialtone::fuzz {
namespace {

// The numbers are part of the format of inputs: see make_corpus.py.
enum SharedStep : uint8_t {
  kSendBytes = 0,     // u8 count, bytes
  kSendPreface = 1,   //
  kSendSettings = 2,  // see AppendAnySettings
  kSendFrame = 3,     // see AppendAnyFrame
  kSendBroken = 4,    // see AppendBrokenFrame
  kPassMicros = 5,    // u8 microseconds, times ten
  kPassMillis = 6,    // u8 milliseconds
  kPassSeconds = 7,   // u8 seconds
  kSetSlice = 8,      // u8 bytes; 0: whole
  kEndWriting = 9,    //
  kClose = 10,        //
  kStopReading = 11,  //
  kGoOnReading = 12,  //
  kReset = 13,        //
  kPartition = 14,    // u8 milliseconds
  kRepeatFrame = 15,  // u8 count, then a frame
};

}  // namespace

SimOptions AnyNetwork(FuzzInput& input) {
  SimOptions options(1 + input.Byte());
  const uint8_t network = input.Byte();
  options.slice_probability = network & 1 ? 0.3 : 0.0;
  options.buffer_bytes = network & 2 ? 4096 : 64 * 1024;
  options.loss_probability = network & 4 ? 0.05 : 0.0;
  return options;
}

void TakeSharedStep(uint8_t step, FuzzInput& input, SimNetwork& network, FuzzPeer& peer) {
  std::string bytes;
  switch (static_cast<SharedStep>(step)) {
    case kSendBytes:
      return peer.Send(input.ShortBytes());
    case kSendPreface:
      return peer.Send(dialtone1::kPreface);
    case kSendSettings:
      AppendAnySettings(input, bytes);
      return peer.Send(bytes);
    case kSendFrame:
      AppendAnyFrame(input, bytes);
      return peer.Send(bytes);
    case kSendBroken:
      AppendBrokenFrame(input, bytes);
      return peer.Send(bytes);
    case kPassMicros:
      return network.RunFor(absl::Microseconds(10 * input.Byte()));
    case kPassMillis:
      return network.RunFor(absl::Milliseconds(input.Byte()));
    case kPassSeconds:
      return network.RunFor(absl::Seconds(input.Byte()));
    case kSetSlice:
      return peer.SetSlice(input.Byte());
    case kEndWriting:
      return peer.End();
    case kClose:
      return peer.Close();
    case kStopReading:
      return peer.SetReading(false);
    case kGoOnReading:
      return peer.SetReading(true);
    case kReset:
      network.ResetConnections();
      return;
    case kPartition:
      network.Partition("local", "peer");
      network.RunFor(absl::Milliseconds(input.Byte()));
      return network.Heal("local", "peer");
    case kRepeatFrame: {
      const uint8_t count = input.Byte();
      AppendAnyFrame(input, bytes);
      if (bytes.size() > 4096) return peer.Send(bytes);
      std::string many;
      for (int i = 0; i < count; ++i) many += bytes;
      return peer.Send(many);
    }
  }
}

void BeQuiet() {
  SetLogLevel(LogLevel::kError);
  google::protobuf::SetLogHandler(nullptr);
}

size_t HeapBytes() {
#ifdef DIALTONE_COUNTS_HEAP
  return __sanitizer_get_current_allocated_bytes();
#else
  return 0;
#endif
}

void CheckHeap(size_t before, size_t bytes) {
  DIALTONE_CHECK(HeapBytes() <= before + bytes, "more memory than the limits allow is in use");
}

void CheckNothingLeft(SimNetwork& network) {
  DIALTONE_CHECK(network.RunUntilIdle(absl::Minutes(20)), "the world does not come to rest");
  DIALTONE_CHECK(network.live_streams() == 0, "a stream is left");
  DIALTONE_CHECK(network.live_connections() == 0, "a connection is left");
  DIALTONE_CHECK(network.live_listeners() == 0, "a listener is left");
  DIALTONE_CHECK(network.events_to_come() == 0, "a timer is left");
}

}  // namespace dialtone::fuzz
