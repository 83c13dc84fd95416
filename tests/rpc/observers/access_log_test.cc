// One line for each call.
#include "dialtone/rpc/access_log.h"

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dialtone/rpc/sleep.h"
#include "stream_service.h"
#include "tracing_fixture.h"

namespace dialtone {
namespace {

using testing::MatchesRegex;

struct Line {
  LogLevel level;
  std::string text;
  std::map<std::string, std::string> fields;
};

// The lines about calls, while it lives.
class CallLines {
 public:
  CallLines() {
    SetLogSink([this](const LogEvent& event) {
      if (!event.text.starts_with("call ")) return;
      MutexLock lock(mutex_);
      Line& line = lines_.emplace_back(Line{event.level, std::string(event.text), {}});
      for (const LogField& field : event.fields) line.fields.emplace(field.name, field.value);
    });
  }
  ~CallLines() { SetLogSink({}); }
  std::vector<Line> all() const {
    MutexLock lock(mutex_);
    return lines_;
  }

 private:
  mutable Mutex mutex_;
  std::vector<Line> lines_ ABSL_GUARDED_BY(mutex_);
};

class AccessLogTest : public TracingTest {
 protected:
  AccessLogOptions LogOptions() {
    AccessLogOptions options;
    SetClocks(options);
    return options;
  }
  static CoroutineHandler Answer(std::string text, absl::Status status = absl::OkStatus()) {
    return [text, status](ServerCall&, const Text&, Text& reply) {
      return AnswerLater(text, status, reply);
    };
  }
  static Task<absl::Status> AnswerLater(std::string text, absl::Status status, Text& reply) {
    const absl::Status slept = co_await Sleep(absl::Milliseconds(3));
    if (!slept.ok()) co_return slept;
    reply.set_value(text);
    co_return status;
  }

  CallLines lines_;
};

TEST_F(AccessLogTest, TellsWhatACallWas) {
  const auto server = MakeServer(Answer("hello"), AccessLog(LogOptions()));
  const auto channel = ChannelTo(*server, nullptr);
  EXPECT_TRUE(StartCoroutine(*channel, "abc", Timeout(absl::Seconds(2))).Wait().ok());
  ASSERT_EQ(lines_.all().size(), 1u);
  const Line line = lines_.all()[0];
  EXPECT_THAT(line.text, MatchesRegex("call method=test.Service/Coroutine peer=127.0.0.1:[0-9]+ "
                                      "status=OK duration_us=3000 bytes_in=5 bytes_out=7 "
                                      "deadline_left_us=1997000"));
  EXPECT_EQ(line.level, LogLevel::kInfo);
  EXPECT_EQ(line.fields.at("method"), "test.Service/Coroutine");
  EXPECT_EQ(line.fields.at("status"), "OK");
  EXPECT_EQ(line.fields.at("duration_us"), "3000");
  EXPECT_EQ(line.fields.at("bytes_in"), "5");
  EXPECT_EQ(line.fields.at("bytes_out"), "7");
  EXPECT_EQ(line.fields.at("deadline_left_us"), "1997000");
  EXPECT_EQ(line.fields.at("trace_id"), "");
}

TEST_F(AccessLogTest, AnErrorHasNoReplyAndNoDeadlineIsNone) {
  const auto server = MakeServer(Answer("hello", absl::NotFoundError("")), AccessLog(LogOptions()));
  const auto channel = ChannelTo(*server, nullptr);
  EXPECT_FALSE(StartCoroutine(*channel, "", Timeout(absl::InfiniteDuration())).Wait().ok());
  ASSERT_EQ(lines_.all().size(), 1u);
  EXPECT_THAT(lines_.all()[0].text, MatchesRegex("call .* status=NOT_FOUND duration_us=3000 "
                                                 "bytes_in=0 bytes_out=0"));
}

TEST_F(AccessLogTest, AStreamIsOneSpanASideAndOneLineWithAllItsMessages) {
  ServerOptions options;
  options.runtime = &process_.runtime;
  options.observers = {ServerTracing(spans_, Options()), AccessLog(LogOptions())};
  Server server(options);
  server.Add(std::make_unique<StreamService>(StreamHandlers{CountDown, Concatenate, nullptr}));
  const auto channel = ChannelTo(server, ClientTracing(spans_, Options()));
  DownCall down = StartDown(*channel, "4");
  while (down.Read().Wait() != nullptr) {
  }
  EXPECT_EQ(down.Finish().Wait(), absl::OkStatus());
  ASSERT_EQ(lines_.all().size(), 1u);
  EXPECT_EQ(lines_.all()[0].fields.at("method"), "test.Streams/Down");
  EXPECT_EQ(lines_.all()[0].fields.at("bytes_in"), "3");
  EXPECT_EQ(lines_.all()[0].fields.at("bytes_out"), "15");  // five messages
  ASSERT_EQ(spans_->all().size(), 2u);
  EXPECT_EQ(spans_->all()[0].parent_id, spans_->all()[1].context.span_id);
}

TEST_F(AccessLogTest, WhoeverSetsTheTimeOfDayMakesNoCallLong) {
  for (const absl::Duration forward : {absl::Hours(1), -absl::Hours(1)}) {
    const auto server = MakeServer(Setting(forward, Answer("")), AccessLog(LogOptions()));
    const auto channel = ChannelTo(*server, nullptr);
    EXPECT_TRUE(StartCoroutine(*channel, "").Wait().ok());
    EXPECT_EQ(lines_.all().back().fields.at("duration_us"), "3000");
  }
}

TEST_F(AccessLogTest, NamesTheTrace) {
  ServerOptions options;
  options.runtime = &process_.runtime;
  options.observers = {ServerTracing(spans_, Options()), AccessLog(LogOptions())};
  Server server(options);
  server.Add(std::make_unique<CoroutineService>(Answer("")));
  const auto channel = ChannelTo(server, nullptr);
  EXPECT_TRUE(StartCoroutine(*channel, "").Wait().ok());
  ASSERT_EQ(spans_->all().size(), 1u);
  ASSERT_EQ(lines_.all().size(), 1u);
  EXPECT_EQ(lines_.all()[0].fields.at("trace_id"), TraceIdText(spans_->all()[0].context.trace_id));
}

TEST_F(AccessLogTest, AShareIsLoggedAndOfFailuresAnother) {
  AccessLogOptions options = LogOptions();
  options.ratio = 0.25;
  uint64_t drawn = 0;
  options.random = [&drawn] { return drawn++ << 62; };  // 0, ¼, ½, ¾, 0, …
  const auto log = AccessLog(options);
  const auto good = MakeServer(Answer(""), log);
  const auto bad = MakeServer(Answer("", absl::NotFoundError("")), log);
  const auto to_good = ChannelTo(*good, nullptr);
  const auto to_bad = ChannelTo(*bad, nullptr);
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(StartCoroutine(*to_good, "").Wait().ok());
  EXPECT_EQ(lines_.all().size(), 2u);
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(StartCoroutine(*to_bad, "").Wait().ok());
  EXPECT_EQ(lines_.all().size(), 10u);
}

TEST_F(AccessLogTest, BelowTheLogsLevelNothingIsWritten) {
  AccessLogOptions options = LogOptions();
  options.level = LogLevel::kDebug;
  const auto server = MakeServer(Answer(""), AccessLog(options));
  const auto channel = ChannelTo(*server, nullptr);
  EXPECT_TRUE(StartCoroutine(*channel, "").Wait().ok());
  EXPECT_TRUE(lines_.all().empty());
}

}  // namespace
}  // namespace dialtone
