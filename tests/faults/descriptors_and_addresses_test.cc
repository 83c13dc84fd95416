// What a server does when the machine has no more descriptors, when its address is in use, and when
// the file of its unix socket is there already.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "dialtone/transport/event.h"
#include "fault_server.h"
#include "raw_socket.h"
#include "test_service.h"

namespace dialtone::faults {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);

std::string Get(const std::string& target, const std::string& text) {
  Channel channel(target);
  return Show(StartCoroutine(channel, text, Timeout(kPatience).set_wait_for_ready(true)).Wait());
}

// A folder of the test's own, gone at its end.
class Folder {
 public:
  Folder() { EXPECT_NE(mkdtemp(path_.data()), nullptr); }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_ = testing::TempDir() + "dialtone_faults_XXXXXX";
};

// What a server that was killed leaves behind: the file of a socket on which nobody listens.
void LeaveStaleSocket(const std::string& path) {
  const int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_GE(made, 0);
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof at.sun_path);
  std::memcpy(at.sun_path, path.data(), path.size());
  ASSERT_EQ(bind(made, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
  close(made);
}

// Not with sanitizers: to look at an object's type theirs makes a pipe, and takes the object for
// broken when there is no descriptor left for that.
#ifndef DIALTONE_SANITIZED
TEST(DescriptorsTest, AServerWithoutDescriptorsServesAgainWhenThereAreSome) {
  FaultServerOptions options;
  options.descriptors_max = 48;
  FaultServer server(options);
  const std::string target = server.address().ToString();
  Channel before(target);
  ASSERT_EQ(Show(StartCoroutine(before, "before", Timeout(kPatience)).Wait()), "OK: before");
  {
    std::vector<RawSocket> many = Connect(server.address(), 200);
    RawSocket last_one(server.address());
    ASSERT_TRUE(
        last_one.SendAll(Hello() + RequestFor(1, kCoroutineMethod.path, "waits"), kPatience));
    // It is not accepted yet, while whoever has a connection is served.
    for (int i = 0; i < 20; ++i) {
      ASSERT_EQ(Show(StartCoroutine(before, "meanwhile", Timeout(kPatience)).Wait()),
                "OK: meanwhile");
    }
    EXPECT_LT(server.Descriptors(), 100u)
        << "those that the test's own parent left open count, too";
    EXPECT_EQ(last_one.Responses(), 0u);
    // It rests between its attempts to accept instead of turning in a circle.
    const absl::Duration busy = server.ProcessorTime();
    EXPECT_FALSE(last_one.Read(absl::Seconds(1)));
    EXPECT_LT(server.ProcessorTime() - busy, absl::Milliseconds(500));
    // Others leave: the one that waited is served.
    many.clear();
    EXPECT_TRUE(last_one.AwaitResponses(1, kPatience));
  }
  EXPECT_EQ(Get(target, "after"), "OK: after");
  EXPECT_NE(server.Log().find("accept"), std::string::npos) << "it says so in the log";
}

// While it lives this process opens nothing; what is open stays so.
class NoDescriptorsLeft {
 public:
  NoDescriptorsLeft() {
    EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0);
    rlimit none = before_;
    none.rlim_cur = 0;
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  }
  ~NoDescriptorsLeft() { EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before_), 0); }

 private:
  rlimit before_{};
};

TEST(DescriptorsTest, AChannelThatIsMadeWithoutAnyWorksOnceThereAreSome) {
  const FaultServer server;
  const std::string target = server.address().ToString();
  std::optional<NoDescriptorsLeft> none(std::in_place);
  Channel channel(target);
  const absl::Status failed = StartCoroutine(channel, "fails", Timeout(kPatience)).Wait().status();
  EXPECT_EQ(failed.code(), absl::StatusCode::kResourceExhausted) << failed;
  EXPECT_NE(failed.message().find("too many open files"), std::string::npos) << failed;
  const auto wait_for = [](absl::Duration time) { return Timeout(time).set_wait_for_ready(true); };
  const absl::Status late =
      StartCoroutine(channel, "is late", wait_for(absl::Milliseconds(200))).Wait().status();
  EXPECT_EQ(late.code(), absl::StatusCode::kDeadlineExceeded) << late;
  // One that nobody waits for, and one that a thread does, as descriptors come back.
  std::promise<std::string> called_back;
  StartCoroutine(channel, "called back", wait_for(kPatience)).Then([&](auto reply) {
    called_back.set_value(Show(std::move(reply)));
  });
  std::thread gives_back([&] {
    // tidy-allow sleep: the calls are to have found nothing before
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    none.reset();
  });
  EXPECT_EQ(Show(StartCoroutine(channel, "waited for", wait_for(kPatience)).Wait()),
            "OK: waited for");
  gives_back.join();
  EXPECT_EQ(called_back.get_future().get(), "OK: called back");
}
#endif

TEST(AddressesTest, APortInUseIsToldFromOtherErrorsAndNamed) {
  const FaultServer first;
  FaultServerOptions same;
  same.address = first.address().ToString();
  FaultServer second(same);
  EXPECT_FALSE(second.started());
  EXPECT_EQ(second.Exit(), kExitListenFailed);
  EXPECT_NE(second.Log().find(same.address), std::string::npos) << second.Log();
  EXPECT_NE(second.Log().find("in use"), std::string::npos) << second.Log();
  EXPECT_EQ(Get(same.address, "the first one serves on"), "OK: the first one serves on");
}

TEST(AddressesTest, AServerStartsOnAStaleUnixSocketFile) {
  const Folder folder;
  FaultServerOptions options;
  options.address = "unix:" + folder.File("echo.sock");
  LeaveStaleSocket(folder.File("echo.sock"));
  FaultServer server(options);
  ASSERT_TRUE(server.started()) << server.Log();
  EXPECT_EQ(Get(options.address, "hello"), "OK: hello");
  // One that was killed leaves such a file, too.
  server.Kill();
  EXPECT_EQ(server.Exit(), -SIGKILL);
  ASSERT_TRUE(std::filesystem::exists(folder.File("echo.sock")));
  FaultServer next(options);
  ASSERT_TRUE(next.started()) << next.Log();
  EXPECT_EQ(Get(options.address, "hello again"), "OK: hello again");
}

TEST(AddressesTest, ALivingServersUnixSocketIsRefusedAndLeftAlone) {
  const Folder folder;
  FaultServerOptions options;
  options.address = "unix:" + folder.File("echo.sock");
  const FaultServer living(options);
  FaultServer second(options);
  EXPECT_FALSE(second.started());
  EXPECT_EQ(second.Exit(), kExitListenFailed);
  EXPECT_NE(second.Log().find(options.address), std::string::npos) << second.Log();
  EXPECT_EQ(Get(options.address, "still here"), "OK: still here");
}

TEST(AddressesTest, AFileThatIsNoSocketIsRefusedAndLeftAlone) {
  const Folder folder;
  const std::string path = folder.File("notes.txt");
  ASSERT_NE(std::fclose(std::fopen(path.c_str(), "w")), EOF);
  FaultServerOptions options;
  options.address = "unix:" + path;
  FaultServer server(options);
  EXPECT_FALSE(server.started());
  EXPECT_EQ(server.Exit(), kExitListenFailed);
  EXPECT_TRUE(std::filesystem::is_regular_file(path));
}

}  // namespace
}  // namespace dialtone::faults

int main(int argc, char** argv) { return dialtone::faults::MainOfFaultTest(argc, argv); }
