#include "admin_connection.h"

#include <algorithm>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"

namespace dialtone::internal {
namespace {

constexpr size_t kReadBytes = 4096;

}  // namespace

AdminConnection::AdminConnection(Owner& owner, Loop& loop, const AdminOptions& options, uint64_t id,
                                 std::unique_ptr<AcceptedStream> stream)
    : owner_(owner),
      loop_(loop),
      options_(options),
      id_(id),
      stream_(std::move(*stream).Adopt(loop, *this)) {
  loop_.Arm(timeout_, loop_.Now() + options_.timeout);
}

AdminConnection::~AdminConnection() { loop_.Disarm(timeout_); }

void AdminConnection::OnReadable() {
  if (phase_ == Phase::kDone) return;
  char bytes[kReadBytes];
  const IoResult read = stream_->Read(bytes);
  switch (read.state) {
    case IoResult::State::kWouldBlock:
      return;
    case IoResult::State::kFailed:
      return Done();
    case IoResult::State::kEnd:
      // One that has sent its request may half-close; there is nothing more to wait for otherwise.
      if (phase_ == Phase::kReading || phase_ == Phase::kClosing) return Done();
      peer_ended_ = true;
      return;
    case IoResult::State::kDone:
      break;
  }
  // What comes behind the request is read away, so that closing resets nothing.
  if (phase_ == Phase::kReading) TakeBytes(std::string_view(bytes, read.bytes));
}

void AdminConnection::TakeBytes(std::string_view bytes) {
  // Judged with no more than the limit, however much one read has brought.
  bytes_.append(bytes.substr(0, options_.request_bytes_max - bytes_.size()));
  switch (ParseHttpHead(bytes_, request_)) {
    case HttpParse::kNeedMore:
      if (bytes_.size() < options_.request_bytes_max) return;
      return Fail(431,
                  absl::StrCat("the request's head is longer than ", options_.request_bytes_max,
                               " bytes (AdminOptions::request_bytes_max)"));
    case HttpParse::kBad:
      return Fail(400, "this is no request of HTTP/1.1");
    case HttpParse::kBadMethod:
      return Fail(405, "GET and HEAD are answered");
    case HttpParse::kRequest:
      break;
  }
  phase_ = Phase::kWaiting;
  owner_.OnRequest(*this, request_);
}

void AdminConnection::Fail(int code, std::string_view why) {
  Answer(code, kPlainText, std::string(why) + "\n");
}

void AdminConnection::Answer(int code, std::string_view content_type, std::string_view body) {
  if (phase_ > Phase::kWaiting) return;
  bytes_ = HttpAnswer(code, content_type, body, request_.head_only);
  phase_ = Phase::kWriting;
  loop_.Arm(timeout_, loop_.Now() + options_.timeout);
  Write();
}

void AdminConnection::Write() {
  if (phase_ != Phase::kWriting) return;
  while (written_ < bytes_.size()) {
    const iovec block{bytes_.data() + written_, bytes_.size() - written_};
    const IoResult result = stream_->Write(std::span<const iovec>(&block, 1));
    if (result.state == IoResult::State::kFailed) return Done();
    if (result.state != IoResult::State::kDone) return;
    written_ += result.bytes;
  }
  stream_->ShutdownWrite();
  phase_ = Phase::kClosing;
  if (peer_ended_) Done();  // nothing more is told of the stream
}

void AdminConnection::OnTimeout() {
  if (phase_ == Phase::kReading && !bytes_.empty())
    return Fail(408, "the request has not come in time (AdminOptions::timeout)");
  Done();
}

void AdminConnection::Done() {
  if (std::exchange(phase_, Phase::kDone) == Phase::kDone) return;
  loop_.Disarm(timeout_);
  stream_->SetReading(false);
  owner_.OnDone(*this);
}

}  // namespace dialtone::internal
