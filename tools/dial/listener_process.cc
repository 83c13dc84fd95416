#include "listener_process.h"

#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace dial {
namespace {

namespace fs = std::filesystem;

// Of sockets that listen at that port, from /proc/net/tcp: "sl local_address rem_address st … uid timeout inode".
void AddTcpInodes(const char* table, int port, std::set<std::string>& inodes) {
  constexpr char kListening[] = "0A";
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string number, local, remote, state, queues, timer, retransmits, user, timeout, inode;
    words >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >>
        timeout >> inode;
    if (state == kListening && absl::EndsWith(local, absl::StrFormat(":%04X", port)))
      inodes.insert(inode);
  }
}

// From /proc/net/unix: "Num RefCount Protocol Flags Type St Inode Path"; flags 00010000: listens.
void AddUnixInodes(const std::string& path, std::set<std::string>& inodes) {
  std::ifstream file("/proc/net/unix");
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string number, references, protocol, flags, type, state, inode, at;
    words >> number >> references >> protocol >> flags >> type >> state >> inode >> at;
    if (at == path && flags == "00010000") inodes.insert(inode);
  }
}

std::set<std::string> InodesOf(const std::string& address) {
  std::set<std::string> inodes;
  if (absl::StartsWith(address, "unix:")) {
    AddUnixInodes(address.substr(5), inodes);
    return inodes;
  }
  const size_t colon = address.rfind(':');
  int port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port))
    return inodes;
  const std::string host = address.substr(0, colon);
  if (host != "localhost" && host != "[::1]" && !absl::StartsWith(host, "127.")) return inodes;
  AddTcpInodes("/proc/net/tcp", port, inodes);
  AddTcpInodes("/proc/net/tcp6", port, inodes);
  return inodes;
}

bool HoldsOneOf(const fs::path& process, const std::set<std::string>& inodes) {
  std::error_code error;
  for (fs::directory_iterator file(process / "fd", error), end; !error && file != end;
       file.increment(error)) {
    std::error_code unreadable;
    const std::string leads_to = fs::read_symlink(file->path(), unreadable).string();
    if (!unreadable && absl::StartsWith(leads_to, "socket:[") &&
        inodes.count(leads_to.substr(8, leads_to.size() - 9)) > 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<pid_t> ListenerProcess(const std::string& address) {
  const std::set<std::string> inodes = InodesOf(address);
  if (inodes.empty()) return std::nullopt;
  std::optional<pid_t> found;
  std::error_code error;
  for (fs::directory_iterator process("/proc", error), end; !error && process != end;
       process.increment(error)) {
    pid_t id = 0;
    if (!absl::SimpleAtoi(process->path().filename().string(), &id) ||
        !HoldsOneOf(process->path(), inodes))
      continue;
    if (found.has_value()) return std::nullopt;
    found = id;
  }
  return found;
}

}  // namespace dial
