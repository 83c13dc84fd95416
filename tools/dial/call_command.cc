// dial call.
#include <chrono>
#include <cstdio>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "commands.h"
#include "exit_code.h"
#include "interrupt.h"
#include "json_writer.h"

namespace dial {
namespace {

std::string ValueOf(const dialtone::Metadata::Entry& entry) {
  return absl::EndsWith(entry.first, "-bin") ? Base64(entry.second) : entry.second;
}

std::string MetadataJson(const dialtone::Metadata& metadata) {
  std::vector<std::string> pairs;
  for (const auto& entry : metadata) {
    pairs.push_back(
        absl::StrCat("[", JsonQuoted(entry.first), ",", JsonQuoted(ValueOf(entry)), "]"));
  }
  return absl::StrCat("[", absl::StrJoin(pairs, ","), "]");
}

// What -v tells of a call that has ended.
class Account {
 public:
  Account(const Output& output, const dialtone::CallInfo& info) : output_(output), info_(info) {}

  void Tell(const absl::Status& status, uint64_t replies, absl::Duration took) const {
    if (output_.json()) return output_.Note(AsJson(status, replies, took));
    Tell("< ", info_.initial_metadata);
    Tell("< trailing ", info_.trailing_metadata);
    const std::string peer = info_.attempts == 0 ? "never sent" : info_.peer.ToString();
    output_.Note(absl::StrFormat(
        "* %s, %d %s, peer %s, %d %s, %.3f ms", absl::StatusCodeToString(status.code()), replies,
        replies == 1 ? "reply" : "replies", peer, info_.attempts,
        info_.attempts == 1 ? "attempt" : "attempts", absl::ToDoubleMilliseconds(took)));
    if (!info_.server_handler_time.has_value()) return;
    output_.Note(absl::StrFormat(
        "* of that in the server: queued %.3f ms, handler %.3f ms",
        absl::ToDoubleMilliseconds(info_.server_queue_time.value_or(absl::ZeroDuration())),
        absl::ToDoubleMilliseconds(*info_.server_handler_time)));
  }

 private:
  void Tell(const char* mark, const dialtone::Metadata& metadata) const {
    for (const auto& entry : metadata)
      output_.Note(absl::StrCat(mark, entry.first, ": ", Printable(ValueOf(entry))));
  }

  std::string AsJson(const absl::Status& status, uint64_t replies, absl::Duration took) const {
    std::string text =
        absl::StrCat("{\"call\":{\"status\":", JsonQuoted(absl::StatusCodeToString(status.code())),
                     ",\"replies\":", replies,
                     ",\"peer\":", JsonQuoted(info_.attempts == 0 ? "" : info_.peer.ToString()),
                     ",\"attempts\":", info_.attempts,
                     ",\"milliseconds\":", JsonNumber(absl::ToDoubleMilliseconds(took)));
    if (info_.server_handler_time.has_value()) {
      absl::StrAppend(&text, ",\"server_queue_milliseconds\":",
                      JsonNumber(absl::ToDoubleMilliseconds(
                          info_.server_queue_time.value_or(absl::ZeroDuration()))),
                      ",\"server_handler_milliseconds\":",
                      JsonNumber(absl::ToDoubleMilliseconds(*info_.server_handler_time)));
    }
    return absl::StrCat(text, ",\"initial_metadata\":", MetadataJson(info_.initial_metadata),
                        ",\"trailing_metadata\":", MetadataJson(info_.trailing_metadata), "}}");
  }

  const Output& output_;
  const dialtone::CallInfo& info_;
};

}  // namespace

int RunCall(Session& session) {
  constexpr size_t kMessagesMax = 1'000'000;
  absl::Status read = session.ReadWords(1, kMessagesMax, true);
  if (!read.ok()) return session.Fail(read);
  const absl::StatusOr<dialtone::CallOptions> options = session.call_options();
  if (!options.ok()) return session.Fail(options.status());
  const absl::StatusOr<const DynamicMethod*> method = session.FindMethod(session.name(0));
  if (!method.ok()) return session.Fail(method.status());

  const Output& output = session.output();
  std::vector<std::string> words;
  for (size_t i = 1; i < session.names(); ++i) words.push_back(session.name(i));
  Requests requests(MessageWords(std::move(words), (*method)->descriptor()), session.line().form,
                    session.surroundings().input);
  JsonForm form;
  form.colours = output.colours();
  // A stream's replies take a line each.
  form.pretty = !output.json() && !(*method)->descriptor().server_streaming();
  uint64_t replies = 0;
  const auto on_reply = [&](const google::protobuf::Message& reply) {
    ++replies;
    session.surroundings().on_reply(reply);
    output.Line(ToJson(reply, form));
  };
  const auto on_mistake = [&](const absl::Status& mistake) { session.Fail(mistake); };
  dialtone::CallInfo info;
  const auto began = std::chrono::steady_clock::now();
  DynamicCall call(session.channel(), **method, requests);
  const absl::Status status = call.Run(*options, on_reply, on_mistake, info);
  const absl::Duration took = absl::FromChrono(std::chrono::steady_clock::now() - began);
  if (session.line().verbose && !IsUsageError(status))
    Account(output, info).Tell(status, replies, took);
  if (Interrupted()) return kExitInterrupted;
  return status.ok() ? 0 : session.Fail(status);
}

}  // namespace dial
