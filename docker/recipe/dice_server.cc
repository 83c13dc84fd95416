#include <memory>

#include "absl/random/random.h"
#include "dialtone/rpc/server.h"
#include "dialtone/rpc/server_flags.h"
#include "dice.dialtone.h"

class DiceService final : public dice::Dice::Service {
  dialtone::Task<absl::Status> Roll(dialtone::ServerCall& call, const dice::RollRequest& request,
                                    dice::RollReply& reply) override {
    if (request.sides() < 1) co_return absl::InvalidArgumentError("a die has at least one side");
    absl::BitGen random;
    reply.set_shown(absl::Uniform(absl::IntervalClosed, random, 1, request.sides()));
    co_return absl::OkStatus();
  }
};

int main(int argc, char** argv) {
  dialtone::ServerFlags flags("dice_server: rolls dice.");
  if (const auto exit = flags.Parse(argc, argv)) return *exit;
  dialtone::Server server(flags.options());
  server.Add(std::make_unique<DiceService>());
  return server.Run(flags.listen());
}
