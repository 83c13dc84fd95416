// How Dialtone/1 connections end: drained, lost at any byte, refused, or for what the peer has
// done; and that every call on them ends once.
#include <string>

#include "absl/strings/str_cat.h"
#include "connection_test_support.h"

namespace dialtone::dialtone1 {
namespace {

using ConnectionEndTest = ConnectionTest;

ClientOptions Waiting() {
  ClientOptions options;
  options.wait_for_preface = true;
  return options;
}

// --- Drain ---

TEST_F(ConnectionEndTest, AServerDrainsUnderLoadAndLosesNoCall) {
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(round);
    Start();
    int begun = 0;
    const auto begin_some = [&] {
      OnClient([&] {
        for (int i = 0; i < 5 && !client_->closed() && client_->connection().has_capacity();
             ++i, ++begun) {
          client_->Call(kEcho, absl::StrCat("call ", begun));
        }
      });
    };
    for (int i = 0; i < 10 + round; ++i) {
      begin_some();
      network_.Step();
    }
    ASSERT_TRUE(RunUntil([&] { return server_->has_connection(); }));
    OnServer([&] { server_->connection().Drain(); });
    for (int i = 0; i < 200; ++i) {
      begin_some();
      network_.Step();
    }
    ASSERT_TRUE(RunUntil([&] { return client_->closed(); }));
    EXPECT_TRUE(client_->closed_status.ok()) << client_->closed_status;
    ASSERT_TRUE(RunUntil([&] { return server_->closed == 1; }));
    ASSERT_TRUE(client_->all_done());
    for (const auto& call : client_->calls) {
      ASSERT_TRUE(call->end.status.ok() || call->end.never_ran) << call->end.status;
    }
    EXPECT_LE(client_->draining, 1);
    OnClient([&] { client_.reset(); });
    OnServer([&] { server_.reset(); });
  }
}

TEST_F(ConnectionEndTest, ADrainWaitsForTheCallsUnderWay) {
  Start();
  TestCall& call = Call(kHold, "x");
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.unfinished() == 1; }));
  OnServer([&] { server_->connection().Drain(); });
  network_.RunFor(absl::Seconds(10));
  EXPECT_FALSE(call.ended);
  EXPECT_EQ(client_->draining, 1);
  EXPECT_FALSE(client_->connection().has_capacity());
  OnServer([&] { server_->dispatcher.last().Reply(Pattern(3'000'000)); });
  ASSERT_TRUE(RunUntil([&] { return client_->closed() && server_->connections() == 0; }));
  EXPECT_TRUE(call.end.status.ok()) << call.end.status;
  EXPECT_TRUE(call.messages.at(0) == Pattern(3'000'000));
  EXPECT_TRUE(client_->closed_status.ok()) << client_->closed_status;
}

TEST_F(ConnectionEndTest, ADrainGoesOnWithoutAnAnswerToItsPing) {
  StartServer();
  StartRawClient();
  OnClient([&] {
    raw_client_->Send(absl::StrCat(std::string(kPreface), std::string(kHeaderBytes, '\0')));
  });
  ASSERT_TRUE(RunUntil([&] { return raw_client_->ended(); }));
  StartRawClient();
  std::string settings;
  AppendSettingsFrame(Settings(), settings);
  OnClient([&] { raw_client_->Send(absl::StrCat(std::string(kPreface), settings)); });
  ASSERT_TRUE(RunUntil([&] { return raw_client_->received().size() > kPrefaceBytes; }));
  const Instant begin = network_.Now();
  OnServer([&] { server_->connection().Drain(); });
  ASSERT_TRUE(RunUntil([&] { return raw_client_->Count(FrameType::kGoaway, 0) == 2; }));
  EXPECT_GE(network_.Now() - begin, absl::Seconds(1));
  EXPECT_EQ(raw_client_->Count(FrameType::kPing, 0), 1u);
  // The peer neither answers nor closes: the connection goes all the same.
  ASSERT_TRUE(RunUntil([&] { return server_->connections() == 0; }, absl::Seconds(10)));
}

