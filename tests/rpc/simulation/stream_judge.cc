// What must be true of a stream's messages. How its call may end is judged like any other's.
#include "absl/strings/str_cat.h"
#include "judge.h"

namespace dialtone::simulation {
namespace {

// Of one direction: all that was written, in order, and nothing else.
std::string WhyNotAll(std::string_view whose, const SideRecord& reader, const SideRecord& writer) {
  if (reader.reads >= writer.writes_done && reader.reads <= writer.writes_begun) return "";
  return absl::StrCat("of ", writer.writes_done, " messages its ", std::string(whose), " read ",
                      reader.reads);
}

}  // namespace

std::string WhyStreamIsWrong(const CallRecord& record) {
  const StreamRecord& stream = record.stream;
  if (!stream.wrong.empty()) return stream.wrong;
  const bool answered = record.said && record.end_status == record.handler_status;
  // Whoever read to the end of a call that its handler ended has read all.
  const bool undisturbed = record.context_ended.infinite() || record.end_status.ok();
  if (answered && undisturbed && stream.client.saw_end)
    return WhyNotAll("client", stream.client, stream.server);
  return "";
}

}  // namespace dialtone::simulation
