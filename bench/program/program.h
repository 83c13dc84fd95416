// What all servers and clients of the benchmark have in common: bench/README.md is the contract.
//
//   int main(int argc, char** argv) {                       // a server
//     bench::HoldSigterm();                                  // before there are threads
//     bench::CommandLine line(argc, argv);
//     const auto port = static_cast<uint16_t>(line.Number("port", 0));
//     line.Finish();
//     … listen on 127.0.0.1:port …
//     bench::SayPort(bound_port);
//     bench::WaitForSigterm();
//   }
//   int main(int argc, char** argv) {                       // a client
//     bench::CommandLine line(argc, argv);
//     const bench::LoadFlags flags = bench::TakeLoadFlags(line);
//     line.Finish();
//     dialtone::load::Window window(flags.warmup, flags.seconds, flags.servers);
//     … connect, then make the window, then call …
//     bench::SayResult(window.Finish(recorders));
//   }
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dialtone/load/result.h"

namespace bench {

// Flags as "--name value" or "--name=value". What is wrong ends the program with 2 and says why.
class CommandLine {
 public:
  CommandLine(int argc, char** argv);

  std::string Text(std::string_view name, std::string_view otherwise = "");
  int64_t Number(std::string_view name, int64_t otherwise);
  double Real(std::string_view name, double otherwise);
  // Whether it was given and is not "0".
  bool Has(std::string_view name);
  // After all have been taken: any other one is wrong.
  void Finish();

 private:
  const std::string* Take(std::string_view name);

  std::map<std::string, std::string, std::less<>> given_;
  std::map<std::string, std::string, std::less<>> taken_;
};

// Of "127.0.0.1:7000", as a flag has it.
uint16_t PortOf(std::string_view flag, std::string_view address);

// The flags that every client takes.
struct LoadFlags {
  std::string address;  // "127.0.0.1:7000"
  std::string host;     // its parts
  uint16_t port = 0;
  int connections = 1;
  int in_flight = 1;  // on each connection
  int threads = 1;
  double seconds = 1;
  double warmup = 0.2;
  size_t payload_bytes = 32;
  std::string mode;  // calls, blocking, stream, stream-pingpong; others as the client says
  std::vector<pid_t> servers;  // whose processors' time is counted
};
LoadFlags TakeLoadFlags(CommandLine& line);

// SIGTERM is held back in this thread and those that it starts, for WaitForSigterm().
void HoldSigterm();
void WaitForSigterm();
// "port 7000" on a line of its own, at once.
void SayPort(uint16_t port);
// The result as one line of JSON on stdout.
void SayResult(const dialtone::load::Result& result);
// Of a client that holds connections open: {"connections":…,"seconds":…}.
void SayOpened(int connections, int64_t nanoseconds);
// Of small calls beside large replies: {"large_replies":…,"large_bytes_per_second":…}.
void SayLargeReplies(int count, size_t bytes, double seconds);
[[noreturn]] void NoSuchMode(const LoadFlags& flags);

// The text of a request: no two stretches of it alike, so that pieces in a wrong order show.
std::string Payload(size_t bytes);
// Whether what came back is what was sent: all of a small text, samples of one above 4 KiB, at places
// that the call's id chooses, so that looking costs little beside sending.
bool IsEcho(std::string_view sent, std::string_view came, int64_t id);

// The text of a request for a reply of so many characters, and how many a text asks for; 0: it does not.
std::string AskForLarge(size_t bytes);
size_t LargeBytes(std::string_view text);

// For what a program cannot go on after: prints it and ends with 1.
[[noreturn]] void Fail(std::string_view what);

}  // namespace bench
