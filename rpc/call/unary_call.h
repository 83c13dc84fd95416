// One unary call on the server's side: one request, one reply. Internal to rpc/.
//
//   Start ─▶ OnMessage ─▶ OnHalfClose ─▶ handler ─▶ FinishWith
//            (parse)
#pragma once

#include <string_view>

#include "handled_call.h"

namespace dialtone::internal {

class UnaryCall final : public HandledCall {
 public:
  void Destroy() override { DestroyInBlock(*this); }
  void Reset() override {
    PassMessages();
    HandledCall::Reset();
  }

 private:
  friend class HandledCall;  // makes it
  UnaryCall(ServerLoop& loop, const ServerMethod& method, size_t block_bytes)
      : HandledCall(loop, method, block_bytes) {}
  ~UnaryCall() = default;

  void OnMessage(IncomingMessage& message) override;
  void OnHalfClose() override { EndRequest(); }
  Task<absl::Status> MakeTask() override;
  absl::Status CallPlain() override;
  absl::Status Prepare() override;
  const google::protobuf::MessageLite* ReplyToSend() override { return &reply(); }
  void OnFinished() override { FreeUnparsed(); }

  void KeepUnparsed(IncomingMessage& message);
  void FreeUnparsed();

  bool holds_unparsed() const { return unparsed_.data() != nullptr; }

  // A request that waits for a worker thread, or for its turn, is parsed then, if it is still wanted. It lies in the memory that it
  // came in, or in a copy.
  std::string_view unparsed_;
  SharedBytes unparsed_block_;
  char* unparsed_copy_ = nullptr;
  Packing unparsed_packing_;
  uint64_t unparsed_charge_ = 0;  // with what came beside it
};

}  // namespace dialtone::internal
