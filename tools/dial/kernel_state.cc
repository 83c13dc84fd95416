#include "kernel_state.h"

#include <array>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"

namespace dial {
namespace {

// By the kernel's numbers, from 1; as dialtone::TcpInfo names them.
constexpr std::array<const char*, 12> kStates = {
    "unknown",   "established", "syn-sent",   "syn-received", "fin-wait-1", "fin-wait-2",
    "time-wait", "closed",      "close-wait", "last-ack",     "listen",     "closing"};

// "sl local_address rem_address st …", addresses and states in hexadecimal. The port is enough: this process had it.
std::optional<std::string> StateInTable(const char* table, uint16_t port) {
  const std::string ending = absl::StrFormat(":%04X", port);
  std::ifstream file(table);
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string slot, local, remote, state;
    words >> slot >> local >> remote >> state;
    if (!absl::EndsWith(local, ending)) continue;
    const auto number = std::strtoul(state.c_str(), nullptr, 16);
    return kStates[number < kStates.size() ? number : 0];
  }
  return std::nullopt;
}

}  // namespace

std::string KernelState(const dialtone::Address& local) {
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    if (std::optional<std::string> state = StateInTable(table, local.port())) return *state;
  }
  return "gone";
}

}  // namespace dial
