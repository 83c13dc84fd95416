// What a call may tell about the connection it came over or went out on. Internal to rpc/.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dialtone/rpc/compression.h"
#include "dialtone/transport/address.h"
#include "dialtone/transport/byte_stream.h"

namespace dialtone {

// Some of the algorithms. A value.
class CompressionSet {
 public:
  bool has(Compression algorithm) const { return (bits_ & Bit(algorithm)) != 0; }
  void Add(Compression algorithm) { bits_ = static_cast<uint8_t>(bits_ | Bit(algorithm)); }
  bool empty() const { return bits_ == 0; }

 private:
  static uint8_t Bit(Compression algorithm) {
    return static_cast<uint8_t>(1u << static_cast<uint8_t>(algorithm));
  }

  uint8_t bits_ = 0;
};

struct ConnectionInfo {
  Address peer;
  std::string_view protocol;  // "dialtone/1", "in-process"
  // What the peer unpacks; none before it has said so.
  CompressionSet compressions;
  // A message of no more bytes, with nothing beside them and not packed, need not be judged before it is sent
  // (ServerStream::CheckMessage()).
  uint64_t plain_bytes_max = 0;
};

// What a connection's byte stream has carried. Nothing, for one within the process.
struct ConnectionTraffic {
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  std::optional<TcpInfo> tcp;
};

}  // namespace dialtone
