#include "dialtone/rpc/server_call.h"

namespace dialtone {

const ServerCall::Extras& ServerCall::NoExtras() {
  static const Extras& none = *new Extras();
  return none;
}

}  // namespace dialtone
