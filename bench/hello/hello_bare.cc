// What hello_server is compared with in size: the same messages, and the parts of Abseil that any program of
// this kind uses, without an RPC.
#include <cstdio>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "greeter.pb.h"

namespace {

absl::StatusOr<greeter::GreetReply> Greet(const std::string& bytes) {
  greeter::GreetRequest request;
  if (!request.ParseFromString(bytes)) return absl::InvalidArgumentError("no request");
  greeter::GreetReply reply;
  reply.set_text(absl::StrCat("hello ", request.name(), " after ",
                              absl::FormatDuration(absl::Milliseconds(bytes.size()))));
  return reply;
}

}  // namespace

int main(int argc, char** argv) {
  absl::BitGen random;
  absl::flat_hash_map<std::string, int> seen;
  absl::AnyInvocable<void(const std::string&)> count = [&](const std::string& text) {
    seen[text] += absl::Uniform(random, 1, 3);
  };
  for (int i = 0; i < argc; ++i) {
    const absl::StatusOr<greeter::GreetReply> reply = Greet(argv[i]);
    count(reply.ok() ? reply->SerializeAsString() : reply.status().ToString());
  }
  std::printf("%zu\n", seen.size());
  return 0;
}
