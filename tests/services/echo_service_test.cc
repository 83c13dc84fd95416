// The echo service's handlers, called through the in-process channel.
#include "echo_service.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/server.h"
#include "dialtone/rpc/status_details.h"

namespace echo {
namespace {

class EchoServiceTest : public testing::Test {
 protected:
  EchoServiceTest() {
    server_.Add(std::make_unique<EchoService>());
    const absl::Status started = server_.Start();
    EXPECT_TRUE(started.ok()) << started;
    channel_ = std::make_unique<dialtone::Channel>(server_);
    client_ = std::make_unique<Echo::Client>(*channel_);
  }

  static SleepRequest Seconds(int64_t seconds) {
    SleepRequest request;
    request.mutable_duration()->set_seconds(seconds);
    return request;
  }

  const Echo::Client& client() const { return *client_; }

 private:
  dialtone::Server server_;
  std::unique_ptr<dialtone::Channel> channel_;
  std::unique_ptr<Echo::Client> client_;
};

TEST_F(EchoServiceTest, EchoSendsBackAllThatCame) {
  EchoRequest request;
  request.set_text("hello");
  request.set_payload(std::string("\0\xff", 2));
  request.set_id(-7);
  const absl::StatusOr<EchoReply> reply = client().Echo(request).Wait();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->text(), "hello");
  EXPECT_EQ(reply->payload(), std::string("\0\xff", 2));
  EXPECT_EQ(reply->id(), -7);
}

TEST_F(EchoServiceTest, SleepAnswersAfterItsTime) {
  SleepRequest request;
  request.mutable_duration()->set_nanos(30'000'000);
  const auto begin = std::chrono::steady_clock::now();
  const absl::StatusOr<SleepReply> reply = client().Sleep(request).Wait();
  EXPECT_TRUE(reply.ok()) << reply.status();
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(30));
}

TEST_F(EchoServiceTest, SleepEndsWithItsCall) {
  dialtone::Call<SleepReply> call = client().Sleep(Seconds(1000));
  call.Cancel();
  EXPECT_EQ(call.Wait().status().code(), absl::StatusCode::kCancelled);

  const absl::Status late =
      client().Sleep(Seconds(1000), dialtone::Timeout(absl::Milliseconds(20))).Wait().status();
  EXPECT_EQ(late.code(), absl::StatusCode::kDeadlineExceeded) << late;
}

TEST_F(EchoServiceTest, SleepRefusesTimesOutOfItsLimits) {
  const absl::Status negative = client().Sleep(Seconds(-1)).Wait().status();
  EXPECT_EQ(negative.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(negative.message(), "sleep: -1s is not between 0 and 1h");
  const absl::Status long_time = client().Sleep(Seconds(3601)).Wait().status();
  EXPECT_EQ(long_time.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(long_time.message(), "sleep: 1h1s is not between 0 and 1h");
}

TEST_F(EchoServiceTest, FailGivesTheStatusThatItIsTold) {
  FailRequest request;
  EchoRequest detail;
  detail.set_id(42);
  request.set_message("as you wish");
  request.add_details()->PackFrom(detail);
  for (int code = 1; code <= 16; ++code) {
    SCOPED_TRACE(code);
    request.set_code(code);
    const absl::Status status = client().Fail(request).Wait().status();
    EXPECT_EQ(static_cast<int>(status.code()), code);
    EXPECT_EQ(status.message(), "as you wish");
    const auto came_back = dialtone::GetDetail<EchoRequest>(status);
    ASSERT_TRUE(came_back.has_value());
    EXPECT_EQ(came_back->id(), 42);
  }
}

TEST_F(EchoServiceTest, FailRefusesWhatIsNoError) {
  FailRequest request;
  for (const int code : {0, -1, 17}) {
    request.set_code(code);
    const absl::Status status = client().Fail(request).Wait().status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(),
              "fail: code " + std::to_string(code) + " is no error: they go from 1 to 16");
  }
}

}  // namespace
}  // namespace echo
