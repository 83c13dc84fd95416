// Address to and from the kernel's socket addresses. Internal.
#pragma once

#include <sys/socket.h>

#include "dialtone/transport/address.h"

namespace dialtone::internal {

struct SockAddr {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// AF_INET, AF_INET6 or AF_UNIX; AF_UNSPEC for no address.
int SocketDomain(Address::Family family);
SockAddr ToSockAddr(const Address& address);
// An unnamed unix socket, which the client's end usually is, has an empty path.
Address FromSockAddr(const SockAddr& from);

}  // namespace dialtone::internal
