// Which process of this machine listens at an address: whose processor time a benchmark counts.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace dial {

// "127.0.0.1:7000", "[::1]:7000", "localhost:7000" or "unix:/run/echo.sock". Nothing for other machines, for names, where no
// process is found, or more than one, and where /proc may not be read.
std::optional<pid_t> ListenerProcess(const std::string& address);

}  // namespace dial
