// A stream of the test service at its client's end, of whichever kind.
#pragma once

#include <optional>
#include <utility>

#include "dialtone/rpc/task.h"
#include "stream_service.h"

namespace dialtone {

// As the three are; what a kind does not have must not be called.
class AnyStream {
 public:
  explicit AnyStream(DownCall stream) : down_(std::move(stream)) {}
  explicit AnyStream(UpCall stream) : up_(std::move(stream)) {}
  explicit AnyStream(ChatCall stream) : chat_(std::move(stream)) {}

  ReadOp<Text> Read() {
    if (down_.has_value()) return down_->Read();
    return chat_->Read();
  }
  WriteOp Write(const Text& message, bool last) {
    if (up_.has_value()) return last ? up_->WriteLast(message) : up_->Write(message);
    return last ? chat_->WriteLast(message) : chat_->Write(message);
  }
  void HalfClose() {
    if (chat_.has_value()) chat_->HalfClose();
  }
  void Cancel() {
    if (down_.has_value()) down_->Cancel();
    if (up_.has_value()) up_->Cancel();
    if (chat_.has_value()) chat_->Cancel();
  }
  Task<absl::StatusOr<Text>> Finish() {
    Text none;
    if (up_.has_value()) {
      absl::StatusOr<Text> reply = co_await up_->Finish();
      co_return reply;
    }
    absl::Status status;
    if (down_.has_value()) {
      status = co_await down_->Finish();
    } else {
      status = co_await chat_->Finish();
    }
    if (!status.ok()) co_return status;
    co_return none;
  }
  absl::StatusOr<Text> FinishBlocking() {
    if (up_.has_value()) return up_->Finish().Wait();
    const absl::Status status = down_.has_value() ? down_->Finish().Wait() : chat_->Finish().Wait();
    if (!status.ok()) return status;
    return Text();
  }
  // The stream is as if moved from.
  template <class Callback>
  CancelHandle FinishThen(Callback callback) {
    if (up_.has_value()) return up_->Finish().Then(callback);
    const auto without_reply = [callback](const absl::Status& status) {
      callback(status.ok() ? absl::StatusOr<Text>(Text()) : absl::StatusOr<Text>(status));
    };
    if (down_.has_value()) return down_->Finish().Then(without_reply);
    return chat_->Finish().Then(without_reply);
  }

 private:
  std::optional<DownCall> down_;
  std::optional<UpCall> up_;
  std::optional<ChatCall> chat_;
};

}  // namespace dialtone
