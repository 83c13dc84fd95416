#include "small_message_parser.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/parse_context.h>

#include <cstring>

#include "message.h"

namespace dialtone::internal {

// What this uses is for Protobuf's generated code, and may become another thing in any version.
#if GOOGLE_PROTOBUF_VERSION >= 3021000 && GOOGLE_PROTOBUF_VERSION < 3022000

bool SmallMessageParser::Parse(std::string_view bytes, bool has_room,
                               google::protobuf::MessageLite& into) {
  using google::protobuf::internal::ParseContext;
  constexpr size_t kRoom = ParseContext::kSlopBytes;
  static_assert(IncomingMessage::kRoomBytes >= kRoom);
  if (bytes.empty()) return into.ParseFromArray(nullptr, 0);
  const char* at = bytes.data();
  char copy[kMaxBytes + kRoom];
  if (!has_room) {
    std::memcpy(copy, bytes.data(), bytes.size());
    std::memset(copy + bytes.size(), 0, kRoom);
    at = copy;
  }
  const google::protobuf::StringPiece with_room(at, bytes.size() + kRoom);
  ParseContext context(google::protobuf::io::CodedInputStream::GetDefaultRecursionLimit(),
                       /*aliasing=*/false, &at, with_room);
  // The difference to the limit before, for who goes back to that.
  static_cast<void>(context.PushLimit(at, static_cast<int>(bytes.size())));
  into.Clear();
  at = into._InternalParse(at, &context);
  if (at == nullptr || !context.EndedAtLimit()) return false;
  // Protobuf's own parser says what is missing.
  return into.IsInitialized() || into.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

#else

bool SmallMessageParser::Parse(std::string_view bytes, bool, google::protobuf::MessageLite& into) {
  return into.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

#endif

}  // namespace dialtone::internal
