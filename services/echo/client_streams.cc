#include <cstdint>
#include <cstdio>
#include <iostream>
#include <optional>

#include "absl/strings/str_cat.h"
#include "client_calls.h"

namespace echo {
namespace {

// At once, though stdout may be a pipe: whoever reads it is shown messages as they come.
void PrintNow(const std::string& line) {
  std::printf("  %s\n", line.c_str());
  std::fflush(stdout);
}

EchoRequest Message(const std::string& text, const Job& job, int64_t id) {
  EchoRequest message;
  message.set_text(text);
  message.set_payload(std::string(static_cast<size_t>(job.payload_bytes), 'x'));
  message.set_id(id);
  return message;
}

std::string Plural(int64_t count, const char* what) {
  return absl::StrCat(count, " ", what, count == 1 ? "" : "s");
}

// What is said in a chat: the command line's texts, or stdin's lines.
class Texts {
 public:
  explicit Texts(const Job& job) : texts_(job.arguments()), reads_stdin_(texts_.empty()) {}

  std::optional<std::string> Next() {
    if (!reads_stdin_)
      return next_ < texts_.size() ? std::optional<std::string>(texts_[next_++]) : std::nullopt;
    std::string line;
    return std::getline(std::cin, line) ? std::optional<std::string>(line) : std::nullopt;
  }

 private:
  const std::vector<std::string> texts_;
  const bool reads_stdin_;
  size_t next_ = 0;
};

}  // namespace

absl::StatusOr<std::string> CallRepeat(const Echo::Client& client, const Job& job) {
  RepeatRequest request;
  request.set_text(job.words[2]);
  request.set_payload(std::string(static_cast<size_t>(job.payload_bytes), 'x'));
  request.set_count(job.messages);
  *request.mutable_interval() = ToProto(job.interval);
  dialtone::ClientReader<EchoReply> replies = client.Repeat(request, job.options);
  int64_t count = 0;
  while (const EchoReply* reply = replies.Read().Wait()) {
    ++count;
    PrintNow(absl::StrCat(reply->id(), " ", Describe(reply->text(), reply->payload().size())));
  }
  absl::Status status = replies.Finish().Wait();
  if (!status.ok()) return status;
  return Plural(count, "message");
}

absl::StatusOr<std::string> CallCollect(const Echo::Client& client, const Job& job) {
  dialtone::ClientWriter<EchoRequest, CollectReply> messages = client.Collect(job.options);
  int64_t id = 0;
  for (const std::string& text : job.arguments()) {
    // False: the call is over, and Finish() says why.
    if (!messages.Write(Message(text, job, ++id)).Wait()) break;
  }
  const absl::StatusOr<CollectReply> reply = messages.Finish().Wait();
  if (!reply.ok()) return reply.status();
  return absl::StrCat(Describe(reply->text(), static_cast<size_t>(reply->payload_bytes())),
                      " from ", Plural(reply->count(), "message"));
}

absl::StatusOr<std::string> CallChat(const Echo::Client& client, const Job& job) {
  dialtone::ClientReaderWriter<EchoRequest, EchoReply> chat = client.Chat(job.options);
  Texts texts(job);
  int64_t count = 0;
  while (const std::optional<std::string> text = texts.Next()) {
    if (!chat.Write(Message(*text, job, count + 1)).Wait()) break;
    const EchoReply* reply = chat.Read().Wait();
    if (reply == nullptr) break;
    ++count;
    PrintNow(Describe(reply->text(), reply->payload().size()));
  }
  absl::Status status = chat.Finish().Wait();
  if (!status.ok()) return status;
  return absl::StrCat(Plural(count, "message"), " each way");
}

}  // namespace echo
