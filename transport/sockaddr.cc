#include "sockaddr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <cstring>

namespace dialtone::internal {
namespace {

SockAddr FromIpv4(const Address& address) {
  SockAddr to;
  auto* const ip = reinterpret_cast<sockaddr_in*>(&to.storage);
  ip->sin_family = AF_INET;
  ip->sin_port = htons(address.port());
  std::memcpy(&ip->sin_addr, address.ip_bytes().data(), sizeof ip->sin_addr);
  to.length = sizeof *ip;
  return to;
}

SockAddr FromIpv6(const Address& address) {
  SockAddr to;
  auto* const ip = reinterpret_cast<sockaddr_in6*>(&to.storage);
  ip->sin6_family = AF_INET6;
  ip->sin6_port = htons(address.port());
  ip->sin6_scope_id = address.scope();
  std::memcpy(&ip->sin6_addr, address.ip_bytes().data(), sizeof ip->sin6_addr);
  to.length = sizeof *ip;
  return to;
}

SockAddr FromUnix(const Address& address) {
  static_assert(sizeof(sockaddr_un::sun_path) > Address::kUnixPathMax);
  SockAddr to;
  auto* const unix_address = reinterpret_cast<sockaddr_un*>(&to.storage);
  unix_address->sun_family = AF_UNIX;
  const std::string& path = address.unix_path();
  std::memcpy(unix_address->sun_path, path.data(), path.size());
  to.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return to;
}

Address ToUnix(const SockAddr& from) {
  const auto* const unix_address = reinterpret_cast<const sockaddr_un*>(&from.storage);
  const size_t start = offsetof(sockaddr_un, sun_path);
  if (from.length <= start) return Address::Unix("");
  const size_t room = std::min<size_t>(from.length - start, Address::kUnixPathMax);
  return Address::Unix(
      std::string_view(unix_address->sun_path, strnlen(unix_address->sun_path, room)));
}

}  // namespace

int SocketDomain(Address::Family family) {
  switch (family) {
    case Address::Family::kIpv4:
      return AF_INET;
    case Address::Family::kIpv6:
      return AF_INET6;
    case Address::Family::kUnix:
      return AF_UNIX;
    case Address::Family::kNone:
      break;
  }
  return AF_UNSPEC;
}

SockAddr ToSockAddr(const Address& address) {
  switch (address.family()) {
    case Address::Family::kIpv4:
      return FromIpv4(address);
    case Address::Family::kIpv6:
      return FromIpv6(address);
    case Address::Family::kUnix:
      return FromUnix(address);
    case Address::Family::kNone:
      break;
  }
  return SockAddr();
}

Address FromSockAddr(const SockAddr& from) {
  if (from.storage.ss_family == AF_INET) {
    const auto* const ip = reinterpret_cast<const sockaddr_in*>(&from.storage);
    std::array<uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &ip->sin_addr, bytes.size());
    return Address::Ipv4(bytes, ntohs(ip->sin_port));
  }
  if (from.storage.ss_family == AF_INET6) {
    const auto* const ip = reinterpret_cast<const sockaddr_in6*>(&from.storage);
    std::array<uint8_t, 16> bytes;
    std::memcpy(bytes.data(), &ip->sin6_addr, bytes.size());
    return Address::Ipv6(bytes, ntohs(ip->sin6_port), ip->sin6_scope_id);
  }
  if (from.storage.ss_family == AF_UNIX) return ToUnix(from);
  return Address();
}

}  // namespace dialtone::internal
