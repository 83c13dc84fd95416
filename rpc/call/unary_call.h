// One unary call on the server's side: one request, one reply. Internal to rpc/.
//
//   Start ─▶ OnMessage ─▶ OnHalfClose ─▶ handler ─▶ FinishWith
//            (parse)
#pragma once

#include "handled_call.h"

namespace dialtone::internal {

class UnaryCall final : public HandledCall {
 public:
  void Destroy() override { DestroyInBlock(*this); }

 private:
  friend class HandledCall;  // makes it
  UnaryCall(ServerLoop& loop, const ServerMethod& method, size_t block_bytes)
      : HandledCall(loop, method, block_bytes) {}
  ~UnaryCall() = default;

  void OnMessage(IncomingMessage& message) override;
  void OnHalfClose() override { EndRequest(); }
  Task<absl::Status> MakeTask() override;
  absl::Status CallPlain() override;
  absl::Status PrepareOnWorker() override;
  const google::protobuf::MessageLite* ReplyToSend() override { return &reply(); }
  void OnFinished() override { FreeUnparsed(); }

  void KeepUnparsed(const IncomingMessage& message);
  void FreeUnparsed();

  // A request that waits for a worker thread is parsed there, if it is still wanted then.
  char* unparsed_ = nullptr;
  size_t unparsed_bytes_ = 0;
  Packing unparsed_packing_;
  uint64_t unparsed_charge_ = 0;  // with what came beside it
};

}  // namespace dialtone::internal
