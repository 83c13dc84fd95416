// Calls through a proxy that slices, delays, corrupts, stalls and cuts.
#include "proxy.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "call_fixture.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone::faults {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);

Task<absl::Status> Same(ServerCall&, const Text& request, Text& reply) {
  reply.set_value(request.value());
  co_return absl::OkStatus();
}

class ProxyTest : public testing::Test {
 protected:
  ProxyTest() : real_(Same), proxy_(*Address::Parse(real_.target)) {
    ChannelOptions options = real_.ClientOptions();
    options.backoff.initial = absl::Milliseconds(1);
    options.backoff.max = absl::Milliseconds(10);
    channel_ = std::make_unique<Channel>(proxy_.address().ToString(), options);
  }
  ~ProxyTest() override {
    channel_.reset();
    EXPECT_TRUE(Eventually([&] { return real_.server.calls_in_flight() == 0; }));
  }

  absl::StatusOr<Text> Get(const std::string& text, absl::Duration timeout = kPatience) {
    return StartCoroutine(*channel_, text, Timeout(timeout)).Wait();
  }
  void ExpectServes() {
    EXPECT_TRUE(Eventually([&] { return Show(Get("again")) == "OK: again"; }));
  }

  RealServer real_;
  Proxy proxy_;
  std::unique_ptr<Channel> channel_;
};

TEST_F(ProxyTest, SlicesOfAFewBytesChangeNothing) {
  for (const size_t slice : {1u, 3u, 17u}) {
    ProxyRules rules;
    rules.slice_bytes = slice;
    proxy_.Set(rules);
    EXPECT_EQ(Show(Get("short")), "OK: short");
    const std::string text(2000, 'x');
    EXPECT_EQ(Show(Get(text)), "OK: " + text);
  }
}

TEST_F(ProxyTest, DelaysPassWhileManyCallsAreUnderWay) {
  ProxyRules rules;
  rules.delay = absl::Milliseconds(10);
  proxy_.Set(rules);
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 50; ++i) {
    calls.push_back(StartCoroutine(*channel_, absl::StrCat("call ", i), Timeout(kPatience)));
  }
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(Show(calls[static_cast<size_t>(i)].Wait()), absl::StrCat("OK: call ", i));
  }
}

TEST_F(ProxyTest, AStallEndsCallsAtTheirDeadlineAndNothingIsLostWhenItIsOver) {
  ASSERT_EQ(Show(Get("before")), "OK: before");
  ProxyRules rules;
  rules.stall = true;
  proxy_.Set(rules);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Get("stalled", absl::Milliseconds(200)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  Call<Text> waiting = StartCoroutine(*channel_, "waits it out", Timeout(kPatience));
  proxy_.Set(ProxyRules());
  EXPECT_EQ(Show(waiting.Wait()), "OK: waits it out");
  EXPECT_EQ(proxy_.connections(), 1u);
}

TEST_F(ProxyTest, CutsEndCallsWithUnavailableAndTheChannelComesBack) {
  for (int round = 0; round < 20; ++round) {
    ExpectServes();
    ProxyRules rules;
    rules.stall = true;
    proxy_.Set(rules);
    Call<Text> call = StartCoroutine(*channel_, "cut", Timeout(kPatience));
    proxy_.Cut();
    proxy_.Set(ProxyRules());
    const absl::StatusOr<Text> reply = call.Wait();
    // Cut before it left, it is sent again; else nobody can know whether it ran.
    if (!reply.ok()) {
      EXPECT_EQ(reply.status().code(), absl::StatusCode::kUnavailable) << reply.status();
    }
  }
  ExpectServes();
}

// TCP's own checksum is below all this, and Dialtone/1 has none: a bit that is turned over within a
// message, by a faulty middlebox, may make another valid message, and nobody can tell. In what the
// protocol does know (prefaces, headers, metadata) it ends the connection with a reason. Whatever
// it hits: calls end, once, and nothing crashes, hangs or is left.
TEST_F(ProxyTest, CorruptionEndsCallsOneWayOrTheOtherAndHarmsNothingElse) {
  const LogLines log;
  int good = 0;
  int wrong = 0;
  int failed = 0;
  for (int round = 0; round < 60; ++round) {
    ProxyRules rules;
    rules.corrupt_one_in = round % 2 == 0 ? 300 : 60;
    rules.corrupt_after = round % 3 == 0 ? 0 : 60;
    proxy_.Set(rules);
    // A frame whose length has grown holds up what comes behind it, maybe for all the other rounds.
    if (round % 6 == 5) proxy_.Cut();
    std::vector<Call<Text>> calls;
    for (int i = 0; i < 10; ++i) {
      calls.push_back(StartCoroutine(*channel_, "the text that should come back",
                                     Timeout(absl::Milliseconds(300))));
    }
    for (Call<Text>& call : calls) {
      const absl::StatusOr<Text> reply = call.Wait();
      if (!reply.ok()) {
        ++failed;
      } else {
        reply->value() == "the text that should come back" ? ++good : ++wrong;
      }
    }
  }
  std::printf("%llu bits turned: %d calls good, %d with another text, %d failed\n",
              static_cast<unsigned long long>(proxy_.corrupted()), good, wrong, failed);
  EXPECT_GT(proxy_.corrupted(), 100u);
  EXPECT_GT(failed, 0);
  proxy_.Set(ProxyRules());
  proxy_.Cut();
  ExpectServes();
}

// Where every byte is hit, from the preface on, no call gets a reply, right or wrong.
TEST_F(ProxyTest, CorruptedPrefacesAreNeverServed) {
  const LogLines log;
  ProxyRules rules;
  rules.corrupt_one_in = 1;  // every byte
  proxy_.Set(rules);
  for (int i = 0; i < 20; ++i) {
    const absl::StatusOr<Text> reply = Get("no", absl::Milliseconds(500));
    ASSERT_FALSE(reply.ok());
    EXPECT_TRUE(reply.status().code() == absl::StatusCode::kUnavailable ||
                reply.status().code() == absl::StatusCode::kDeadlineExceeded)
        << reply.status();
  }
  proxy_.Set(ProxyRules());
  proxy_.Cut();
  ExpectServes();
}

}  // namespace
}  // namespace dialtone::faults

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