TEST_F(ConnectionEndTest, AClientDrainsWhenItsCallsHaveEnded) {
  Start();
  TestCall& call = Call(kHold, "x");
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.unfinished() == 1; }));
  OnClient([&] { client_->connection().Drain(); });
  EXPECT_FALSE(client_->connection().has_capacity());
  network_.RunFor(absl::Seconds(1));
  OnServer([&] { server_->dispatcher.last().Reply("done"); });
  ASSERT_TRUE(RunUntil([&] { return client_->closed() && server_->connections() == 0; }));
  EXPECT_TRUE(call.end.status.ok()) << call.end.status;
  EXPECT_TRUE(client_->closed_status.ok());
  EXPECT_EQ(client_->draining, 0) << "who drains need not be told";
}

TEST_F(ConnectionEndTest, NearTheEndOfItsIdsAConnectionDrains) {
  StartServer();
  ClientOptions options;
  options.first_stream_id = kLastStreamId - 2 * (kNearEndIds + 9);
  StartClient(ConnectionLimits(), options);
  OnClient([&] {
    for (int i = 0; i < 20; ++i) client_->Call(kEcho, absl::StrCat(i));
  });
  ASSERT_TRUE(RunUntil([&] { return client_->closed(); }));
  EXPECT_EQ(client_->draining, 1);
  EXPECT_TRUE(client_->closed_status.ok()) << client_->closed_status;
  size_t ended = 0;
  for (const auto& call : client_->calls) {
    ended += call->ended;
    EXPECT_TRUE(!call->ended || call->end.status.ok());
  }
  EXPECT_GE(ended, 9u);
  EXPECT_LT(ended, 20u);
}

// --- Lost ---

TEST_F(ConnectionEndTest, AConnectionLostAtAnyStepEndsEveryCallOnce) {
  for (int steps = 0; steps < 160; ++steps) {
    SCOPED_TRACE(steps);
    StartServer();
    StartClient();
    OnClient([&] {
      client_->Call(kEcho, "small");
      client_->Call(kEcho, Pattern(300'000));
      client_->Call(kHold, "x");
    });
    for (int i = 0; i < steps; ++i) network_.Step();
    const bool connected = client_->ready == 1;
    network_.ResetConnections();
    if (!connected) {
      // Nothing to reset yet, or a handshake that fails: both are fine.
      OnClient([&] { client_->connection().Close(absl::AbortedError("test")); });
    }
    ASSERT_TRUE(RunUntil([&] { return client_->closed(); }));
    ASSERT_TRUE(client_->all_done());
    for (const auto& call : client_->calls) {
      if (call->end.status.ok() || !connected) continue;
      ASSERT_EQ(call->code(), absl::StatusCode::kUnavailable) << call->end.status;
      ASSERT_NE(call->text().find(address_.ToString()), std::string::npos) << call->text();
      ASSERT_FALSE(call->end.never_ran && !call->messages.empty());
    }
    for (const auto& handler : server_->dispatcher.handlers) {
      if (!handler->finished)
        handler->on_cancel = [](TestHandler& h) { h.Finish(absl::CancelledError("")); };
    }
    ASSERT_TRUE(RunUntil([&] {
      OnServer([&] {
        for (const auto& handler : server_->dispatcher.handlers) {
          if (!handler->finished && handler->cancelled) handler->Finish(absl::CancelledError(""));
        }
      });
      return server_->connections() == 0;
    }));
    ASSERT_EQ(server_->dispatcher.unfinished(), 0u);
    OnClient([&] { client_.reset(); });
    OnServer([&] { server_.reset(); });
  }
}

TEST_F(ConnectionEndTest, ALostConnectionNamesPeerAndPhase) {
  Start();
  TestCall& call = Call(kHold, "x");
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.unfinished() == 1; }));
  network_.RunFor(absl::Milliseconds(10));  // the server's preface has come
  network_.ResetConnections();
  ASSERT_TRUE(RunUntil([&] { return client_->closed(); }));
  EXPECT_EQ(call.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(
      call.text().starts_with(absl::StrCat("wait for reply from ", address_.ToString(), ": ")))
      << call.text();
  EXPECT_FALSE(call.end.never_ran);
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.last().cancelled.has_value(); }));
  EXPECT_EQ(server_->connections(), 1u) << "its call has not ended";
  OnServer([&] { server_->dispatcher.last().Reply("to nobody"); });
  ASSERT_TRUE(RunUntil([&] { return server_->connections() == 0; }));
}

