// What the kernel still knows of a TCP connection that this process has closed: its end outlives the descriptor.
#pragma once

#include <string>

#include "dialtone/transport/address.h"

namespace dial {

// By the connection's own address: "time-wait", "fin-wait-2"; "gone" if the kernel knows it no more. Reads /proc/net.
std::string KernelState(const dialtone::Address& local);

}  // namespace dial
