#include "frame_maker.h"

#include "frame.h"
#include "little_endian.h"
#include "metadata_block.h"

namespace dialtone::fuzz {
namespace {

using dialtone1::AppendPair;
using dialtone1::FrameHeader;
using dialtone1::FrameType;

std::string Number32Bytes(uint32_t value) {
  std::string bytes(4, '\0');
  dialtone1::Store32(bytes.data(), value);
  return bytes;
}

struct Parts {
  FrameHeader header;
  std::string payload;
};

Parts AnyParts(FuzzInput& input) {
  Parts parts;
  FrameHeader& header = parts.header;
  header.type = input.Byte();
  header.flags = input.Byte();
  header.stream = input.SmallNumber();
  header.argument = input.SmallNumber();
  const bool head = header.is(FrameType::kRequest) || header.is(FrameType::kResponse);
  if (head && header.has(dialtone1::kFlagDeadline)) {
    parts.payload.append(Number32Bytes(input.Number32())).append(4, '\0');
  }
  const std::string metadata = AnyMetadata(input);
  header.meta_length = static_cast<uint16_t>(metadata.size());
  parts.payload += metadata;
  parts.payload += AnyMessage(input);
  header.length = static_cast<uint32_t>(parts.payload.size());
  return parts;
}

void Append(const Parts& parts, std::string& bytes) {
  char head[dialtone1::kHeaderBytes];
  EncodeHeader(parts.header, head);
  bytes.append(head, sizeof(head)).append(parts.payload);
}

}  // namespace

std::string_view PathOf(uint8_t number) {
  switch (number % 8) {
    case 0:
      return "/test.Service/Coroutine";
    case 1:
      return "/test.Plain/Plain";
    case 2:
      return "/test.Service/Missing";
    case 4:
      return "/test.Streams/Down";
    case 5:
      return "/test.Streams/Up";
    case 6:
      return "/test.Streams/Chat";
    default:
      return "no path";
  }
}

std::string TextMessage(std::string_view text) {
  text = text.substr(0, 127);
  std::string bytes = "\x0A";
  bytes.push_back(static_cast<char>(text.size()));
  return bytes.append(text);
}

void AppendHead(FrameType type, uint8_t flags, uint32_t stream, uint32_t argument,
                size_t metadata_bytes, size_t message_bytes, std::string& bytes) {
  FrameHeader header;
  header.type = static_cast<uint8_t>(type);
  header.flags = flags;
  header.stream = stream;
  header.argument = argument;
  header.meta_length = static_cast<uint16_t>(metadata_bytes);
  header.length = static_cast<uint32_t>(metadata_bytes + message_bytes);
  char head[dialtone1::kHeaderBytes];
  EncodeHeader(header, head);
  bytes.append(head, sizeof(head));
}

void AppendAnyFrame(FuzzInput& input, std::string& bytes) { Append(AnyParts(input), bytes); }

void AppendBrokenFrame(FuzzInput& input, std::string& bytes) {
  const uint8_t what = input.Byte();
  const uint32_t by = input.SmallNumber();
  Parts parts = AnyParts(input);
  if (what & 1) parts.header.length += by;
  if (what & 2) parts.header.length -= by;
  if (what & 4) parts.header.meta_length = static_cast<uint16_t>(parts.header.meta_length + by);
  if (what & 8) parts.header.meta_length = static_cast<uint16_t>(parts.header.meta_length - by);
  Append(parts, bytes);
}

void AppendAnySettings(FuzzInput& input, std::string& bytes) {
  Parts parts;
  parts.header.type = static_cast<uint8_t>(FrameType::kSettings);
  for (int pairs = input.Byte(); pairs > 0; --pairs) {
    const auto id = static_cast<char>(input.Byte());
    parts.payload.push_back(id);
    parts.payload.push_back('\0');
    parts.payload += Number32Bytes(input.Number32());
  }
  parts.header.length = static_cast<uint32_t>(parts.payload.size());
  Append(parts, bytes);
}

std::string AnyMetadata(FuzzInput& input) {
  std::string block;
  const uint8_t kind = input.Byte();
  if (kind & 1) AppendPair(block, dialtone1::kPathKey, PathOf(input.Byte()));
  if (kind & 2) AppendPair(block, dialtone1::kMessageKey, input.ShortBytes());
  if (kind & 4) {
    std::string details;
    const std::string_view url = input.ShortBytes();
    dialtone1::AppendDetail(details, {url, input.ShortBytes()});
    AppendPair(block, dialtone1::kDetailsKey, details);
  }
  if (kind & 8) {
    const std::string key = "k" + std::string(input.ShortBytes().substr(0, 200));
    AppendPair(block, key, input.ShortBytes());
  }
  if (kind & 16) AppendPair(block, "some-bin", input.ShortBytes());
  if (kind & 32) block.append(input.ShortBytes());
  if (kind & 64) AppendPair(block, "large", std::string(input.Number16() % 40'000, 'v'));
  return block;
}

std::string AnyMessage(FuzzInput& input) {
  const uint8_t kind = input.Byte();
  switch (kind) {
    case 255:
      return std::string(input.Number32() % 70'000, 'm');
    case 254:
      return std::string(dialtone1::kMaxPieceBytes, 'm');
    case 253:
      return TextMessage(input.ShortBytes());
    case 252: {  // the first piece of a message: its total, then some of it
      std::string piece = Number32Bytes(input.SmallNumber());
      return piece.append(input.ShortBytes());
    }
    case 251: {
      std::string piece = Number32Bytes(input.Number32());
      return piece.append(input.Number16(), 'p');
    }
    default:
      return std::string(input.Bytes(kind));
  }
}

}  // namespace dialtone::fuzz
