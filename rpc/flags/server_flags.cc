#include "dialtone/rpc/server_flags.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/admin.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/transport/absl_strings.h"
#include "grpc/health/v1/health.dialtone.h"
#include "server_flag_table.h"

namespace dialtone {
namespace {

namespace health = ::grpc::health::v1;

constexpr absl::Duration kHealthTimeout = absl::Seconds(5);
constexpr int kExitUnhealthy = 1;
constexpr char kHelpEnd[] = R"(
A flag wins over its environment variable, and that over the default. Exit codes:

  0   every call was answered; --health-check: the server is serving
  1   --health-check: it is not, or does not answer
  2   a flag or an environment variable is wrong
  3   an address is wrong, in use or not allowed
  4   some calls had not ended when --drain-timeout was over
)";

// Where a client on this machine finds a server that listens on `address`.
std::string OwnAddress(const std::string& address) {
  const std::pair<std::string_view, std::string_view> kAnywhere[] = {{"0.0.0.0:", "127.0.0.1:"},
                                                                     {"[::]:", "[::1]:"}};
  for (const auto& [anywhere, here] : kAnywhere) {
    if (address.starts_with(anywhere))
      return absl::StrCat(ToAbsl(here), address.substr(anywhere.size()));
  }
  return address;
}

}  // namespace

ServerFlags::ServerFlags(std::string about, std::string default_listen)
    : Flags(std::move(about)), default_listen_(std::move(default_listen)) {
  values_.listen.push_back(default_listen_);
  flags::AddServerFlags(*this, values_);
  AddSwitch("health-check", health_check_, "SERVICE",
            "asks the server that listens at the first --listen whether it (or one of its "
            "services) is serving, and leaves");
  AddHelp(kHelpEnd);
}

std::optional<int> ServerFlags::Parse(int argc, const char* const* argv) {
  if (const std::optional<int> exit = Flags::Parse(argc, argv)) return exit;
  SetLogLevel(values_.log_level);
  SetLogFormat(values_.log_format);
  SetLogRepeatsMax(values_.log_repeats_max);
  const absl::Status configured = Runtime::ConfigureDefault(values_.runtime);
  if (!configured.ok()) return Complain(ToStd(configured.message()));
  if (!health_check_.empty()) return CheckHealth();
  if (!values_.admin_listen.empty())
    options().extensions.push_back(AdminPort(values_.admin_listen));
  if (values_.stats) options().extensions.push_back(StatsService());
  listen_.assign(values_.listen.begin(), values_.listen.end());
  return std::nullopt;
}

int ServerFlags::CheckHealth() {
  const std::string address = OwnAddress(values_.listen.front());
  if (address.ends_with(":0"))
    return Complain("flag --health-check: needs the server's port in --listen");
  health::HealthCheckRequest request;
  if (health_check_ != "true") request.set_service(health_check_);
  Channel channel(address);
  const absl::StatusOr<health::HealthCheckResponse> reply =
      health::Health::Client(channel).Check(request, Timeout(kHealthTimeout)).Wait();
  if (!reply.ok()) {
    Complain(ToStd(reply.status().message()));
    return kExitUnhealthy;
  }
  if (reply->status() == health::HealthCheckResponse::SERVING) return kExitOk;
  Complain(absl::StrCat(address, " is ",
                        health::HealthCheckResponse::ServingStatus_Name(reply->status())));
  return kExitUnhealthy;
}

}  // namespace dialtone
