// Tells the demonstration on stdout, step by step, and keeps in mind whether all went as told.
//
//   story.Begin("A call that blocks.");
//   story.Line("called", "Echo(\"hello\").Wait()");
//   story.Line("came back", reply->text());
//   story.Took(watch.Elapsed());
//   story.Expect(reply->text() == "hello", "the text that was sent");
#pragma once

#include <chrono>
#include <string_view>

#include "absl/time/time.h"

namespace echo {

// Used by one thread.
class Story {
 public:
  Story() = default;
  Story(const Story&) = delete;
  Story& operator=(const Story&) = delete;

  void Begin(std::string_view title);
  void Line(std::string_view label, std::string_view text);
  void Took(absl::Duration duration);
  // Prints what was expected if `holds` is false.
  void Expect(bool holds, std::string_view expected);

  // Expectations that did not hold.
  int wrong() const { return wrong_; }
  int steps() const { return steps_; }

 private:
  int steps_ = 0;
  int wrong_ = 0;
};

// Runs from its construction on.
class Stopwatch {
 public:
  absl::Duration Elapsed() const {
    return absl::FromChrono(std::chrono::steady_clock::now() - begin_);
  }

 private:
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace echo
