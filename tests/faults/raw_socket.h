// A client's side of a connection to a server under test, in bytes, over a real socket: may say
// anything, or nothing, and need not read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "codes.h"
#include "dialtone/transport/address.h"

namespace dialtone::faults {

// Aborts when the machine cannot do what any machine can. One thread.
class RawSocket {
 public:
  // `receive_buffer`: what the kernel takes for a client that does not read; 0: its default.
  explicit RawSocket(const Address& server, int receive_buffer = 0);
  ~RawSocket();
  RawSocket(RawSocket&& other) noexcept;
  RawSocket& operator=(RawSocket&&) = delete;

  // As much as the kernel takes now; how many bytes that was. 0, too, once the connection is broken.
  size_t Send(std::string_view bytes);
  // All of it, within `patience`, reading nothing. False: not all was taken, or the connection is
  // broken.
  bool SendAll(std::string_view bytes, absl::Duration patience);
  // Waits for bytes, the end or a failure, and takes what there is. False after `patience`.
  bool Read(absl::Duration patience);
  // Reads until the other side ends the connection, in peace or not. False after `patience`.
  bool AwaitEnd(absl::Duration patience);
  // Reads until so many RESPONSEs with END have come.
  bool AwaitResponses(size_t count, absl::Duration patience);
  // With a reset instead of an end.
  void Reset();

  bool ended() const { return ended_; }
  bool broken() const { return broken_; }
  const std::string& received() const { return received_; }
  // The last GOAWAY that came; kNone and an empty text if none did.
  dialtone1::WireError Goaway() const;
  size_t Responses() const;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
  bool ended_ = false;
  bool broken_ = false;
  std::string received_;
};

// Connections that are nobody's client: connected, and left alone.
std::vector<RawSocket> Connect(const Address& server, size_t count, int receive_buffer = 0);

// Preface and empty SETTINGS.
std::string Hello();
// A unary REQUEST of the test service with all that it needs, by path.
std::string RequestFor(uint32_t stream, std::string_view path, std::string_view text);

}  // namespace dialtone::faults
