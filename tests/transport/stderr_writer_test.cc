// A descriptor that is full, closed or gone costs lines, never time and never the process.
#include "stderr_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "dialtone/transport/log.h"

namespace dialtone {
namespace {

// Two ends that are connected, as standard error and its reader are.
struct Ends {
  explicit Ends(bool is_socket) {
    int ends[2];
    const int made = is_socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends) : pipe(ends);
    EXPECT_EQ(made, 0);
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Ends() {
    close(write_end);
    CloseReader();
  }
  void CloseReader() {
    if (read_end >= 0) close(read_end);
    read_end = -1;
  }
  // Whatever is there, which is at least one byte.
  std::string Read() const {
    std::string buffer(4 * 1024 * 1024, '\0');
    const ssize_t count = read(read_end, buffer.data(), buffer.size());
    buffer.resize(count > 0 ? static_cast<size_t>(count) : 0);
    return buffer;
  }

  int read_end;
  int write_end;
};

class StderrWriterTest : public testing::TestWithParam<bool> {};

TEST_P(StderrWriterTest, AFullOneLosesLinesAndGoesOn) {
  Ends ends(GetParam());
  StderrWriter writer(ends.write_end);
  const std::string line(15, 'x');  // the pages of a pipe end with one
  int taken = 0;
  // Kernels buffer less than this; a line that waited would hang the test.
  constexpr int kLines = 1'000'000;
  while (taken < kLines && writer.Write(line + "\n")) ++taken;
  ASSERT_GT(taken, 0);
  ASSERT_LT(taken, kLines);
  EXPECT_FALSE(writer.Write("lost too\n"));
  EXPECT_EQ(writer.lost(), 2u);
  ends.Read();
  EXPECT_TRUE(writer.Write("goes on\n"));
  EXPECT_EQ(writer.lost(), 0u);
  EXPECT_TRUE(ends.Read().ends_with("goes on\n"));
}

TEST_P(StderrWriterTest, AReaderThatHasGoneRaisesNoSignal) {
  Ends ends(GetParam());
  ends.CloseReader();
  StderrWriter writer(ends.write_end);
  EXPECT_FALSE(writer.Write("nobody reads\n"));  // SIGPIPE would kill this process
  EXPECT_FALSE(writer.Write("nobody reads\n"));
  EXPECT_EQ(writer.lost(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Ends, StderrWriterTest, testing::Bool(),
                         [](const auto& tested) { return tested.param ? "Socket" : "Pipe"; });

// It is writable as long as it has room for one byte, and a blocking write to it waits for all.
TEST(StderrWriter, ATerminalThatNobodyReadsLosesLinesAndGoesOn) {
  const int screen = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
  ASSERT_GE(screen, 0);
  ASSERT_EQ(grantpt(screen), 0);
  ASSERT_EQ(unlockpt(screen), 0);
  const int terminal = open(ptsname(screen), O_RDWR | O_NOCTTY);
  ASSERT_GE(terminal, 0);
  StderrWriter writer(terminal);
  const std::string line = std::string(1000, 'x') + "\n";
  // The kernel carries what is written over to the screen's side in its time, which makes room again, until that is full, too.
  const auto makes_room = [terminal] {
    pollfd ready{terminal, POLLOUT, 0};
    return poll(&ready, 1, 100) == 1;
  };
  int taken = 0;
  while (taken < 1000 && (writer.Write(line) || makes_room()))
    ++taken;  // one that waited would hang the test
  EXPECT_GT(taken, 0);
  EXPECT_LT(taken, 1000);
  EXPECT_FALSE(writer.Write(line));
  EXPECT_EQ(fcntl(terminal, F_GETFL) & O_NONBLOCK, 0) << "which others share";
  char buffer[4096];
  bool goes_on = false;
  for (int i = 0; i < 100 && !goes_on; ++i) {
    while (read(screen, buffer, sizeof buffer) > 0) {
    }
    pollfd ready{terminal, POLLOUT, 0};
    poll(&ready, 1, 100);
    goes_on = writer.Write("goes on\n");
  }
  EXPECT_TRUE(goes_on);
  close(terminal);
  close(screen);
}

TEST(StderrWriter, AFullDiskLosesLines) {
  const int full = open("/dev/full", O_WRONLY);
  ASSERT_GE(full, 0);
  StderrWriter writer(full);
  EXPECT_FALSE(writer.Write("no room\n"));
  EXPECT_EQ(writer.lost(), 1u);
  close(full);
}

TEST(StderrWriter, AClosedOneLosesLines) {
  StderrWriter writer(-1);
  EXPECT_FALSE(writer.Write("nowhere\n"));
}

// The whole log, in a process whose standard error nobody reads.
TEST(StderrWriter, TheLogTellsHowManyLinesWereLost) {
  Ends ends(/*is_socket=*/false);
  const int before = dup(STDERR_FILENO);
  dup2(ends.write_end, STDERR_FILENO);
  const std::string text(4000, 'x');
  for (int i = 0; i < 2000; ++i) Log(LogLevel::kWarning, text);
  ends.Read();
  Log(LogLevel::kInfo, "hello again");
  dup2(before, STDERR_FILENO);
  close(before);
  const std::string read = ends.Read();
  EXPECT_NE(read.find(" log lines were lost: standard error did not take them\n"),
            std::string::npos)
      << read.substr(0, 200);
  EXPECT_TRUE(read.ends_with(" info: hello again\n"));
}

// In a process of its own, which begins without one: the next file that it opens has that number.
TEST(StandardError, ThatAProgramWasStartedWithoutIsNoFileThatItOpensLater) {
  constexpr char kPath[] = "DIALTONE_TEST_STANDARD_ERROR";
  if (const char* const path = getenv(kPath); path != nullptr) {
    EXPECT_EQ(open(path, O_WRONLY), STDERR_FILENO);
    Log(LogLevel::kError, "nobody sees this");
    return;
  }
  std::string path = testing::TempDir() + "standard_error_XXXXXX";
  const int file = mkstemp(path.data());
  ASSERT_GE(file, 0);
  const pid_t child = fork();
  if (child == 0) {
    setenv(kPath, path.c_str(), 1);
    close(STDERR_FILENO);
    execl("/proc/self/exe", "test", "--gtest_filter=StandardError.*", nullptr);
    _exit(127);
  }
  int how = -1;
  EXPECT_EQ(waitpid(child, &how, 0), child);
  EXPECT_EQ(how, 0);
  EXPECT_EQ(lseek(file, 0, SEEK_END), 0);
  close(file);
  unlink(path.c_str());
}

}  // namespace
}  // namespace dialtone
