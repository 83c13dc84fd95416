// What a caller gets of a reply, whichever way it waits: small ones, which are parsed when they are handed over, and others.
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "dialtone/transport/event.h"
#include "frame_writer.h"
#include "raw_peer.h"
#include "sim_servers.h"
#include "test_service.h"

namespace dialtone {
namespace {

using dialtone1::FrameType;

class Replies : public testing::Test {
 protected:
  Replies() : loop_(world_.network.NewReactor("raw/0")) {
    OnPeer([&] { peer_ = std::make_unique<dialtone1::RawPeer>(world_.network, *loop_); });
    channel_ = std::make_unique<Channel>(peer_->address().ToString(), world_.ClientOptions());
    std::string hello(dialtone1::kPreface);
    dialtone1::AppendSettingsFrame(dialtone1::Settings(), hello);
    OnPeer([&] { peer_->Send(hello); });
  }
  ~Replies() override {
    channel_.reset();
    OnPeer([&] { peer_.reset(); });
    world_.network.RunFor(absl::Seconds(1));
  }
  void OnPeer(absl::FunctionRef<void()> f) { world_.network.RunOn(*loop_, f); }
  void Run() { world_.network.RunFor(absl::Milliseconds(5)); }
  // Answers the newest call so; with `status`, behind the message.
  void Answer(const std::string& message, uint32_t status = 0) {
    Run();
    uint32_t stream = 0;
    for (const dialtone1::Frame& frame : peer_->Frames()) {
      if (frame.type() == FrameType::kRequest) stream = frame.header.stream;
    }
    const bool whole = status == 0;
    std::string bytes =
        Frame(whole ? FrameType::kResponse : FrameType::kData,
              dialtone1::kFlagMessage | (whole ? dialtone1::kFlagEnd : 0), stream, 0, message);
    if (!whole) bytes += Frame(FrameType::kResponse, dialtone1::kFlagEnd, stream, status, "");
    OnPeer([&] { peer_->Send(bytes); });
    Run();
  }
  static std::string Frame(FrameType type, int flags, uint32_t stream, uint32_t argument,
                           const std::string& part) {
    std::string frame(dialtone1::kHeaderBytes, '\0');
    dialtone1::WriteFrameHead(
        dialtone1::MakeHeader(type, static_cast<uint8_t>(flags), stream, argument),
        dialtone1::TimePrefix::None(), {}, static_cast<uint32_t>(part.size()), frame.data());
    return frame + part;
  }
  // What a call that is answered so gives: waited for, with what came beside it; and told to a callback.
  std::vector<std::string> BothWays(const std::string& message, uint32_t status = 0) {
    std::vector<std::string> seen;
    CallInfo info;
    Call<Text> waited = StartPlain(*channel_, "waited").Capture(info);
    Answer(message, status);
    seen.push_back(Show(waited.Wait()));
    EXPECT_EQ(info.peer, peer_->address());
    Event told;
    StartPlain(*channel_, "told").Then([&](absl::StatusOr<Text> reply) {
      seen.push_back(Show(reply));
      told.Set();
    });
    Answer(message, status);
    EXPECT_TRUE(world_.network.Wait(told, world_.network.Now() + absl::Seconds(1)));
    return seen;
  }

  SimProcess world_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<dialtone1::RawPeer> peer_;
  std::unique_ptr<Channel> channel_;
};

std::string Serialised(const std::string& value) {
  Text text;
  text.set_value(value);
  return text.SerializeAsString();
}

TEST_F(Replies, AreTheSameOfEverySize) {
  for (const size_t bytes : {0, 1, 100, 126, 127, 128, 129, 5000}) {
    const std::string value(bytes, 'x');
    const std::string seen = "OK: " + value;
    EXPECT_EQ(BothWays(Serialised(value)), (std::vector<std::string>{seen, seen})) << bytes;
  }
}

TEST_F(Replies, OneThatIsNoMessageFailsItsCallWithItsPeersName) {
  const std::string why = "INTERNAL: /test.Plain/Plain: the reply of " +
                          peer_->address().ToString() + " is no valid google.protobuf.StringValue";
  for (const size_t bytes : {3, 128, 129, 5000}) {
    // A field whose length goes beyond the end.
    std::string message = Serialised(std::string(bytes, 'x'));
    message.resize(bytes);
    EXPECT_EQ(BothWays(message), (std::vector<std::string>{why, why})) << bytes;
  }
  // A string must be UTF-8: the field is whole, and not valid for that.
  const std::string small = "\x0a\x02\xff\xfe";
  EXPECT_EQ(BothWays(small), (std::vector<std::string>{why, why}));
}

TEST_F(Replies, WhatComesBeforeAnErrorIsNotLookedAt) {
  const auto code = static_cast<uint32_t>(absl::StatusCode::kNotFound);
  for (const std::string& seen : BothWays("no message", code))
    EXPECT_EQ(seen.substr(0, 9), "NOT_FOUND") << seen;
}

// Callbacks may do what they like with a result: the next one's is right all the same.
TEST_F(Replies, OneThatACallbackSpoilsIsNoOtherCallsBusiness) {
  std::vector<std::string> seen;
  const auto call = [&](auto callback) {
    StartPlain(*channel_, "told").Then(std::move(callback));
    Answer(Serialised("right"));
  };
  for (int i = 0; i < 2; ++i) {
    call([&](absl::StatusOr<Text>&& reply) {
      seen.push_back(Show(reply));
      reply = absl::NotFoundError("spoilt");
    });
    call([&](absl::StatusOr<Text> reply) {
      seen.push_back(Show(reply));
      reply = absl::NotFoundError("spoilt");
    });
    call([&](absl::StatusOr<Text>&& reply) {
      seen.push_back(Show(reply));
      const Text taken = *std::move(reply);
      throw std::runtime_error(taken.value());
    });
    call([&](const absl::StatusOr<Text>& reply) { seen.push_back(Show(reply)); });
    call([&](auto&& reply) {
      seen.push_back(Show(reply));
      reply = MakeText("another");
    });
  }
  EXPECT_EQ(seen, std::vector<std::string>(10, "OK: right"));
}

// Of one that is not waited for: nothing is left behind.
TEST_F(Replies, OneThatNobodyTakesIsDropped) {
  Call<Text> call = StartPlain(*channel_, "dropped");
  Answer(Serialised("dropped"));
}

}  // namespace
}  // namespace dialtone
