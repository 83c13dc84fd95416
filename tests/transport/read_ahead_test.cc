// A thread that waits for the bytes of its loop's only stream sleeps in a read of it: what others may do meanwhile.
#include "read_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>

#include "caller_loop.h"
#include "loop_support.h"

namespace dialtone {
namespace {

// A read sleeps for milliseconds only: on a busy machine others may come when it is over, and the test tries again.
constexpr int kTriesMax = 300;

class ReadAheadTest : public ::testing::Test {
 protected:
  ReadAheadTest()
      : network_(NewSocketNetwork()),
        server_loop_(network_->NewReactor("server")),
        server_(*network_, *server_loop_, Loopback4()),
        loop_("caller", absl::Hours(1)) {
    {
      LeadScope lead(loop_);
      client_.stream = loop_.Connect(server_.address(), ConnectOptions(), client_);
    }
    EXPECT_TRUE(loop_.Drive(client_.connected, Patience(*network_)));
    EXPECT_TRUE(network_->Wait(server_.first, Patience(*network_)));
    client_.on_bytes = [this] {
      if (client_.received.ends_with('.')) answered_.Set();
    };
  }
  ~ReadAheadTest() override {
    On([this] { client_.stream.reset(); });
  }

  // Under the lead, whoever has it.
  void On(std::function<void()> function) { RunOn(*network_, loop_, std::move(function)); }
  void ServerWrites(std::string text) {
    server_loop_->Post([this, text = std::move(text)] { server_.connections[0]->Write(text); });
  }
  // Has `wait` called by another thread; then `meanwhile` under the lead, while that thread sleeps in its read; and then `after`
  // without. Where it came too late for `meanwhile` the server says "." in its place, and all is tried again.
  void WhileItReads(const std::function<void()>& meanwhile, const std::function<void()>& after,
                    const std::function<void()>& wait) {
    for (int i = 0; i < kTriesMax; ++i) {
      answered_.Reset();
      client_.received.clear();
      std::thread waiter(wait);
      const bool caught = CatchReader(meanwhile);
      if (caught) {
        after();
      } else {
        ServerWrites(".");
      }
      waiter.join();
      if (caught) return;
    }
    FAIL() << "no thread was ever seen to read alone";
  }
  void WhileItReads(
      const std::function<void()>& meanwhile, const std::function<void()>& after = [] {}) {
    WhileItReads(meanwhile, after, [this] { EXPECT_TRUE(loop_.DriveForInput(answered_)); });
  }

  // The end of the stream is an answer, too.
  void EndAnswers() {
    client_.on_readable = [this] {
      client_.ReadAll();
      if (client_.ended.is_set()) answered_.Set();
    };
  }

  const std::unique_ptr<Network> network_;
  const std::unique_ptr<Loop> server_loop_;
  RecordingServer server_;
  CallerLoop loop_;
  Recorder client_;
  Event answered_;

