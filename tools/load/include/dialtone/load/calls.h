// What a load generator asks of whoever makes the calls: begin one, and say how it ended.
//
//   class EchoCalls final : public dialtone::load::CallSource {
//     void Begin(int64_t id, dialtone::load::CallEnd end) override {
//       client_.Echo(request_).Then([end](absl::StatusOr<EchoReply> reply) {
//         reply.ok() ? end.Answered() : end.Failed(reply.status());
//       });
//     }
//   };
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace dialtone::load {

namespace internal {

// A call under way, in the generator that it belongs to.
struct CallSlot;

class CallSink {
 public:
  virtual void OnAnswered(CallSlot& slot) = 0;
  virtual void OnFailed(CallSlot& slot, std::string_view status) = 0;

 protected:
  ~CallSink() = default;
};

struct CallSlot {
  CallSink* sink = nullptr;
  int64_t id = 0;
  int64_t began = 0;
};

}  // namespace internal

// How a call tells its end: one of these, once. As small as a pointer, so that a callback can keep it
// without memory of its own.
class CallEnd {
 public:
  explicit CallEnd(internal::CallSlot& slot) : slot_(&slot) {}

  int64_t id() const { return slot_->id; }
  // Rightly: the reply is this call's.
  void Answered() const { slot_->sink->OnAnswered(*slot_); }
  void Failed(const absl::Status& status) const {
    slot_->sink->OnFailed(*slot_, absl::StatusCodeToString(status.code()));
  }
  void AnsweredWrongly() const { slot_->sink->OnFailed(*slot_, "WRONG_REPLY"); }

 private:
  internal::CallSlot* slot_;
};

// Begins calls. Lives until the last one has ended.
class CallSource {
 public:
  // Begins the call of this number and returns at once. Its end comes later, never from within.
  virtual void Begin(int64_t id, CallEnd end) = 0;

 protected:
  ~CallSource() = default;
};

}  // namespace dialtone::load
