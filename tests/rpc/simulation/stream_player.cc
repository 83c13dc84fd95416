#include "stream_player.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/context.h"
#include "dialtone/rpc/sleep.h"
#include "dialtone/transport/event.h"

namespace dialtone::simulation {
namespace {

// What may be under way in one direction, at most, besides the message that is being read and the one
// whose pieces come in.
uint64_t WindowBytes(const ConnectionLimits& reader) {
  return std::max(reader.stream_window_bytes, reader.window_bytes_max);
}

size_t Largest(const std::vector<size_t>& messages) {
  return messages.empty() ? 0 : *std::max_element(messages.begin(), messages.end());
}

}  // namespace

StreamPlayer::StreamPlayer(World& world, int id, AnyStream& stream)
    : world_(world),
      id_(id),
      plan_(world.program_.calls[id]),
      record_(world.records_[id]),
      stream_(&stream),
      mine_(record_.stream.client),
      others_(record_.stream.server) {}

StreamPlayer::StreamPlayer(World& world, int id, const StreamParts& parts)
    : world_(world),
      id_(id),
      plan_(world.program_.calls[id]),
      record_(world.records_[id]),
      parts_(parts),
      mine_(record_.stream.server),
      others_(record_.stream.client) {}

Task<absl::Status> StreamPlayer::Play(const StreamScript& script) {
  for (const StreamStep& step : script) {
    if (!Admits(step.act)) continue;
    switch (step.act) {
      case StreamAct::kRead: {
        const Text* message = co_await Read();
        Took(message);
        break;
      }
      case StreamAct::kReadAll: {
        bool more = true;
        while (more) {
          const Text* message = co_await Read();
          more = Took(message);
        }
        break;
      }
      case StreamAct::kWrite:
      case StreamAct::kWriteLast: {
        const bool last = step.act == StreamAct::kWriteLast;
        const Text message = NextToWrite(last);
        const bool open = co_await Write(message, last);
        Wrote(open);
        break;
      }
      case StreamAct::kHalfClose:
        HalfClose();
        break;
      case StreamAct::kSleep: {
        absl::Status slept = co_await Sleep(step.time);
        if (!slept.ok()) co_return slept;
        break;
      }
    }
  }
  co_return absl::OkStatus();
}

void StreamPlayer::PlayBlocking(const StreamScript& script) {
  for (const StreamStep& step : script) {
    if (!Admits(step.act)) continue;
    switch (step.act) {
      case StreamAct::kRead:
        Took(Read().Wait());
        break;
      case StreamAct::kReadAll:
        while (Took(Read().Wait())) {
        }
        break;
      case StreamAct::kWrite:
      case StreamAct::kWriteLast: {
        const bool last = step.act == StreamAct::kWriteLast;
        const Text message = NextToWrite(last);
        Wrote(Write(message, last).Wait());
        break;
      }
      case StreamAct::kHalfClose:
        HalfClose();
        break;
      case StreamAct::kSleep: {
        Event never;
        world_.sim_.Wait(never, world_.sim_.Now() + step.time);
        break;
      }
    }
  }
}

bool StreamPlayer::Admits(StreamAct act) const {
  const std::vector<size_t>& messages =
      is_client() ? plan_.stream->requests : plan_.stream->replies;
  switch (act) {
    case StreamAct::kRead:
    case StreamAct::kReadAll:
      return !mine_.reads_are_over;
    case StreamAct::kWrite:
    case StreamAct::kWriteLast:
      return !mine_.writes_are_over && mine_.writes_begun < messages.size();
    case StreamAct::kHalfClose:
    case StreamAct::kSleep:
      return true;
  }
  return false;
}

void StreamPlayer::HalfClose() {
  mine_.half_closed = true;
  stream_->HalfClose();
}

Text StreamPlayer::NextToWrite(bool last) {
  if (last) mine_.half_closed = true;
  const size_t number = mine_.writes_begun++;
  return MakeText(is_client() ? StreamRequestOf(plan_, id_, number)
                              : StreamReplyOf(plan_, id_, number));
}

void StreamPlayer::Wrote(bool open) {
  const std::vector<size_t>& messages =
      is_client() ? plan_.stream->requests : plan_.stream->replies;
  mine_.writes_are_over = !open;
  if (!open) return;
  ++mine_.writes_done;
  mine_.bytes_done += messages[mine_.writes_begun - 1];
  CheckHeld();
}

// A slow reader stops its writer.
void StreamPlayer::CheckHeld() {
  const bool others_take = is_client() ? record_.is_handled() && record_.context_ended.infinite()
                                       : !record_.stream.client_is_done && record_.ended.infinite();
  if (!others_take || world_.program_.compresses || mine_.bytes_done <= others_.bytes_read) return;
  const uint64_t held = mine_.bytes_done - others_.bytes_read;
  const std::vector<size_t>& messages =
      is_client() ? plan_.stream->requests : plan_.stream->replies;
  const ChannelPlan& channel = world_.program_.channels[plan_.channel];
  const ConnectionLimits& readers =
      is_client() ? world_.program_.servers[record_.server].options.limits : channel.options.limits;
  if (held > WindowBytes(readers) + 2 * Largest(messages))
    Wrong(absl::StrCat(held, " bytes were let go that the other side has not taken, in ",
                       mine_.writes_done, " messages of which ", others_.reads, " were read"));
}

bool StreamPlayer::Took(const Text* message) {
  const std::vector<size_t>& messages =
      is_client() ? plan_.stream->replies : plan_.stream->requests;
  if (message == nullptr) {
    mine_.reads_are_over = true;
    CheckEnd();
    return false;
  }
  const size_t number = mine_.reads++;
  if (number >= others_.writes_begun) {
    Wrong(absl::StrCat("message ", number, " was read before it was written"));
  } else if (message->value() != (is_client() ? StreamReplyOf(plan_, id_, number)
                                              : StreamRequestOf(plan_, id_, number))) {
    Wrong(absl::StrCat("message ", number, " is not what was written"));
  } else {
    mine_.bytes_read += messages[number];
  }
  return true;
}

void StreamPlayer::CheckEnd() {
  if (Context::Current().cancelled()) return;
  mine_.saw_end = true;
  if (is_client()) {
    if (record_.ends_observed == 0) Wrong("the end was read before the call had ended");
    return;
  }
  if (!others_.half_closed) Wrong("the handler read an end, and the client had not half-closed");
  if (mine_.reads < others_.writes_done)
    Wrong(absl::StrCat("the handler read ", mine_.reads, " messages and the end, of ",
                       others_.writes_done));
}

void StreamPlayer::Wrong(std::string what) {
  if (record_.stream.wrong.empty())
    record_.stream.wrong = absl::StrCat(is_client() ? "at its client: " : "at its handler: ", what);
}

}  // namespace dialtone::simulation
