// How long a server's program takes from its start to its first answer:
//
//   first_answer RUNS PORT REQUEST TEXT -- program argument...
//
// Starts the program, connects to 127.0.0.1:PORT as soon as that is possible, sends REQUEST (bytes in
// hexadecimal digits, of whatever protocol), and reads until TEXT has come, which only the answer
// holds. Prints the microseconds since the start, a line for each of RUNS runs. Linked statically, so
// that it runs inside the image of the program that it measures.
//
//   first_answer --serve PORT TEXT
//
// Is such a program, and nothing else: what it takes, every server takes on that machine.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::seconds(20);
// Between two attempts to connect: less than what is measured, more than nothing, as the server may
// have but one processor, too.
constexpr timespec kBetweenAttempts{0, 20'000};

[[noreturn]] void Fail(const char* what) {
  std::fprintf(stderr, "first_answer: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

std::string FromHex(const std::string& digits) {
  std::string bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return bytes;
}

// A connected socket, or -1: nobody listens yet.
int Connect(int port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) Fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0)
    return descriptor;
  close(descriptor);
  return -1;
}

void Ask(int descriptor, const std::string& request, const std::string& text) {
  if (write(descriptor, request.data(), request.size()) != static_cast<ssize_t>(request.size()))
    Fail("write");
  std::string answer;
  while (answer.find(text) == std::string::npos) {
    char bytes[4096];
    pollfd readable{descriptor, POLLIN, 0};
    if (poll(&readable, 1, 20'000) != 1) Fail("no answer");
    const ssize_t count = read(descriptor, bytes, sizeof bytes);
    if (count <= 0) Fail("closed before the answer");
    answer.append(bytes, static_cast<size_t>(count));
  }
}

long Measure(int port, const std::string& request, const std::string& text, char** program) {
  std::fflush(stdout);  // else the child has a copy of what is buffered
  const auto begin = Clock::now();
  const pid_t server = fork();
  if (server < 0) Fail("fork");
  if (server == 0) {
    if (freopen("/dev/null", "w", stdout) == nullptr) _exit(127);
    execv(program[0], program);
    _exit(127);
  }
  int descriptor = -1;
  while ((descriptor = Connect(port)) < 0) {
    if (Clock::now() > begin + kPatience) Fail("nobody listens");
    ppoll(nullptr, 0, &kBetweenAttempts, nullptr);
  }
  Ask(descriptor, request, text);
  const auto took = Clock::now() - begin;
  close(descriptor);
  kill(server, SIGKILL);
  waitpid(server, nullptr, 0);
  return std::chrono::duration_cast<std::chrono::microseconds>(took).count();
}

int Listen(int port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) Fail("socket");
  const int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  if (bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) Fail("bind");
  if (listen(descriptor, 16) != 0) Fail("listen");
  return descriptor;
}

int Serve(int port, const std::string& text) {
  const int connection = accept(Listen(port), nullptr, nullptr);
  char request[4096];
  if (connection < 0 || read(connection, request, sizeof request) <= 0) Fail("no request");
  if (write(connection, text.data(), text.size()) < 0) Fail("write");
  pause();  // until it is killed
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], "--serve") == 0) return Serve(std::atoi(argv[2]), argv[3]);
  if (argc < 7 || std::strcmp(argv[5], "--") != 0) {
    std::fprintf(stderr, "first_answer RUNS PORT REQUEST TEXT -- program argument...\n");
    return 2;
  }
  prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);  // or the attempts are 50 µs further apart
  const std::string request = FromHex(argv[3]);
  for (int i = 0; i < std::atoi(argv[1]); ++i)
    std::printf("%ld\n", Measure(std::atoi(argv[2]), request, argv[4], argv + 6));
}
