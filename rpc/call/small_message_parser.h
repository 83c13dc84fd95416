// Parses small messages as MessageLite::ParseFromArray() does, for a twentieth of a call less. Internal to rpc/.
//
// Protobuf's parser may read 16 bytes beyond the field that it is at. So it takes the last 16 bytes of what it is given from a
// copy with room behind it, and goes over to that copy in mid-message: of some dozen bytes that is the greater part of the
// work. Here all of a small message is copied to where there is room, and the parser is told its end as it is told the end of a
// message within another one: it goes over to nothing. See "Parse loop" in google/protobuf/parse_context.h.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message_lite.h>
#include <google/protobuf/parse_context.h>

#include <cstring>
#include <string_view>

namespace dialtone::internal {

class SmallMessageParser {
 public:
  // To larger ones the last bytes matter less, and the copy more.
  static constexpr size_t kMaxBytes = 240;

  // False: `into` holds anything, and ParseFromArray() is to say what is wrong, if anything is. Requires that bytes.size() <=
  // kMaxBytes.
  static bool Parse(std::string_view bytes, google::protobuf::MessageLite& into);
};

// What this uses is for Protobuf's generated code, and may become another thing in any version.
#if GOOGLE_PROTOBUF_VERSION >= 3021000 && GOOGLE_PROTOBUF_VERSION < 3022000

inline bool SmallMessageParser::Parse(std::string_view bytes, google::protobuf::MessageLite& into) {
  using google::protobuf::internal::ParseContext;
  constexpr size_t kRoom = ParseContext::kSlopBytes;
  if (bytes.empty()) return false;
  char padded[kMaxBytes + kRoom];
  std::memcpy(padded, bytes.data(), bytes.size());
  std::memset(padded + bytes.size(), 0, kRoom);
  const char* at = nullptr;
  ParseContext context(google::protobuf::io::CodedInputStream::GetDefaultRecursionLimit(),
                       /*aliasing=*/false, &at,
                       google::protobuf::StringPiece(padded, bytes.size() + kRoom));
  // The difference to the limit before, for who goes back to that.
  static_cast<void>(context.PushLimit(at, static_cast<int>(bytes.size())));
  into.Clear();
  at = into._InternalParse(at, &context);
  return at != nullptr && context.EndedAtLimit() && into.IsInitialized();
}

#else

inline bool SmallMessageParser::Parse(std::string_view, google::protobuf::MessageLite&) {
  return false;
}

#endif

}  // namespace dialtone::internal