 private:
  bool CatchReader(const std::function<void()>& meanwhile) {
    for (const Instant until = network_->Now() + absl::Milliseconds(50); network_->Now() < until;) {
      if (!loop_.read_ahead().out()) continue;
      LeadScope lead(loop_);
      if (!lead.leading() || !loop_.read_ahead().out()) continue;
      meanwhile();
      return true;
    }
    return false;
  }
};

TEST_F(ReadAheadTest, LeadIsFreeAndTheBytesAreTheReaders) {
  bool would_block = false;
  WhileItReads([&] {
    ServerWrites("all of it.");
    // The reader has them soon, or the kernel: not this thread in any case.
    for (const Instant until = network_->Now() + absl::Milliseconds(3); network_->Now() < until;) {
      char byte = 0;
      const IoResult result = client_.stream->Read(std::span<char>(&byte, 1));
      would_block = result.state == IoResult::State::kWouldBlock;
      if (!would_block) break;
    }
  });
  EXPECT_TRUE(would_block);
  EXPECT_EQ(client_.received, "all of it.");
}

TEST_F(ReadAheadTest, ReaderThatIsBackWaitsForTheLead) {
  WhileItReads([&] {
    ServerWrites("late.");
    Event never;
    never.Park(40'000'000);
    EXPECT_TRUE(loop_.read_ahead().out()) << "it needs the lead to end";
    EXPECT_FALSE(answered_.is_set());
  });
  EXPECT_EQ(client_.received, "late.");
}

TEST_F(ReadAheadTest, OtherThreadsBeginWhatTheyWantAtOnce) {
  WhileItReads([&] { client_.Write("a request"); },
               [&] {
                 // It has left, though the reader has nothing to read.
                 std::string seen;
                 for (int i = 0; i < 2000 && seen != "a request"; ++i) {
                   RunOn(*network_, *server_loop_,
                         [&] { seen = server_.connections[0]->received; });
                 }
                 EXPECT_EQ(seen, "a request");
                 ServerWrites(".");
               });
}

TEST_F(ReadAheadTest, WaitEndsLittleLaterWhereAnotherThreadEndsIt) {
  Instant when;
  WhileItReads([&] {
    when = network_->Now();
    answered_.Set();
  });
  // Some ticks, not the next thing that the server says; generously, for busy machines.
  EXPECT_LT(network_->Now() - when, absl::Seconds(2));
  EXPECT_EQ(client_.received, "");
}

TEST_F(ReadAheadTest, ServerThatIsSilentForLongIsWaitedFor) {
  std::thread server([&] {
    Event never;
    network_->Wait(never, network_->Now() + absl::Milliseconds(60));
    ServerWrites("at last.");
  });
  EXPECT_TRUE(loop_.DriveForInput(answered_));
  EXPECT_EQ(client_.received, "at last.");
  server.join();
}

TEST_F(ReadAheadTest, TimersThatOthersArmFireAndTheirWaitsEndInTime) {
  class Fires final : public Timer {
   public:
    void OnTimer() override { fired.Set(); }
    Event fired;
  };
  Fires in_background;
  Fires for_follower;
  Event never;
  WhileItReads([&] { loop_.Arm(in_background, loop_.Now() + absl::Milliseconds(1)); },
               [&] {
                 EXPECT_TRUE(network_->Wait(in_background.fired, Patience(*network_)));
                 const Instant until = network_->Now() + absl::Milliseconds(2);
                 EXPECT_FALSE(loop_.Drive(never, until));
                 EXPECT_GE(network_->Now(), until);
                 On([&] { loop_.Arm(for_follower, loop_.Now() + absl::Milliseconds(1)); });
                 EXPECT_TRUE(loop_.Drive(for_follower.fired, Patience(*network_)));
                 ServerWrites(".");
               });
}

TEST_F(ReadAheadTest, WhatIsPostedRunsThoughNobodyDrives) {
  Event ran;
  WhileItReads([] {},
               [&] {
                 loop_.Post([&] { ran.Set(); });
                 EXPECT_TRUE(network_->Wait(ran, Patience(*network_)));
                 ServerWrites(".");
               });
}

TEST_F(ReadAheadTest, WhatIsAttendedFromThenOnEndsToo) {
  Event ended;
  client_.on_bytes = [this, &ended] {
    if (client_.received.find('!') != std::string::npos) ended.Set();
    if (client_.received.find('.') != std::string::npos) answered_.Set();
  };
  WhileItReads([&] { loop_.Attend(1); },
               [&] {
                 ServerWrites(".");
                 // The reader leaves: the background thread leads.
                 ServerWrites("!");
                 EXPECT_TRUE(network_->Wait(ended, Patience(*network_)));
                 loop_.Attend(-1);
               });
}

TEST_F(ReadAheadTest, WhatIsPostedBeforeLeadingIsNotLeftToTheReader) {
  class Note final : public Work {
   public:
    void Run() override { ran = true; }
    std::atomic<bool> ran{false};
  };
  // The reader may come back just then, and does it a little later.
  bool ran_at_once = false;
  for (int i = 0; i < 20 && !ran_at_once; ++i) {
    Note note;
    WhileItReads([] {},
                 [&] {
                   loop_.PostBeforeLeading(note);
                   ran_at_once = note.ran;
                   On([&] { EXPECT_TRUE(note.ran); });
                   ServerWrites(".");
                 });
  }
  EXPECT_TRUE(ran_at_once);
}

// It would be told of the post, but not be woken.
TEST_F(ReadAheadTest, ThreadThatExpectsAPostKeepsTheLead) {
  On([&] { loop_.ExpectPosts(1); });
  std::thread waiter([&] { EXPECT_TRUE(loop_.DriveForInput(answered_)); });
  for (const Instant until = network_->Now() + absl::Milliseconds(5); network_->Now() < until;) {
    EXPECT_FALSE(loop_.read_ahead().out());
  }
  On([&] {
    loop_.ExpectPosts(-1);
    answered_.Set();
  });
  waiter.join();
}

TEST_F(ReadAheadTest, ConnectionsThatAreMadeMeanwhileDoNotWaitForTheReader) {
  Recorder second;
  WhileItReads(
      [&] {
        loop_.Attend(1);
        second.stream = loop_.Connect(server_.address(), ConnectOptions(), second);
      },
      [&] {
        EXPECT_TRUE(network_->Wait(second.connected, Patience(*network_)));
        EXPECT_TRUE(second.connect_status.ok()) << second.connect_status;
        loop_.Attend(-1);
        ServerWrites(".");
      });
  On([&] { second.stream.reset(); });
}

TEST_F(ReadAheadTest, BackgroundThreadKeepsTheLeadWhenACallbackWaits) {
  Event done;
  loop_.Defer([&] {
    EXPECT_TRUE(loop_.DriveForInput(answered_));
    done.Set();
  });
  for (const Instant until = network_->Now() + absl::Milliseconds(5); network_->Now() < until;) {
    EXPECT_FALSE(loop_.read_ahead().out());
  }
  On([] {});
  ServerWrites(".");
  EXPECT_TRUE(network_->Wait(done, Patience(*network_)));
}

TEST_F(ReadAheadTest, SecondThreadWaitsForItsAnswerOnTheSameStream) {
  Event second;
  client_.on_bytes = [&] {
    if (client_.received.find("second") != std::string::npos) second.Set();
    if (client_.received.ends_with('.')) answered_.Set();
  };
  WhileItReads([] {},
               [&] {
                 ServerWrites("second");
                 EXPECT_TRUE(loop_.DriveForInput(second));
                 EXPECT_FALSE(answered_.is_set());
                 ServerWrites(".");
               });
  EXPECT_EQ(client_.received, "second.");
}

TEST_F(ReadAheadTest, StreamMayGoWhileItIsRead) {
  WhileItReads(
      [&] {
        client_.stream.reset();
        answered_.Set();
      },
      [&] {
        Event ended;
        bool has_ended = false;
        for (int i = 0; i < 2000 && !has_ended; ++i) {
          RunOn(*network_, *server_loop_,
                [&] { has_ended = server_.connections[0]->ended.is_set(); });
          network_->Wait(ended, network_->Now() + absl::Milliseconds(1));
        }
        EXPECT_TRUE(has_ended) << "the connection stayed open";
      });
  EXPECT_EQ(client_.received, "");
}

TEST_F(ReadAheadTest, EndOfTheStreamIsTold) {
  EndAnswers();
  WhileItReads(
      [] {}, [&] { server_loop_->Post([&] { server_.connections[0]->stream->ShutdownWrite(); }); });
  EXPECT_EQ(client_.end, IoResult::State::kEnd);
}

TEST_F(ReadAheadTest, ResetIsToldWithItsReason) {
  EndAnswers();
  // Closing with bytes unread resets the connection.
  RunOn(*network_, *server_loop_, [&] { server_.connections[0]->stream->SetReading(false); });
  WhileItReads([&] { client_.Write("never read"); },
               [&] { server_loop_->Post([&] { server_.connections[0]->stream.reset(); }); });
  EXPECT_EQ(client_.end, IoResult::State::kFailed);
  EXPECT_EQ(std::string(client_.stream->status().message()),
            "read " + server_.address().ToString() + ": connection reset by peer");
}

TEST_F(ReadAheadTest, MoreThanOneReadTakesComesInOrder) {
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += std::to_string(i) + ",";
  text += '.';
  WhileItReads([] {}, [&] { ServerWrites(text); });
  EXPECT_EQ(client_.received, text);
}

TEST_F(ReadAheadTest, HandlerThatTakesLittleIsToldAgain) {
  const std::string text(1000, 'x');
  client_.on_readable = [&] {
    char few[7];
    const IoResult result = client_.stream->Read(few);
    if (result.state != IoResult::State::kDone) return;
    client_.received.append(few, result.bytes);
    client_.on_bytes();
  };
  WhileItReads([] {}, [&] { ServerWrites(text + '.'); });
  EXPECT_EQ(client_.received, text + '.');
  EXPECT_GE(client_.readable_calls, 1001 / 7);
}

// ... also after a pause of its reading in which the loop was left.
TEST_F(ReadAheadTest, WhatAHandlerLeavesComesWhenItReadsOn) {
  const std::string text(100, 'x');
  bool pause = true;
  client_.on_readable = [&] {
    char few[10];
    const IoResult result = client_.stream->Read(few);
    if (result.state != IoResult::State::kDone) return;
    client_.received.append(few, result.bytes);
    if (client_.received.size() < 50 || !std::exchange(pause, false)) return client_.on_bytes();
    client_.stream->SetReading(false);
    answered_.Set();
  };
  WhileItReads([] {}, [&] { ServerWrites(text + '.'); });
  EXPECT_EQ(client_.received.size(), 50u);
  answered_.Reset();
  On([&] { client_.stream->SetReading(true); });
  EXPECT_TRUE(loop_.Drive(answered_, Patience(*network_)));
  EXPECT_EQ(client_.received, text + '.');
}

}  // namespace
}  // namespace dialtone
