// Plays one side's script on its end of a stream, and notes and checks what comes of it.
#pragma once

#include <string>

#include "dialtone/rpc/task.h"
#include "stream_plan.h"
#include "stream_record.h"
#include "world.h"

namespace dialtone::simulation {

class StreamPlayer {
 public:
  StreamPlayer(World& world, int id, AnyStream& stream);
  // A handler's.
  StreamPlayer(World& world, int id, const StreamParts& parts);

  // Until the script's end, or that of a context in which it sleeps. As a coroutine,
  Task<absl::Status> Play(const StreamScript& script);
  // or on a thread that may block.
  void PlayBlocking(const StreamScript& script);

 private:
  ReadOp<Text> Read() { return is_client() ? stream_->Read() : parts_.reader->Read(); }
  WriteOp Write(const Text& message, bool last) {
    return is_client() ? stream_->Write(message, last) : parts_.writer->Write(message);
  }
  bool is_client() const { return stream_ != nullptr; }

  // True: so it can be done.
  bool Admits(StreamAct act) const;
  void HalfClose();
  Text NextToWrite(bool last);
  void Wrote(bool open);
  // False: there is no more.
  bool Took(const Text* message);
  void CheckEnd();
  void CheckHeld();
  void Wrong(std::string what);

  World& world_;
  const int id_;
  const CallPlan& plan_;
  CallRecord& record_;
  AnyStream* stream_ = nullptr;
  StreamParts parts_;
  SideRecord& mine_;
  SideRecord& others_;
};

}  // namespace dialtone::simulation
