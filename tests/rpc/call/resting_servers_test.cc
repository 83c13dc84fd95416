// A target with several servers, of which some do not work: which rest, and how they come back. In
// virtual time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "several_servers.h"

namespace dialtone::several_servers_test {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

class RestingServers : public SeveralServers {
 protected:
  // A server that has failed and rested; it works again, and takes a second for each call.
  FleetServer& OnTrial(const char* address, Channel& channel) {
    FleetServer& server = *servers_[address];
    server.status = absl::UnavailableError("out of order");
    AskMany(channel, 30);
    server.status = absl::OkStatus();
    server.time = absl::Seconds(1);
    server.NewCalls();
    RunFor(absl::Milliseconds(1300));
    return server;
  }
};

TEST_F(RestingServers, OneThatFailsRestsAndComesBackByOneCall) {
  for (const char* address : {kA, kB, kC}) Serve(address);
  ChannelOptions options = InTurn();
  options.outliers.rest.jitter = 0;
  auto channel = Connected(kThree, options);
  FleetServer& bad = *servers_[kB];
  bad.status = absl::UnavailableError("out of order");
  AskMany(*channel, 100);
  EXPECT_EQ(bad.NewCalls(), 5);  // failures_in_row_max
  RunFor(absl::Milliseconds(990));
  AskMany(*channel, 100);
  EXPECT_EQ(bad.NewCalls(), 0);
  RunFor(absl::Milliseconds(20));
  AskMany(*channel, 100);
  EXPECT_EQ(bad.NewCalls(), 1);  // on trial, and failed: now it rests twice as long
  RunFor(absl::Milliseconds(1900));
  AskMany(*channel, 100);
  EXPECT_EQ(bad.NewCalls(), 0);
  bad.status = absl::OkStatus();
  RunFor(absl::Milliseconds(200));
  EXPECT_THAT(AskMany(*channel, 300),
              UnorderedElementsAre(Pair(kA, 100), Pair(kB, 100), Pair(kC, 100)));
}

TEST_F(RestingServers, OneOnTrialTakesOneCallAtATime) {
  for (const char* address : {kA, kB}) Serve(address);
  auto channel = Connected(kTwo, InTurn());
  FleetServer& bad = OnTrial(kB, *channel);
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(StartCoroutine(*channel, "x"));
  RunFor(absl::Milliseconds(900));
  EXPECT_EQ(bad.NewCalls(), 1);
  RunFor(absl::Milliseconds(200));  // the trial has succeeded
  for (int i = 0; i < 20; ++i) calls.push_back(StartCoroutine(*channel, "x"));
  RunFor(absl::Milliseconds(900));
  EXPECT_EQ(bad.NewCalls(), 10);
  for (auto& call : calls) EXPECT_TRUE(call.Wait().ok());
}

// The trial's one call is under way when its server is drawn once more.
TEST_F(RestingServers, OneWhoseTrialFailsAndThatMayNotRestIsTriedAgain) {
  for (const char* address : {kA, kB, kC}) Serve(address);
  ChannelOptions options = InTurn();
  options.outliers.rest.jitter = 0;
  auto channel = Connected(kThree, options);
  FleetServer& a = *servers_[kA];
  FleetServer& b = *servers_[kB];
  a.status = absl::UnavailableError("out of order");
  AskMany(*channel, 60);
  EXPECT_EQ(a.NewCalls(), 5);
  RunFor(absl::Milliseconds(1100));
  a.time = absl::Milliseconds(200);
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 3; ++i) calls.push_back(StartCoroutine(*channel, "x"));
  RunFor(absl::Milliseconds(20));
  EXPECT_EQ(a.NewCalls(), 1);
  b.NewCalls();
  b.status = a.status;
  AskMany(*channel, 40);
  EXPECT_EQ(b.NewCalls(), 5);  // now it rests in the other's place
  RunFor(absl::Milliseconds(200));
  for (auto& call : calls) call.Wait().IgnoreError();
  a.status = b.status = absl::OkStatus();
  a.time = absl::ZeroDuration();
  EXPECT_THAT(AskMany(*channel, 300), UnorderedElementsAre(Pair(kA, 150), Pair(kC, 150)));
  RunFor(absl::Seconds(2));
  EXPECT_THAT(AskMany(*channel, 300),
              UnorderedElementsAre(Pair(kA, 100), Pair(kB, 100), Pair(kC, 100)));
}

