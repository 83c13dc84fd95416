#include "unary_call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/internal/frame_pool.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/transport/absl_strings.h"
#include "server_loop.h"

namespace dialtone::internal {
namespace {

// Small requests' bytes stay until the call is over: then they go back to the reactor's pool.
constexpr size_t kKeptUnparsedMax = 4096;

}  // namespace

ServerStreamHandler* UnaryCall::StartWhole(ServerStream& stream, const WholeRequest& request) {
  Open(stream, request.deadline, request.arrived, request.wants_times);
  if (!server_loop().observers().empty() && !TellStart()) return nullptr;
  CountRequest(request.bytes.size());
  if (ParsesLater(/*large=*/false)) [[unlikely]] {
    IncomingMessage message;
    message.bytes = request.bytes;
    if (!KeepUnparsed(message)) return nullptr;
  } else {
    absl::Status status = ParseRequest(Packing(), request.bytes, request.has_room);
    if (!status.ok()) return FinishWith(std::move(status)), nullptr;
    if (observed()) TellMessageIn(this->request());
  }
  BeginHandler();
  return this;
}

void UnaryCall::OnMessage(IncomingMessage& message) {
  if (!ParsesLater(IsLarge(message))) return TakeRequest(message);
  if (BeginRequest(message)) KeepUnparsed(message);
}

bool UnaryCall::KeepUnparsed(IncomingMessage& message) {
  ByteBudget& budget = server_loop().runtime().bytes_in_flight();
  if (budget.spent()) {
    server_loop().counters().Count(ServerLimit::kBytesInFlight);
    FinishWith(
        absl::ResourceExhaustedError(absl::StrCat(ToAbsl(method()), ": more than ", budget.max(),
                                                  " bytes are in flight in this process "
                                                  "(RuntimeOptions::bytes_in_flight_max)")),
        /*refused=*/true);
    return false;
  }
  ParseLater();
  unparsed_packing_ = message.packing;
  unparsed_ = message.bytes;
  if (message.block != nullptr) {
    unparsed_block_ = std::move(message.block);
  } else {
    unparsed_copy_ = static_cast<char*>(FramePool::Allocate(unparsed_.size() + 1));
    std::copy(unparsed_.begin(), unparsed_.end(), unparsed_copy_);
    unparsed_ = std::string_view(unparsed_copy_, unparsed_.size());
  }
  unparsed_charge_ = unparsed_.size() + message.attachment.size();
  budget.Add(unparsed_charge_);
  return true;
}

void UnaryCall::FreeUnparsed() {
  if (!holds_unparsed()) return;
  server_loop().runtime().bytes_in_flight().Subtract(unparsed_charge_);
  if (unparsed_copy_ != nullptr) {
    FramePool::Free(std::exchange(unparsed_copy_, nullptr), unparsed_.size() + 1);
  } else {
    unparsed_block_.reset();
  }
  unparsed_ = std::string_view();
}

// What nobody waits for any more is not even parsed.
absl::Status UnaryCall::Prepare() {
  if (!holds_unparsed()) return absl::OkStatus();
  absl::Status status = ParseRequest(unparsed_packing_, unparsed_);
  if (unparsed_.size() > kKeptUnparsedMax) FreeUnparsed();
  return status;
}

Task<absl::Status> UnaryCall::MakeTask() {
  return server_method().handler->coroutine(*server_method().service, *this, request(), reply());
}

absl::Status UnaryCall::CallPlain() {
  return server_method().handler->plain(*server_method().service, *this, request(), reply());
}

}  // namespace dialtone::internal
