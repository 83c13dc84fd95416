#include "dialtone/rpc/server_call.h"

namespace dialtone {

const ServerCall::Beside& ServerCall::Nothing() {
  static const Beside& nothing = *new Beside();
  return nothing;
}

}  // namespace dialtone