TEST_F(RestingServers, ACallThatWasNeverSentProvesNothingOfAServerOnTrial) {
  ConnectionLimits limits;
  limits.message_bytes_max = 1000;
  for (const char* address : {kA, kB}) Serve(address, limits);
  auto channel = Connected(kTwo, InTurn());
  FleetServer& bad = OnTrial(kB, *channel);
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(Show(StartCoroutine(*channel, std::string(2000, 'x')).Wait()),
                HasSubstr("is above the peer's limit of 1000"));
  }
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(StartCoroutine(*channel, "x"));
  for (auto& call : calls) EXPECT_TRUE(call.Wait().ok());
  EXPECT_EQ(bad.NewCalls(), 1);
}

TEST_F(RestingServers, ACallThatWasNeverSentDoesNotInterruptFailuresInARow) {
  ConnectionLimits limits;
  limits.message_bytes_max = 1000;
  for (const char* address : {kA, kB}) Serve(address, limits);
  auto channel = Connected(kTwo, InTurn());
  servers_[kB]->status = absl::UnavailableError("out of order");
  for (int i = 0; i < 20; ++i) {
    AskMany(*channel, 2);
    for (int k = 0; k < 2; ++k) {
      StartCoroutine(*channel, std::string(2000, 'x')).Wait().IgnoreError();
    }
  }
  EXPECT_EQ(servers_[kB]->calls(), 5);
}

TEST_F(RestingServers, AConnectionThatCouldNotBeMadeIsTriedWithOneCallToo) {
  Serve(kA);
  auto channel = Connected(kTwo, InTurn());
  EXPECT_EQ(Ask(*channel), kA);
  FleetServer& late = Serve(kB);
  late.time = absl::Seconds(1);
  RunFor(absl::Milliseconds(200));
  EXPECT_EQ(Ask(*channel), kA);  // has it connect
  RunFor(absl::Milliseconds(10));
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(StartCoroutine(*channel, "x"));
  for (auto& call : calls) EXPECT_TRUE(call.Wait().ok());
  EXPECT_EQ(late.calls(), 1);
}

TEST_F(RestingServers, NoMoreThanTheirShareRestsAtATime) {
  for (const char* address : {kA, kB, kC, kD}) {
    Serve(address).status = absl::UnavailableError("out of order");
  }
  auto channel = Connected(kFour, InTurn());
  AskMany(*channel, 400);
  int resting = 0;
  for (auto& [address, server] : servers_) {
    const bool rests = server->calls() == 5;
    resting += rests;
    EXPECT_TRUE(rests || server->calls() > 150) << address << ": " << server->calls();
  }
  EXPECT_EQ(resting, 2);  // resting_share_max is a half
}

TEST_F(RestingServers, OneThatMayNotRestYetRestsWhenAnotherHasRested) {
  for (const char* address : {kA, kB, kC}) Serve(address);
  auto channel = Connected(kThree, InTurn());
  FleetServer* rests = servers_[kA].get();
  FleetServer* may_not = servers_[kB].get();
  rests->status = may_not->status = absl::UnavailableError("out of order");
  AskMany(*channel, 90);
  if (may_not->calls() == 5) std::swap(rests, may_not);
  EXPECT_EQ(rests->NewCalls(), 5);
  EXPECT_GT(may_not->NewCalls(), 30);
  rests->status = absl::OkStatus();
  RunFor(absl::Milliseconds(1300));
  AskMany(*channel, 300);
  EXPECT_GT(rests->NewCalls(), 140);
  EXPECT_EQ(may_not->NewCalls(), 1);
}

TEST_F(RestingServers, TheOnlyServerNeverRests) {
  Serve(kA).status = absl::UnavailableError("out of order");
  auto channel = MakeChannel(kA);
  AskMany(*channel, 100);
  EXPECT_EQ(servers_[kA]->calls(), 100);
}

