#include "repl_history.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace dial {
namespace {

using Lines = std::vector<std::string>;

class ReplHistoryTest : public testing::Test {
 protected:
  ReplHistoryTest() { std::filesystem::create_directories(folder_); }
  ~ReplHistoryTest() override { std::filesystem::remove_all(folder_); }

  static unsigned ModeOf(const std::string& path) {
    struct stat status{};
    EXPECT_EQ(0, stat(path.c_str(), &status));
    return status.st_mode & 0777u;
  }

  // Each process that runs tests has its own.
  const std::string folder_ = testing::TempDir() + "dial_history_" + std::to_string(getpid());
  const std::string file_ = folder_ + "/state/dial/repl_history";
};

TEST_F(ReplHistoryTest, KeepsLinesForTheirOwnerAlone) {
  ReplHistory(file_).Add("first\n");
  ReplHistory(file_).Add("second {\n  \"a\": 1\n}\n");
  EXPECT_EQ(Lines({"first", "second {   \"a\": 1 }"}), ReplHistory(file_).Load());
  EXPECT_EQ(0600u, ModeOf(file_));
  EXPECT_EQ(0700u, ModeOf(folder_ + "/state/dial"));
  EXPECT_EQ(0700u, ModeOf(folder_ + "/state"));
}

TEST_F(ReplHistoryTest, WhatIsEmptyTooLongOrBeginsWithASpaceIsNotKept) {
  const ReplHistory history(file_);
  history.Add(" set metadata authorization=secret\n");
  history.Add("\n");
  history.Add(std::string(ReplHistory::kLineBytesMax + 1, 'x'));
  EXPECT_EQ(Lines(), history.Load());
  history.Add(std::string(ReplHistory::kLineBytesMax, 'x'));
  EXPECT_EQ(1u, history.Load().size());
}

TEST_F(ReplHistoryTest, LoadsTheLastLines) {
  const ReplHistory history(file_);
  for (size_t i = 0; i < ReplHistory::kLinesMax + 5; ++i) history.Add(std::to_string(i));
  const Lines lines = history.Load();
  ASSERT_EQ(ReplHistory::kLinesMax, lines.size());
  EXPECT_EQ("5", lines.front());
}

TEST_F(ReplHistoryTest, AFileThatHasGrownTooLargeIsCut) {
  const ReplHistory history(file_);
  history.Add("oldest");
  const std::string line(ReplHistory::kLineBytesMax - 1, 'x');
  for (size_t written = 0; written < 2 * ReplHistory::kFileBytesMax; written += line.size())
    history.Add(line);
  EXPECT_LE(std::filesystem::file_size(file_),
            ReplHistory::kFileBytesMax + 2 * ReplHistory::kLineBytesMax);
  EXPECT_NE("oldest", history.Load().front());
  EXPECT_EQ(0600u, ModeOf(file_));
}

TEST_F(ReplHistoryTest, WhereItCannotBeKeptThereIsNone) {
  std::ofstream(folder_ + "/state") << "no folder";
  const ReplHistory history(file_);
  history.Add("line");
  EXPECT_EQ(Lines(), history.Load());
  ReplHistory("").Add("line");
  EXPECT_EQ(Lines(), ReplHistory("").Load());
}

}  // namespace
}  // namespace dial
