// A server's options by flags and environment variables, for two lines of main():
//
//   int main(int argc, char** argv) {
//     dialtone::ServerFlags flags("greeter_server: greets.");
//     if (const auto exit = flags.Parse(argc, argv)) return *exit;
//     dialtone::Server server(flags.options());
//     server.Add(std::make_unique<GreeterService>());
//     return server.Run(flags.listen());
//   }
//
//   greeter_server --listen=0.0.0.0:7000 --drain-timeout=25s --log-format=json
//   DIALTONE_LISTEN=0.0.0.0:7000 DIALTONE_DRAIN_TIMEOUT=25s DIALTONE_LOG_FORMAT=json greeter_server
//   greeter_server --health-check       # 0 if the server of these flags is SERVING, else 1
//
// --help lists them all. Link dialtone::flags. flags.h tells how values are written.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dialtone/rpc/flags.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/rpc/server.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"

namespace dialtone {

// What the flags of a server set; each starts as the program's default.
struct ServerFlagValues {
  std::vector<std::string> listen;
  ServerOptions server;
  RuntimeOptions runtime;
  std::string admin_listen;  // empty: no admin port
  bool stats = true;         // dialtone.stats.v1.Stats
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
  int log_repeats_max = LogKind::kPerSecondMax;
};

// Set up and used by main(), one thread, before anything uses Runtime::Default(). Programs add
// flags of their own with Add().
class ServerFlags final : public Flags {
 public:
  explicit ServerFlags(std::string about, std::string default_listen = "0.0.0.0:7000");

  // Defaults, before Parse(); afterwards what the flags say.
  ServerOptions& options() { return values_.server; }
  ServerFlagValues& values() { return values_; }
  // Where to listen, for Server::Run().
  std::span<const std::string_view> listen() const { return listen_; }

  // Sets the log and the default runtime up, too, and does what --health-check asks for. Returns
  // as Flags::Parse(); --health-check returns 0 or 1.
  std::optional<int> Parse(int argc, const char* const* argv);

 private:
  int CheckHealth();

  ServerFlagValues values_;
  const std::string default_listen_;
  std::string health_check_;
  std::vector<std::string_view> listen_;
};

}  // namespace dialtone
