// A server's flags, one row an option. Internal to dialtone::flags.
#pragma once

#include "dialtone/rpc/server_flags.h"

namespace dialtone::flags {

void AddServerFlags(Flags& flags, ServerFlagValues& values);

}  // namespace dialtone::flags
