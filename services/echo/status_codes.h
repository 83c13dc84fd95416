// The names of status codes, as gRPC spells them and people type them.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace echo {

// "NOT_FOUND", "not_found" or "5". INVALID_ARGUMENT for anything else, "OK" too.
absl::StatusOr<absl::StatusCode> ParseErrorCode(std::string_view text);

// One line a code, "  5 NOT_FOUND": for a program's help.
std::string ErrorCodeTable();

}  // namespace echo
