// What happened when, in order: the steps of `dial trace`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "dialtone/rpc/metrics.h"
#include "dialtone/transport/instant.h"
#include "dialtone/transport/mutex.h"
#include "output.h"

namespace dial {

struct Step {
  Step(dialtone::Instant when, std::string name, std::string text)
      : at(when), event(std::move(name)), what(std::move(text)) {}

  // For scripts, beside `what`.
  Step&& With(const std::string& name, uint64_t value) &&;
  Step&& With(const std::string& name, double value) &&;
  // What the kernel says of the connection; nothing if it says nothing.
  Step&& With(const std::optional<dialtone::TcpInfo>& tcp) &&;
  Step&& Note(std::string note) && {
    notes.push_back(std::move(note));
    return std::move(*this);
  }

  dialtone::Instant at;
  uint64_t order = 0;    // among those of one time; the timeline's to set
  bool has_time = true;  // false: it is known to lie between the steps around it
  std::string event;     // for scripts: "connected"
  std::string what;
  std::vector<std::string> notes;
  std::string fields;  // JSON: `,"name":value` each
};

// Thread-safe: steps come from loops. Bounded: of many messages the first and the last are kept, and of everything else, too.
class Timeline {
 public:
  static constexpr size_t kMessagesAtEachEnd = 10;
  static constexpr size_t kOthersAtEachEnd = 200;

  explicit Timeline(dialtone::Instant begin) : begin_(begin) {}

  void Mark(Step step);
  void MarkMessage(Step step);
  // By time; those of one time as they were marked.
  void Print(const Output& output) const;

 private:
  struct Kept {
    explicit Kept(size_t at_each_end) : max(at_each_end) {}
    void Add(Step step);

    const size_t max;
    std::vector<Step> first;
    std::deque<Step> last;
    uint64_t left_out = 0;
  };

  void Add(Kept& kept, Step step) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<Step> InOrder() const;
  void PrintAsJson(const Output& output, const Step& step) const;

  const dialtone::Instant begin_;
  mutable dialtone::Mutex mutex_;
  Kept messages_ ABSL_GUARDED_BY(mutex_){kMessagesAtEachEnd};
  uint64_t marked_ ABSL_GUARDED_BY(mutex_) = 0;
  Kept others_ ABSL_GUARDED_BY(mutex_){kOthersAtEachEnd};
};

}  // namespace dial
