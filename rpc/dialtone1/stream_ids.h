// Stream ids: odd, rising, chosen by the client, never used twice on a connection.
#pragma once

#include <cstdint>

#include "dialtone/transport/check.h"

namespace dialtone::dialtone1 {

inline constexpr uint32_t kFirstStreamId = 1;
// FFFFFFFF is taken: in a GOAWAY it means "every stream".
inline constexpr uint32_t kLastStreamId = 0xFFFFFFFD;
// So many ids before the last one a client begins to move to a new connection.
inline constexpr uint32_t kNearEndIds = 64 * 1024;

// The client's. Tests start it near the end.
class StreamIdSource {
 public:
  explicit StreamIdSource(uint32_t first = kFirstStreamId) : next_(first) {
    DIALTONE_CHECK((first & 1) == 1, "stream ids are odd");
  }

  // 0 when every id has been used.
  uint32_t Next() {
    if (exhausted_) return 0;
    const uint32_t id = next_;
    exhausted_ = id >= kLastStreamId;
    if (!exhausted_) next_ += 2;
    last_ = id;
    return id;
  }
  // 0 before the first.
  uint32_t last() const { return last_; }
  bool exhausted() const { return exhausted_; }
  // Time to open the next connection, while this one still has ids for what comes meanwhile.
  bool near_end() const { return exhausted_ || (kLastStreamId - next_) / 2 < kNearEndIds; }

 private:
  uint32_t next_;
  uint32_t last_ = 0;
  bool exhausted_ = false;
};

// The server's: which id opens a stream.
class StreamIdRule {
 public:
  // `last` was opened before, or 0.
  explicit StreamIdRule(uint32_t last = 0) : last_(last) {}

  // For a REQUEST's id. False: even, falling or repeated; the connection ends with STREAM_ID. Gaps
  // are fine; the ids left out count as closed.
  [[nodiscard]] bool Open(uint32_t id) {
    if ((id & 1) == 0 || id <= last_ || id > kLastStreamId) return false;
    last_ = id;
    return true;
  }
  // Whether a stream that is not in the table has been there: it is closed, not idle.
  bool WasOpened(uint32_t id) const { return (id & 1) == 1 && id <= last_; }
  // What a GOAWAY says. 0 before the first.
  uint32_t last() const { return last_; }

 private:
  uint32_t last_;
};

}  // namespace dialtone::dialtone1
