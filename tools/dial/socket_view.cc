#include "socket_view.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace dial {
namespace {

// By the kernel's numbers, from 1.
constexpr std::array<const char*, 12> kStates = {
    "UNKNOWN",   "ESTAB",  "SYN-SENT",   "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2",
    "TIME-WAIT", "CLOSED", "CLOSE-WAIT", "LAST-ACK", "LISTEN",     "CLOSING"};

std::string StateName(unsigned number) { return kStates[number < kStates.size() ? number : 0]; }

// Empty for what is no address of the internet.
std::string Text(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> host{};
  if (address.ss_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, &address, sizeof four);
    inet_ntop(AF_INET, &four.sin_addr, host.data(), host.size());
    return absl::StrCat(host.data(), ":", ntohs(four.sin_port));
  }
  if (address.ss_family != AF_INET6) return "";
  sockaddr_in6 six{};
  std::memcpy(&six, &address, sizeof six);
  inet_ntop(AF_INET6, &six.sin6_addr, host.data(), host.size());
  return absl::StrCat("[", host.data(), "]:", ntohs(six.sin6_port));
}

// Nothing for what is no TCP connection.
std::optional<SocketView> Look(int descriptor) {
  sockaddr_storage local{}, peer{};
  socklen_t local_size = sizeof local, peer_size = sizeof peer;
  tcp_info info{};
  socklen_t info_size = sizeof info;
  const bool is_one =
      getsockname(descriptor, reinterpret_cast<sockaddr*>(&local), &local_size) == 0 &&
      getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0 &&
      getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &info_size) == 0;
  if (!is_one || Text(local).empty()) return std::nullopt;
  SocketView view;
  view.local = Text(local);
  view.peer = Text(peer);
  view.state = StateName(info.tcpi_state);
  view.round_trip_ms = info.tcpi_rtt / 1e3;
  view.round_trip_variation_ms = info.tcpi_rttvar / 1e3;
  view.congestion_window = info.tcpi_snd_cwnd;
  view.segments_sent_again = info.tcpi_total_retrans;
  view.bytes_sent = info.tcpi_bytes_sent;
  view.bytes_received = info.tcpi_bytes_received;
  return view;
}

std::vector<SocketView> LookAtAll() {
  std::vector<SocketView> views;
  std::error_code error;
  for (std::filesystem::directory_iterator file("/proc/self/fd", error), end; !error && file != end;
       file.increment(error)) {
    int descriptor = 0;
    if (!absl::SimpleAtoi(file->path().filename().string(), &descriptor)) continue;
    if (std::optional<SocketView> view = Look(descriptor)) views.push_back(*std::move(view));
  }
  return views;
}

// /proc/net/tcp: "sl local_address rem_address st …", addresses and states in hexadecimal. Ports are enough: this process had it.
std::optional<std::string> StateInTable(const char* table, const std::string& port) {
  int number = 0;
  if (!absl::SimpleAtoi(port, &number)) return std::nullopt;
  const std::string ending = absl::StrFormat(":%04X", number);
  std::ifstream file(table);
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string slot, local, remote, state;
    words >> slot >> local >> remote >> state;
    if (absl::EndsWith(local, ending))
      return StateName(static_cast<unsigned>(std::strtoul(state.c_str(), nullptr, 16)));
  }
  return std::nullopt;
}

}  // namespace

std::set<std::string> OwnSockets() {
  std::set<std::string> locals;
  for (const SocketView& view : LookAtAll()) locals.insert(view.local);
  return locals;
}

std::optional<SocketView> NewSocket(const std::set<std::string>& others) {
  std::optional<SocketView> found;
  for (SocketView& view : LookAtAll()) {
    if (others.count(view.local) > 0) continue;
    if (found.has_value()) return std::nullopt;
    found = std::move(view);
  }
  return found;
}

std::string KernelState(const std::string& local) {
  const std::string port = local.substr(local.rfind(':') + 1);
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    if (std::optional<std::string> state = StateInTable(table, port)) return *state;
  }
  return "gone";
}

}  // namespace dial
