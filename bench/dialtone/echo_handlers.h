// The handlers that are measured: as a user writes them, plain and as coroutines.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "dialtone/rpc/service.h"

namespace bench {

// echo.Echo with Echo, Repeat (a count of 0: without end, numbered from 1) and Chat.
std::unique_ptr<dialtone::Service> PlainEcho();
std::unique_ptr<dialtone::Service> CoroutineEcho();
// Echo only. Asks the server at `target` the same, and passes its answer on.
std::unique_ptr<dialtone::Service> ForwardingEcho(const std::string& target);
// Echo only. Computes for so long before it answers.
std::unique_ptr<dialtone::Service> WorkingEcho(int64_t nanoseconds);
// Echo only. A text of "large:<bytes>" asks for so large a one; any other is sent back.
std::unique_ptr<dialtone::Service> LargeEcho();

}  // namespace bench
