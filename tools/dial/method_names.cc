#include "method_names.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "exit_code.h"
#include "suggest.h"

namespace dial {

absl::StatusOr<std::vector<std::string>> MethodNames(Schema& schema) {
  const absl::StatusOr<std::vector<std::string>> services = schema.ServiceNames();
  if (!services.ok()) return services.status();
  std::vector<std::string> names;
  for (const std::string& name : *services) {
    const google::protobuf::ServiceDescriptor* service = schema.pool().FindServiceByName(name);
    for (int i = 0; service != nullptr && i < service->method_count(); ++i)
      names.push_back(absl::StrCat(name, "/", service->method(i)->name()));
  }
  return names;
}

absl::StatusOr<std::string> FullMethodName(Schema& schema, const std::string& name,
                                           const std::vector<std::string>& others) {
  if (name.find_first_of("./") != std::string::npos) return name;
  const absl::StatusOr<std::vector<std::string>> known = MethodNames(schema);
  if (!known.ok()) return known.status();
  std::vector<std::string> called_so;
  for (const std::string& method : *known) {
    if (absl::EndsWith(method, "/" + name)) called_so.push_back(method);
  }
  if (called_so.size() == 1) return called_so[0];
  if (called_so.size() > 1) {
    return UsageError(
        absl::StrCat("several methods are called ", name, ": ", absl::StrJoin(called_so, ", ")));
  }
  std::vector<std::string> near = *known;
  near.insert(near.end(), others.begin(), others.end());
  return UsageError(absl::StrCat("there is no ", others.empty() ? "" : "command and no ", "method ",
                                 name, DidYouMean(name, near)));
}

}  // namespace dial