TEST_F(ConnectionEndTest, AServerThatIsNotThereIsNamedAndNothingRan) {
  StartServer();
  OnServer([&] { server_->StopListening(); });
  StartClient();
  TestCall& call = Call(kEcho, "x");
  ASSERT_TRUE(RunUntil([&] { return client_->closed(); }));
  EXPECT_EQ(call.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(call.text().starts_with(absl::StrCat("connect ", address_.ToString())))
      << call.text();
  EXPECT_TRUE(call.end.never_ran);
  EXPECT_EQ(client_->closed_status, call.end.status);
  EXPECT_EQ(client_->ready, 0);
}

TEST_F(ConnectionEndTest, AServersAbortCancelsItsCalls) {
  Start();
  TestCall& call = Call(kHold, "x");
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.unfinished() == 1; }));
  OnServer([&] { server_->connection().Abort(); });
  EXPECT_EQ(server_->dispatcher.last().cancelled, dialtone::CancelReason::kShutdown);
  ASSERT_TRUE(RunUntil([&] { return client_->closed(); }));
  EXPECT_EQ(call.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(server_->closed, 0);
  OnServer([&] { server_->dispatcher.last().Finish(absl::OkStatus()); });
  ASSERT_TRUE(RunUntil([&] { return server_->closed == 1; }));
}

TEST_F(ConnectionEndTest, ClosingAClientEndsItsCallsWithTheGivenStatus) {
  Start();
  TestCall& call = Call(kHold, "x");
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.unfinished() == 1; }));
  OnClient([&] {
    client_->connection().Close(absl::CancelledError("channel destroyed"));
    EXPECT_EQ(call.code(), absl::StatusCode::kCancelled);
    EXPECT_FALSE(client_->closed()) << "OnClosed() from within Close()";
  });
  ASSERT_TRUE(RunUntil([&] { return client_->closed(); }));
  EXPECT_EQ(client_->closed_status, absl::CancelledError("channel destroyed"));
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.last().cancelled.has_value(); }));
}

TEST_F(ConnectionEndTest, CallsMayCancelOthersWhileAConnectionDies) {
  Start();
  OnClient([&] {
    for (int i = 0; i < 10; ++i) client_->Call(kHold, "x");
    for (int i = 0; i < 10; ++i) {
      client_->calls[i]->on_end = [this] {
        for (const auto& call : client_->calls) {
          if (!call->done()) {
            call->Cancel();
            return;
          }
        }
      };
    }
  });
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.unfinished() == 10; }));
  network_.ResetConnections();
  ASSERT_TRUE(RunUntil([&] { return client_->closed(); }));
  EXPECT_TRUE(client_->all_done());
}

TEST_F(ConnectionEndTest, AClientThatShutsDownWithCallsUnderWayIsGone) {
  StartServer();
  StartRawClient();
  std::string bytes(kPreface);
  AppendSettingsFrame(Settings(), bytes);
  std::string block;
  AppendPair(block, kPathKey, kHold.path);
  std::string request(kHeaderBytes + block.size(), '\0');
  WriteFrameHead(MakeHeader(FrameType::kRequest, kFlagEnd | kFlagMessage, 1, 1), TimePrefix::None(),
                 block, 0, request.data());
  OnClient([&] { raw_client_->Send(bytes + request); });
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.unfinished() == 1; }));
  OnClient([&] { raw_client_->End(); });
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.last().cancelled.has_value(); }));
  ASSERT_TRUE(RunUntil([&] { return raw_client_->ended(); }));
  EXPECT_FALSE(raw_client_->broken());
  OnServer([&] { server_->dispatcher.last().Finish(absl::CancelledError("")); });
  ASSERT_TRUE(RunUntil([&] { return server_->connections() == 0; }));
}

// --- Handshake ---

TEST_F(ConnectionEndTest, AReconnectWaitsForTheServersPreface) {
  StartRawServer();
  StartClient(ConnectionLimits(), Waiting());
  network_.RunFor(absl::Seconds(1));
  EXPECT_EQ(client_->ready, 0);
  EXPECT_FALSE(client_->connection().has_capacity());
  std::string hello(kPreface);
  AppendSettingsFrame(Settings(), hello);
  OnServer([&] { raw_server_->Send(hello); });
  ASSERT_TRUE(RunUntil([&] { return client_->ready == 1; }));
  EXPECT_TRUE(client_->connection().has_capacity());
}

