// Methods by their names alone, where that is enough to tell which one is meant.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "schema.h"

namespace dial {

// "pkg.Service/Method" of every service that the schema can describe.
absl::StatusOr<std::vector<std::string>> MethodNames(Schema& schema);

// The full name of the one method that is called so: "Echo" is "echo.Echo/Echo". A name with a service in it is returned as it
// is. USAGE: there is none (the text says which are near; `others` are names that could have been meant, too), or more than one.
absl::StatusOr<std::string> FullMethodName(Schema& schema, const std::string& name,
                                           const std::vector<std::string>& others = {});

}  // namespace dial
