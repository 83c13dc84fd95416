#include "program.h"

#include <signal.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace bench {
namespace {

constexpr std::string_view kLargeWord = "large:";

[[noreturn]] void Complain(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(2);
}

template <class T>
T Parsed(std::string_view name, std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < T{}) {
    Complain("--" + std::string(name) + ": '" + std::string(text) + "' is no number from 0");
  }
  return value;
}

std::vector<pid_t> ParsedProcesses(std::string_view text) {
  std::vector<pid_t> processes;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    processes.push_back(Parsed<pid_t>("server-pid", text.substr(0, comma)));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return processes;
}

sigset_t OnlySigterm() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

CommandLine::CommandLine(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word.substr(0, 2) != "--") Complain("'" + std::string(word) + "' is no flag");
    const size_t equals = word.find('=');
    const std::string name(word.substr(2, equals == std::string_view::npos ? equals : equals - 2));
    if (equals != std::string_view::npos) {
      given_[name] = word.substr(equals + 1);
    } else if (i + 1 < argc && std::string_view(argv[i + 1]).substr(0, 2) != "--") {
      given_[name] = argv[++i];
    } else {
      given_[name] = "1";
    }
  }
}

const std::string* CommandLine::Take(std::string_view name) {
  const auto given = given_.find(name);
  if (given != given_.end()) taken_.insert(given_.extract(given));
  const auto taken = taken_.find(name);
  return taken == taken_.end() ? nullptr : &taken->second;
}

std::string CommandLine::Text(std::string_view name, std::string_view otherwise) {
  const std::string* text = Take(name);
  return text != nullptr ? *text : std::string(otherwise);
}

int64_t CommandLine::Number(std::string_view name, int64_t otherwise) {
  const std::string* text = Take(name);
  return text != nullptr ? Parsed<int64_t>(name, *text) : otherwise;
}

double CommandLine::Real(std::string_view name, double otherwise) {
  const std::string* text = Take(name);
  return text != nullptr ? Parsed<double>(name, *text) : otherwise;
}

bool CommandLine::Has(std::string_view name) {
  const std::string* text = Take(name);
  return text != nullptr && *text != "0";
}

void CommandLine::Finish() {
  if (!given_.empty()) Complain("--" + given_.begin()->first + ": there is no such flag");
}

uint16_t PortOf(std::string_view flag, std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos)
    Complain("--" + std::string(flag) + ": needs an ip and a port, 127.0.0.1:7000");
  return Parsed<uint16_t>(flag, address.substr(colon + 1));
}

LoadFlags TakeLoadFlags(CommandLine& line) {
  LoadFlags flags;
  flags.address = line.Text("address");
  flags.port = PortOf("address", flags.address);
  flags.host = flags.address.substr(0, flags.address.rfind(':'));
  flags.connections = static_cast<int>(line.Number("connections", flags.connections));
  flags.in_flight = static_cast<int>(line.Number("in-flight", flags.in_flight));
  flags.threads = static_cast<int>(line.Number("threads", flags.threads));
  flags.seconds = line.Real("seconds", flags.seconds);
  flags.warmup = line.Real("warmup", flags.warmup);
  flags.payload_bytes =
      static_cast<size_t>(line.Number("payload-bytes", static_cast<int64_t>(flags.payload_bytes)));
  flags.mode = line.Text("mode", "calls");
  flags.servers = ParsedProcesses(line.Text("server-pid"));
  if (flags.connections < 1 || flags.in_flight < 1 || flags.threads < 1) {
    Complain("--connections, --in-flight and --threads are numbers from 1");
  }
  return flags;
}

void HoldSigterm() {
  const sigset_t set = OnlySigterm();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void WaitForSigterm() {
  const sigset_t set = OnlySigterm();
  int signal = 0;
  while (sigwait(&set, &signal) != 0) {
  }
}

void SayPort(uint16_t port) {
  std::printf("port %d\n", port);
  std::fflush(stdout);
}

void SayResult(const dialtone::load::Result& result) {
  std::printf("%s\n", result.ToJson().c_str());
  std::fflush(stdout);
}

void SayOpened(int connections, int64_t nanoseconds) {
  std::printf("{\"connections\":%d,\"seconds\":%.6f}\n", connections,
              static_cast<double>(nanoseconds) / 1e9);
  std::fflush(stdout);
}

void SayLargeReplies(int count, size_t bytes, double seconds) {
  std::printf("{\"large_replies\":%d,\"large_bytes_per_second\":%.0f}\n", count,
              static_cast<double>(bytes) * count / seconds);
}

void NoSuchMode(const LoadFlags& flags) {
  Complain("--mode: there is no '" + flags.mode + "' here");
}

std::string Payload(size_t bytes) {
  std::string text(bytes, ' ');
  // Of the period 26 * 4093, longer than any piece or buffer is likely to be off by.
  for (size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 4093) % 26);
  return text;
}

bool IsEcho(std::string_view sent, std::string_view came, int64_t id) {
  constexpr size_t kWhole = 4096;
  constexpr size_t kSamples = 16;
  constexpr size_t kSampleBytes = 64;
  if (sent.size() != came.size()) return false;
  if (sent.size() <= kWhole) return sent == came;
  const size_t stride = (sent.size() - kSampleBytes) / kSamples;
  for (size_t i = 0; i <= kSamples; ++i) {
    const size_t within = i == kSamples ? 0 : static_cast<size_t>(id) * 977 % stride;
    const size_t at = i * stride + within;
    if (sent.substr(at, kSampleBytes) != came.substr(at, kSampleBytes)) return false;
  }
  return sent.substr(sent.size() - kSampleBytes) == came.substr(came.size() - kSampleBytes);
}

std::string AskForLarge(size_t bytes) { return std::string(kLargeWord) + std::to_string(bytes); }

size_t LargeBytes(std::string_view text) {
  constexpr size_t kTextMax = 40;
  if (text.size() > kTextMax || text.substr(0, kLargeWord.size()) != kLargeWord) return 0;
  return Parsed<size_t>("large", text.substr(kLargeWord.size()));
}

void Fail(std::string_view what) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

}  // namespace bench
