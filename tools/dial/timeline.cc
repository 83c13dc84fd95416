#include "timeline.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "dialtone/transport/absl_strings.h"
#include "json_writer.h"

namespace dial {

Step&& Step::With(const std::string& name, uint64_t value) && {
  absl::StrAppend(&fields, ",", JsonQuoted(name), ":", value);
  return std::move(*this);
}

Step&& Step::With(const std::string& name, double value) && {
  absl::StrAppend(&fields, ",", JsonQuoted(name), ":", JsonNumber(value));
  return std::move(*this);
}

Step&& Step::With(const std::optional<dialtone::TcpInfo>& tcp) && {
  if (!tcp.has_value()) return std::move(*this);
  const double round_trip = absl::ToDoubleMilliseconds(tcp->round_trip);
  const double variation = absl::ToDoubleMilliseconds(tcp->round_trip_variation);
  absl::StrAppend(&fields, ",\"tcp\":{\"state\":", JsonQuoted(std::string(tcp->state)),
                  ",\"round_trip_milliseconds\":", JsonNumber(round_trip),
                  ",\"round_trip_variation_milliseconds\":", JsonNumber(variation),
                  ",\"congestion_window_segments\":", tcp->congestion_window,
                  ",\"unacknowledged_segments\":", tcp->unacknowledged,
                  ",\"segments_sent_again\":", tcp->segments_retransmitted, "}");
  return std::move(*this).Note(absl::StrFormat(
      "the kernel says %s; round trip %.3f ms (variation %.3f ms), congestion window %d segments, "
      "%d sent again",
      dialtone::ToAbsl(tcp->state), round_trip, variation, tcp->congestion_window,
      tcp->segments_retransmitted));
}

void Timeline::Kept::Add(Step step) {
  if (first.size() < max) return first.push_back(std::move(step));
  last.push_back(std::move(step));
  if (last.size() <= max) return;
  last.pop_front();
  ++left_out;
}

void Timeline::Mark(Step step) {
  dialtone::MutexLock lock(mutex_);
  Add(others_, std::move(step));
}

void Timeline::MarkMessage(Step step) {
  dialtone::MutexLock lock(mutex_);
  Add(messages_, std::move(step));
}

// Even numbers: before each is room for what was left out.
void Timeline::Add(Kept& kept, Step step) {
  step.order = marked_ += 2;
  kept.Add(std::move(step));
}

std::vector<Step> Timeline::InOrder() const {
  std::vector<Step> steps;
  {
    dialtone::MutexLock lock(mutex_);
    for (const Kept* kept : {&others_, &messages_}) {
      steps.insert(steps.end(), kept->first.begin(), kept->first.end());
      if (kept->left_out > 0) {
        Step gap(kept->last.front().at, "left out",
                 absl::StrCat("… ", kept->left_out,
                              kept == &messages_ ? " more messages" : " more steps"));
        gap.order = kept->last.front().order - 1;
        gap.has_time = false;
        steps.push_back(std::move(gap).With("count", kept->left_out));
      }
      steps.insert(steps.end(), kept->last.begin(), kept->last.end());
    }
  }
  std::sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) {
    return std::pair(a.at, a.order) < std::pair(b.at, b.order);
  });
  return steps;
}

void Timeline::PrintAsJson(const Output& output, const Step& step) const {
  std::vector<std::string> notes;
  notes.reserve(step.notes.size());
  for (const std::string& note : step.notes) notes.push_back(JsonQuoted(note));
  const std::string at =
      step.has_time ? JsonNumber(absl::ToDoubleMilliseconds(step.at - begin_)) : "null";
  output.Line(absl::StrCat("{\"milliseconds\":", at, ",\"event\":", JsonQuoted(step.event),
                           ",\"step\":", JsonQuoted(step.what), step.fields, ",\"notes\":[",
                           absl::StrJoin(notes, ","), "]}"));
}

void Timeline::Print(const Output& output) const {
  for (const Step& step : InOrder()) {
    if (output.json()) {
      PrintAsJson(output, step);
      continue;
    }
    const std::string at =
        step.has_time ? absl::StrFormat("%9.3f ms", absl::ToDoubleMilliseconds(step.at - begin_))
                      : std::string(12, ' ');
    output.Line(absl::StrCat(at, "  ", step.what));
    for (const std::string& note : step.notes)
      output.Line(output.In(Output::Tone::kFaint, absl::StrCat("              ", note)));
  }
}

}  // namespace dial
