#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "calls.h"
#include "dialtone/rpc/call_options.h"

namespace echo {
namespace {

EchoRequest MessageOf(int id, const std::string& text) {
  EchoRequest message;
  message.set_id(id);
  message.set_text(text);
  return message;
}

// True: the message went there, and its answer came back while the call was open.
bool SendAndTell(dialtone::ClientReaderWriter<EchoRequest, EchoReply>& chat, int id,
                 const std::string& text, Story& story) {
  const Stopwatch watch;
  const bool written = chat.Write(MessageOf(id, text)).Wait();
  story.Line("wrote", absl::StrCat("\"", text, "\""));
  const EchoReply* reply = written ? chat.Read().Wait() : nullptr;
  if (reply == nullptr) return false;
  story.Line("read",
             absl::StrCat("\"", reply->text(), "\", ",
                          absl::FormatDuration(absl::Floor(watch.Elapsed(), absl::Microseconds(1))),
                          " later"));
  return reply->id() == id && reply->text() == text;
}

}  // namespace

void ExchangeBothWays(const Echo::Client& client, Story& story) {
  story.Begin(
      "A live exchange: one call stays open, and messages go both ways on it, each answered as it "
      "comes.");
  story.Line("called", "chat = client.Chat(), then chat.Write(message) and chat.Read(), in turn");
  const Stopwatch watch;
  dialtone::ClientReaderWriter<EchoRequest, EchoReply> chat =
      client.Chat(dialtone::Timeout(kPatience));
  int answered = 0;
  for (const char* text : {"is anybody there?", "are you still there?", "goodbye"}) {
    if (SendAndTell(chat, answered + 1, text, story)) ++answered;
  }
  chat.HalfClose();
  const bool quiet = chat.Read().Wait() == nullptr;
  const absl::Status status = chat.Finish().Wait();
  const absl::Duration took = watch.Elapsed();
  story.Line("came back",
             absl::StrCat(absl::StatusCodeToString(status.code()), " to the call, when ",
                          "this side had said that it writes no more"));
  story.Took(took);
  story.Expect(answered == 3, "each message should be answered before the next is written");
  story.Expect(quiet, "no answer should come that nobody asked for");
  story.Expect(status.ok(), "the call should end with OK");
}

}  // namespace echo
