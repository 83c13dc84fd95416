#include "frame_writer.h"

#include <algorithm>
#include <string>

namespace dialtone::dialtone1 {

void AppendSettings(WriteQueue& queue, const Settings& settings) {
  std::string bytes;
  AppendSettingsFrame(settings, bytes);
  queue.Append(bytes);
}

void AppendGoaway(WriteQueue& queue, uint32_t last_stream, GoawayReason reason,
                  std::string_view text) {
  text = text.substr(0, kMaxGoawayTextBytes);
  const auto payload = static_cast<uint32_t>(4 + text.size());
  char* at = queue.Reserve(kHeaderBytes + payload).data();
  at = WriteFrameHead(MakeHeader(FrameType::kGoaway, 0, 0, last_stream), TimePrefix::None(), {},
                      payload, at);
  Store32(at, static_cast<uint32_t>(reason));
  std::copy(text.begin(), text.end(), at + 4);
}

bool ReadGoaway(const Frame& frame, GoawayInfo& info) {
  if (frame.message.size() < 4) return false;
  info.last_stream = frame.header.argument;
  info.reason = static_cast<GoawayReason>(Load32(frame.message.data()));
  info.text = frame.message.substr(4);
  return true;
}

}  // namespace dialtone::dialtone1
