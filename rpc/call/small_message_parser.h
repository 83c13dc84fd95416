// Parses small messages as MessageLite::ParseFromArray() does, for a twentieth of a call less. Internal to rpc/.
//
// Protobuf's parser may read 16 bytes beyond the field that it is at. So it takes the last 16 bytes of what it is given from a
// copy with room behind it, and goes over to that copy in mid-message: of some dozen bytes that is the greater part of the
// work. Here the message lies where there is room, or is copied there, and the parser is told its end as it is told the end of
// a message within another one: it goes over to nothing. See EpsCopyInputStream in google/protobuf/parse_context.h.
#pragma once

#include <google/protobuf/message_lite.h>

#include <cstddef>
#include <string_view>

namespace dialtone::internal {

class SmallMessageParser {
 public:
  // To larger ones the last bytes matter less, and the copy more.
  static constexpr size_t kMaxBytes = 240;

  // `has_room`: as in IncomingMessage. False: it is no valid message, and `into` holds anything. Requires that bytes.size() <=
  // kMaxBytes.
  static bool Parse(std::string_view bytes, bool has_room, google::protobuf::MessageLite& into);
};

}  // namespace dialtone::internal
