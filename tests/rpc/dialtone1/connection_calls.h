// Calls that only record what they are told, on either side of a Dialtone/1 connection, and do what a test says. For the
// connection tests.
#pragma once

#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "client_protocol.h"
#include "gtest/gtest.h"
#include "message.h"
#include "server_protocol.h"

namespace dialtone::dialtone1 {

class TestMessage final : public OutgoingMessage {
 public:
  explicit TestMessage(std::string bytes, const Packing& packing = Packing(),
                       const Attachment& attachment = Attachment())
      : bytes_(std::move(bytes)) {
    size_ = bytes_.size();
    packing_ = packing;
    attachment_ = attachment;
  }
  void WriteTo(char* into) const override { std::memcpy(into, bytes_.data(), bytes_.size()); }
  SharedBytes Share() override {
    auto block = std::make_shared<char[]>(bytes_.size() + 1);
    WriteTo(block.get());
    return block;
  }

 private:
  std::string bytes_;
};

// Bytes that differ from place to place, so that a piece in the wrong place shows.
inline std::string Pattern(size_t size, uint32_t seed = 1) {
  std::string bytes(size, '\0');
  uint32_t x = seed * 2654435761u + 1;
  for (char& c : bytes) {
    x = x * 1664525u + 1013904223u;
    c = static_cast<char>(x >> 24);
  }
  return bytes;
}

// What either side's call does with messages that come: remembers them, and may keep them until the
// test takes them.
struct TestReader {
  void Read(IncomingMessage& message) {
    messages.emplace_back(message.bytes);
    packing = message.packing;
    attachment = message.attachment;
    if (!keep) return;
    message.kept = true;
    kept.push_back(message.cost);
  }
  uint64_t kept_bytes() const {
    uint64_t bytes = 0;
    for (const MessageCost& cost : kept) bytes += cost.memory_bytes;
    return bytes;
  }
  // The oldest that is kept; there must be one.
  MessageCost NextTaken() {
    const MessageCost cost = kept.front();
    kept.pop_front();
    return cost;
  }

  bool keep = false;
  std::vector<std::string> messages;
  Packing packing;  // these two: of the last message
  Attachment attachment;
  std::deque<MessageCost> kept;
};

// A client's call: remembers what it was told.
struct TestCall final : ClientStreamHandler, TestReader {
  void OnHeaders(Metadata&& metadata) override {
    EXPECT_FALSE(ended) << "initial metadata behind the end";
    headers = std::move(metadata);
  }
  void OnMessage(IncomingMessage& message) override {
    EXPECT_FALSE(done()) << "a message behind the end";
    Read(message);
    if (on_message) on_message();
  }
  void OnWritable() override {
    EXPECT_FALSE(done());
    EXPECT_FALSE(std::exchange(writable, true)) << "told that it may send, twice";
    ++writable_told;
    if (on_writable) on_writable();
  }
  void OnEnd(StreamEnd&& what) override {
    EXPECT_FALSE(ended) << "ended twice";
    EXPECT_FALSE(starting) << "ended from within Start()";
    ended = true;
    stream = nullptr;
    end = std::move(what);
    if (on_end) on_end();
  }
  // Some do, some do not.
  bool TakesWhole() const override { return !keep && !on_message; }
  void OnWhole(std::string_view bytes, Instant arrived) override {
    EXPECT_FALSE(done());
    messages.emplace_back(bytes);
    StreamEnd whole_end;
    whole_end.arrived = arrived;
    OnEnd(std::move(whole_end));
  }
  void Cancel(dialtone::CancelReason reason = dialtone::CancelReason::kCancelled) {
    std::exchange(stream, nullptr)->Cancel(reason);
    cancelled = true;
  }
  // False: more should wait for OnWritable().
  bool Send(std::string bytes, bool last = false) {
    TestMessage message(std::move(bytes));
    writable = stream->Send(message, last);
    return writable;
  }
  void Take() { stream->Taken(NextTaken()); }
  absl::StatusCode code() const { return end.status.code(); }
  std::string text() const { return std::string(end.status.message()); }
  bool done() const { return ended || cancelled; }

  ClientStream* stream = nullptr;
  bool starting = false;
  bool ended = false;
  bool cancelled = false;
  bool writable = true;
  int writable_told = 0;
  std::optional<Metadata> headers;
  StreamEnd end;
  std::function<void()> on_message;
  std::function<void()> on_writable;
  std::function<void()> on_end;
};

// A server's call: remembers what it was told, and finishes when the test says so.
struct TestHandler final : ServerStreamHandler, TestReader {
  void OnMessage(IncomingMessage& message) override {
    EXPECT_FALSE(finished || cancelled) << "a message behind the end";
    Read(message);
    if (on_message) on_message(*this);
  }
  void OnWritable() override {
    EXPECT_FALSE(finished);
    EXPECT_FALSE(std::exchange(writable, true)) << "told that it may send, twice";
    ++writable_told;
    if (on_writable) on_writable(*this);
  }
  void OnHalfClose() override {
    EXPECT_FALSE(finished || half_closed);
    half_closed = true;
    if (on_half_close) on_half_close(*this);
  }
  void OnCancel(dialtone::CancelReason reason) override {
    EXPECT_FALSE(finished || cancelled.has_value());
    cancelled = reason;
    if (on_cancel) on_cancel(*this);
  }
  // False: more should wait for OnWritable().
  bool Send(std::string bytes) {
    TestMessage message(std::move(bytes));
    writable = stream->Send(message);
    return writable;
  }
  void Take() { stream->Taken(NextTaken()); }
  void Finish(const absl::Status& status, const Metadata* trailing = nullptr) {
    finished = true;
    ServerEnd end;
    end.status = status;
    end.trailing = trailing;
    std::exchange(stream, nullptr)->Finish(end);
  }
  void Reply(std::string bytes, const Metadata* trailing = nullptr) {
    Reply(TestMessage(std::move(bytes)), trailing);
  }
  void Reply(TestMessage message, const Metadata* trailing = nullptr) {
    finished = true;
    ServerEnd end;
    end.status = stream->CheckMessage(message);
    end.reply = end.status.ok() ? &message : nullptr;
    end.trailing = trailing;
    end.queue_us = 11;
    end.handler_us = 22;
    std::exchange(stream, nullptr)->Finish(end);
  }

  ServerStream* stream = nullptr;
  std::string path;
  Metadata metadata;
  Instant deadline;
  Instant begun;
  bool writable = true;
  int writable_told = 0;
  bool half_closed = false;
  bool finished = false;
  std::optional<dialtone::CancelReason> cancelled;
  std::function<void(TestHandler&)> on_message;
  std::function<void(TestHandler&)> on_writable;
  std::function<void(TestHandler&)> on_half_close;
  std::function<void(TestHandler&)> on_cancel;
};

}  // namespace dialtone::dialtone1
