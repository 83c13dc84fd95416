// dice_client TARGET SIDES
#include <cstdlib>
#include <iostream>

#include "dialtone/rpc/channel.h"
#include "dice.dialtone.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  dialtone::Channel channel(argv[1]);
  dice::Dice::Client dice(channel);
  dice::RollRequest request;
  request.set_sides(std::atoi(argv[2]));
  const absl::StatusOr<dice::RollReply> reply = dice.Roll(request).Wait();
  if (!reply.ok()) {
    std::cerr << reply.status() << "\n";
    return 1;
  }
  std::cout << reply->shown() << "\n";
}
