// Runs README's streaming snippets against each other, and prints what they print.
#include <iostream>
#include <memory>

#include "absl/status/status.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/server.h"
#include "greeter.dialtone.h"

std::unique_ptr<dialtone::Service> MakeStreamingGreeter();
std::unique_ptr<dialtone::Service> MakePlainGreeter();
absl::Status RunTalk(dialtone::Channel& channel, const greeter::GreetRequest& request);
absl::Status RunBlocking(dialtone::Channel& channel, const greeter::GreetRequest& request);

namespace {

int Fail(const char* what, const absl::Status& status) {
  std::cerr << what << ": " << status << "\n";
  return 1;
}

}  // namespace

int main() {
  dialtone::Server server, plain_server;
  server.Add(MakeStreamingGreeter());
  plain_server.Add(MakePlainGreeter());
  for (dialtone::Server* starting : {&server, &plain_server}) {
    if (absl::Status started = starting->Start(); !started.ok()) return Fail("start", started);
  }
  dialtone::Channel channel(server), plain_channel(plain_server);
  greeter::GreetRequest request;
  request.set_name("world");
  for (dialtone::Channel* talking : {&channel, &plain_channel}) {
    if (absl::Status talked = RunTalk(*talking, request); !talked.ok()) return Fail("talk", talked);
  }
  if (absl::Status blocked = RunBlocking(channel, request); !blocked.ok())
    return Fail("block", blocked);
  return 0;
}
