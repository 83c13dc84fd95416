// One unary call on the server's side: one request, one reply. Internal to rpc/.
//
//   Start ─▶ OnMessage ─▶ OnHalfClose ─▶ handler ─▶ FinishWith
//            (parse)                        ▲
//   StartWhole, which nearly all begin with ┘
#pragma once

#include <string_view>

#include "handled_call.h"
#include "server_loop.h"

namespace dialtone::internal {

class UnaryCall final : public HandledCall {
 public:
  // Begins a call, and its handler if nothing holds that up.
  ServerStreamHandler* StartWhole(ServerStream& stream, const WholeRequest& request);

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

  // A request waits for a worker, or for its turn. But observers see requests on the reactor, when they come; and there no
  // large one is parsed.
  bool ParsesLater(bool large) const {
    const ServerMethod& method = server_method();
    const bool waits =
        method.run_on_workers || (server_loop().handlers().MustWait(method) && !large);
    return waits && !observed();
  }
  // False: it finds no room, and the call is finished.
  bool KeepUnparsed(IncomingMessage& message);
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