// Calls that wait for the SETTINGS begin while those are taken, and have the window that they name: once.
TEST_F(ConnectionEndTest, ACallThatWaitedForTheServersWindowHasThatAndNoMore) {
  StartRawServer();
  StartClient(ConnectionLimits(), Waiting());
  Settings settings;
  settings.stream_window = 1024 * 1024;
  settings.connection_window = 8 * 1024 * 1024;
  Call(kHold, std::string(2 * settings.stream_window, 'x'));
  std::string hello(kPreface);
  AppendSettingsFrame(settings, hello);
  OnServer([&] { raw_server_->Send(hello); });
  network_.RunFor(absl::Seconds(1));
  uint32_t charged = 0;
  for (const Frame& frame : raw_server_->Frames()) charged += frame.charge();
  EXPECT_LE(charged, settings.stream_window);
  EXPECT_GT(charged, settings.stream_window - 64 * 1024) << "all of it but a piece";
}

TEST_F(ConnectionEndTest, AServerThatSaysNothingIsGivenUp) {
  StartRawServer();
  ConnectionLimits limits;
  limits.handshake_timeout = absl::Seconds(2);
  StartClient(limits);
  TestCall& call = Call(kEcho, "x");
  const Instant begin = network_.Now();
  ASSERT_TRUE(RunUntil([&] { return client_->closed(); }));
  EXPECT_EQ(call.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(call.text(),
            absl::StrCat("handshake with ", address_.ToString(), ": no answer within 2s"));
  EXPECT_FALSE(call.end.never_ran) << "sent without having seen a preface: it may have run";
  EXPECT_LT(network_.Now() - begin, absl::Seconds(3));
}

TEST_F(ConnectionEndTest, AServerThatNeverSaysItsSettingsIsGivenUp) {
  ConnectionLimits limits;
  limits.handshake_timeout = absl::Seconds(2);
  for (const ClientOptions& options : {Waiting(), ClientOptions()}) {
    StartRawServer();
    StartClient(limits, options);
    OnServer([&] { raw_server_->Send(kPreface); });
    const Instant begin = network_.Now();
    ASSERT_TRUE(RunUntil([&] { return client_->closed(); }));
    EXPECT_EQ(client_->closed_status,
              absl::UnavailableError(
                  absl::StrCat("handshake with ", address_.ToString(), ": no SETTINGS within 2s")));
    EXPECT_LT(network_.Now() - begin, absl::Seconds(3));
  }
}

TEST_F(ConnectionEndTest, AServerOfAnotherProtocolIsQuoted) {
  StartRawServer();
  StartClient();
  TestCall& call = Call(kEcho, "x");
  OnServer([&] { raw_server_->Send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_EQ(call.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(call.text().find("HTTP"), std::string::npos) << call.text();
  ASSERT_TRUE(RunUntil([&] { return client_->closed(); }));
}

TEST_F(ConnectionEndTest, AServerOfAnotherVersionIsNamedWithBothVersions) {
  StartRawServer();
  StartClient();
  TestCall& call = Call(kEcho, "x");
  std::string preface(kPreface);
  preface[5] = 7;
  OnServer([&] { raw_server_->Send(preface); });
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_NE(call.text().find("Dialtone/7.0"), std::string::npos) << call.text();
  EXPECT_NE(call.text().find("Dialtone/1.0"), std::string::npos) << call.text();
}

TEST_F(ConnectionEndTest, AClientOfAnotherVersionIsToldAndClosed) {
  StartServer();
  StartRawClient();
  std::string preface(kPreface);
  preface[5] = 9;
  OnClient([&] { raw_client_->Send(preface); });
  ASSERT_TRUE(RunUntil([&] { return raw_client_->ended(); }));
  EXPECT_TRUE(raw_client_->received().starts_with(kPreface));
  ASSERT_TRUE(raw_client_->Error().has_value());
  EXPECT_EQ(raw_client_->Error()->reason, GoawayReason::kVersion);
  OnClient([&] { raw_client_->Close(); });
  ASSERT_TRUE(RunUntil([&] { return server_->connections() == 0; }));
}

}  // namespace
}  // namespace dialtone::dialtone1