TEST_F(RestingServers, OnlyWhatSaysThatAServerDoesNotWorkIsAFailure) {
  for (const char* address : {kA, kB}) Serve(address);
  auto channel = Connected(kTwo, InTurn());
  for (const absl::Status& answer :
       {absl::NotFoundError(""), absl::InternalError(""), absl::UnknownError(""),
        absl::ResourceExhaustedError(""), absl::AbortedError("")}) {
    servers_[kB]->status = answer;
    AskMany(*channel, 40);
    EXPECT_EQ(servers_[kB]->NewCalls(), 20) << answer;
  }
  // A success between failures.
  servers_[kB]->status = absl::UnavailableError("");
  servers_[kB]->fail_each = 2;
  AskMany(*channel, 40);
  EXPECT_EQ(servers_[kB]->NewCalls(), 20);
  // Calls given up by their callers.
  servers_[kB]->fail_each = 1;
  servers_[kB]->time = absl::Seconds(1);
  for (int i = 0; i < 40; ++i) {
    Call<Text> call = StartCoroutine(*channel, "x");
    RunFor(absl::Milliseconds(1));
    call.Cancel();
    call.Wait().IgnoreError();
  }
  EXPECT_EQ(servers_[kB]->NewCalls(), 20);
}

TEST_F(RestingServers, NoAnswerInTimeIsAFailure) {
  for (const char* address : {kA, kB}) Serve(address);
  servers_[kB]->time = absl::Hours(1);
  ChannelOptions options = InTurn();
  options.outliers.rest.initial = absl::Minutes(1);
  auto channel = Connected(kTwo, options);
  for (int i = 0; i < 40; ++i) Ask(*channel, Timeout(absl::Milliseconds(20)));
  EXPECT_EQ(servers_[kB]->calls(), 5);
}

TEST_F(RestingServers, SoIsALostConnection) {
  for (const char* address : {kA, kB}) Serve(address);
  auto channel = Connected(kTwo, InTurn());
  servers_[kB]->time = absl::Minutes(1);
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(StartCoroutine(*channel, "x"));
  RunFor(absl::Milliseconds(10));
  servers_[kB]->time = absl::ZeroDuration();
  servers_[kB]->NewCalls();
  EXPECT_EQ(world_.network.ResetConnectionsTo(*Address::Parse(kB)), 1u);
  RunFor(absl::Milliseconds(10));
  AskMany(*channel, 20);
  EXPECT_EQ(servers_[kB]->NewCalls(), 0);
  RunFor(absl::Seconds(2));
  Ask(*channel);  // has it connect
  RunFor(absl::Milliseconds(10));
  AskMany(*channel, 20);
  EXPECT_GE(servers_[kB]->NewCalls(), 9);
}

TEST_F(RestingServers, OneThatFailsMoreOftenThanTheOthersRests) {
  std::string target = "list:";
  for (int i = 1; i <= 6; ++i) {
    const std::string address = absl::StrCat("10.0.1.", i, ":7000");
    Serve(address);
    absl::StrAppend(&target, i == 1 ? "" : ",", address);
  }
  FleetServer& bad = *servers_["10.0.1.3:7000"];
  bad.status = absl::UnavailableError("flaky");
  bad.fail_each = 2;
  ChannelOptions options = InTurn();
  options.outliers.rest.initial = absl::Minutes(1);
  auto channel = Connected(target, options);
  AskMany(*channel, 1200);
  EXPECT_EQ(bad.NewCalls(), 200);
  RunFor(absl::Seconds(11));  // the interval is over
  AskMany(*channel, 1000);
  EXPECT_EQ(bad.NewCalls(), 0);
}

TEST_F(RestingServers, FirstThatWorksLeavesOneThatFails) {
  for (const char* address : {kA, kB}) Serve(address);
  auto channel = MakeChannel(kTwo, FirstThatWorks());
  servers_[kA]->status = absl::UnavailableError("out of order");
  AskMany(*channel, 50);
  EXPECT_EQ(servers_[kA]->calls(), 5);
  EXPECT_EQ(servers_[kB]->calls(), 45);
  RunFor(absl::Seconds(5));
  AskMany(*channel, 10);
  EXPECT_EQ(servers_[kB]->calls(), 55);
  EXPECT_EQ(servers_[kA]->server().connections(), 0u);
}

}  // namespace
}  // namespace dialtone::several_servers_test
