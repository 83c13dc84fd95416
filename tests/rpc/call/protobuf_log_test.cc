// What Protobuf logs by itself goes where the program's lines go, and is held back as they are.
#include "protobuf_log.h"

#include <google/protobuf/stubs/common.h>

#if GOOGLE_PROTOBUF_VERSION < 4022000
#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dialtone/transport/log_kind.h"
#include "sim_servers.h"

namespace dialtone {
namespace {

class ProtobufLog : public testing::Test {
 protected:
  ProtobufLog() {
    SetLogSink([this](const LogEvent& event) {
      lines_.push_back(std::string(LogLevelName(event.level)) + " " + std::string(event.text));
    });
    testing::internal::CaptureStderr();
  }
  ~ProtobufLog() override {
    SetLogSink(nullptr);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  }

  SimProcess process_;  // with a runtime
  std::vector<std::string> lines_;
};

TEST_F(ProtobufLog, OfTextsThatAreNoUtf8HasAFewLinesASecond) {
  google::protobuf::StringValue text;
  constexpr int kTexts = 10'000;
  // A test before this one may have had this second's lines.
  for (int i = 0; i < kTexts || lines_.empty(); ++i)
    EXPECT_FALSE(text.ParseFromString("\x0a\x01\xff"));
  EXPECT_THAT(lines_.front(), testing::StartsWith("error protobuf "));
  EXPECT_THAT(lines_.front(), testing::HasSubstr("invalid UTF-8"));
  EXPECT_LT(lines_.size(), kTexts / 10u);
  FlushLogKinds();
  EXPECT_THAT(lines_, testing::Contains(testing::HasSubstr("errors that Protobuf logs: ")));
}

TEST_F(ProtobufLog, TellsWhatIsFatalWhichStaysFatal) {
  EXPECT_THROW(GOOGLE_LOG(FATAL) << "cannot go on", google::protobuf::FatalException);
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_THAT(lines_.front(), testing::EndsWith(": cannot go on"));
}

std::vector<std::string>& OwnLines() {
  static std::vector<std::string> lines;
  return lines;
}
void OwnHandler(google::protobuf::LogLevel, const char*, int, const std::string& text) {
  OwnLines().push_back(text);
}

TEST_F(ProtobufLog, StaysTheProgramsWhoHasAHandlerOfItsOwn) {
  google::protobuf::LogHandler* const before = google::protobuf::SetLogHandler(&OwnHandler);
  internal::TakeProtobufLog();
  GOOGLE_LOG(ERROR) << "mine";
  EXPECT_EQ(google::protobuf::SetLogHandler(nullptr), &OwnHandler);
  internal::TakeProtobufLog();
  GOOGLE_LOG(ERROR) << "nobody's";
  EXPECT_EQ(google::protobuf::SetLogHandler(before), nullptr);
  EXPECT_EQ(OwnLines(), std::vector<std::string>{"mine"});
  EXPECT_TRUE(lines_.empty());
}

}  // namespace
}  // namespace dialtone
#endif
