// One end of a simulated connection. Behaves as TCP does where programs can tell: bounded buffers,
// half-close, resets that destroy what was not read yet, silence across a partition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dialtone/transport/address.h"
#include "dialtone/transport/byte_stream.h"
#include "support/sim_event.h"
#include "support/sim_world.h"

namespace dialtone {

class SimConnection;
class SimStream;

// One end: what a socket is to its process, and the bytes on their way to it.
//
//   incoming:  ┌ arrived, not read ┐┌ on the way, in segments ┐
//              └───────────────────┘└─────────────────────────┘  at most SimOptions::buffer_bytes
//              together
class SimEnd {
 public:
  enum class Failure : uint8_t { kNone, kRefused, kReset, kTimedOut };

  SimEnd(SimWorld& world, SimConnection& connection);

  // --- What a socket offers ---
  IoResult Read(std::span<char> into);
  IoResult Write(std::span<const iovec> from);
  void ShutdownWrite();
  // The process lets go of it. May end the connection and this object with it.
  void Close();

  bool connected() const { return connected_; }
  Failure failure() const { return failure_; }
  // Something that Read() has not told yet.
  bool readable() const;
  // Bytes that can be read now.
  size_t arrived() const { return arrived_; }
  bool wants_write() const { return wants_write_; }
  // Room for more, after a write that moved too little; or a failure to be told.
  bool TakeWritable();
  bool writable() const { return writable_; }

  // --- What the network does to it ---
  void Open() { open_ = true; }
  void SetConnected();
  // A reset comes towards it.
  void ScheduleReset();
  void Fail(Failure failure);
  void OnCut();
  void OnHealed();
  bool open() const { return open_; }

  Address local;
  Address peer_address;
  StreamOptions options;
  SimStream* stream = nullptr;  // null: nobody's yet, or nobody's any more

 private:
  friend class SimConnection;
  struct Segment {
    int64_t arrives;
    int64_t sent;
    size_t bytes;  // 0: the end
  };

  size_t Room() const;
  void Send(size_t bytes);
  void Put(const iovec& piece, size_t bytes);
  void Drop(size_t bytes);
  void PushSegment(size_t bytes);
  void WakeWriter(int64_t delay);
  void Notify();
  void ArmLost();
  void Deliver();
  void OnReset();
  void OnRoom();
  void OnLost();

  SimWorld& world_;
  SimConnection& connection_;
  SimEnd* peer_ = nullptr;

  bool open_ = false;
  bool connected_ = false;
  Failure failure_ = Failure::kNone;
  bool failure_told_ = false;
  bool end_sent_ = false;
  bool wants_write_ = false;
  bool writable_ = false;

  std::unique_ptr<char[]> ring_;
  size_t begin_ = 0;
  size_t size_ = 0;
  size_t arrived_ = 0;
  std::vector<Segment> segments_;
  size_t first_segment_ = 0;
  bool end_arrived_ = false;
  bool end_told_ = false;
  bool reset_pending_ = false;
  int64_t last_arrival_ = 0;
  int64_t line_free_ = 0;
  int64_t last_heard_ = 0;

  MemberEvent<&SimEnd::Deliver> deliver_;
  MemberEvent<&SimEnd::OnReset> reset_;
  MemberEvent<&SimEnd::OnRoom> room_;
  MemberEvent<&SimEnd::OnLost> lost_;
};

}  // namespace dialtone
