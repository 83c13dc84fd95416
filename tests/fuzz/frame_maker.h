// Frames of Dialtone/1 from a fuzzer's bytes: mostly well formed, so that the states behind the
// codec are reached, and now and then not.
#pragma once

#include <string>
#include <string_view>

#include "frame.h"
#include "fuzz_input.h"

namespace dialtone::fuzz {

// Paths that a request may be for; 2 and 3 are not served (see server_connection_fuzz.cc).
std::string_view PathOf(uint8_t number);

// A message of the test service (a StringValue that holds `text`), serialised.
std::string TextMessage(std::string_view text);

// Appends a frame's header, for that metadata and message.
void AppendHead(dialtone1::FrameType type, uint8_t flags, uint32_t stream, uint32_t argument,
                size_t metadata_bytes, size_t message_bytes, std::string& bytes);

// Appends a frame: type, flags, stream, argument, metadata and message as the input says, with the
// lengths that fit them.
//   u8 type, u8 flags, stream, argument (SmallNumber each), metadata, message
void AppendAnyFrame(FuzzInput& input, std::string& bytes);
// The same, with a length field or a meta_length that is wrong by what the input says.
void AppendBrokenFrame(FuzzInput& input, std::string& bytes);
// u8 count, then u8 id and u32 value of each.
void AppendAnySettings(FuzzInput& input, std::string& bytes);

// The metadata of a frame: u8 kind, then what that kind needs.
std::string AnyMetadata(FuzzInput& input);
// The message part of a frame: u8 kind or length, then what that kind needs. At most 70,000 bytes.
std::string AnyMessage(FuzzInput& input);

}  // namespace dialtone::fuzz
