// Calls servers of echo.Echo steadily: `echo_caller --help`.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/flags.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/transport/network.h"
#include "dialtone/transport/shutdown_signal.h"
#include "steady_calls.h"

namespace {

constexpr char kAbout[] =
    R"(echo_caller: calls servers of echo.Echo at a steady rate, and tells each second who answered.

  echo_caller TARGET

TARGET is an address, a name or a list: 127.0.0.1:7000, echo:7000, list:10.0.0.1:7000,10.0.0.2:7000.
It ends when --count calls have been made, or at SIGTERM or SIGINT, after the calls under way.)";
constexpr char kHelpEnd[] = R"(
Exit codes: 0, every call was answered; 1, some were not: each has its line; 2, the command line is wrong.

Example:
  echo_caller dns:///echo:7000 --rate=500 --count=10000 --timeout=300ms
)";
constexpr int kExitFailedCalls = 1;
constexpr int64_t kRateMax = 1'000'000;
// How long a signal waits for its effect while there is no connection.
constexpr absl::Duration kConnectPart = absl::Milliseconds(100);

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words;
  echo::SteadyOptions calls;
  dialtone::ChannelOptions options;
  absl::Duration refresh = options.names.ttl_max;
  absl::Duration connect = absl::Seconds(15);
  dialtone::Flags flags(kAbout);
  flags.TakeWords(words);
  flags.Add("rate", calls.rate, "calls a second");
  flags.Add("count", calls.count, "calls in all; 0: until it is stopped");
  flags.Add("timeout", calls.timeout, "how long a call may take");
  flags.Add("first-id", calls.first_id, "the first call's id; the others follow");
  flags.Add("refresh", refresh, "names are looked up again after so long at the latest");
  flags.Add("connect-wait", connect,
            "how long to wait for a first connection before the calls begin");
  flags.AddHelp(kHelpEnd);
  if (const auto exit = flags.Parse(argc, argv)) return *exit;
  if (words.size() != 1) return flags.Complain("needs one target (see --help)");
  if (calls.rate < 1 || calls.rate > kRateMax)
    return flags.Complain(absl::StrCat("flag --rate: is no number from 1 to ", kRateMax));
  if (calls.count < 0) return flags.Complain("flag --count: is below 0");

  options.names.ttl_max = refresh;
  options.names.ttl_min = std::min(options.names.ttl_min, refresh);
  dialtone::ShutdownSignal signal;
  dialtone::Channel channel(words[0], options);
  // Not there in time: then the calls say why. In parts, as a signal does not end such a wait.
  dialtone::Network& network = dialtone::Runtime::Default().network();
  dialtone::Instant now = network.Now();
  const dialtone::Instant until = now + connect;
  for (; now < until && !signal.event().is_set(); now = network.Now()) {
    if (channel.WaitUntilReady(std::min(kConnectPart, until - now))) break;
  }
  echo::SteadyCalls steady(channel, calls);
  return steady.Run(signal.event()) == 0 ? 0 : kExitFailedCalls;
}
