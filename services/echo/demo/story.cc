#include "story.h"

#include <cstdio>

namespace echo {
namespace {

void PrintLine(std::string_view label, std::string_view text) {
  std::printf("     %-10.*s %.*s\n", static_cast<int>(label.size()), label.data(),
              static_cast<int>(text.size()), text.data());
  std::fflush(stdout);
}

}  // namespace

void Story::Begin(std::string_view title) {
  ++steps_;
  std::printf("\n%2d.  %.*s\n", steps_, static_cast<int>(title.size()), title.data());
}

void Story::Line(std::string_view label, std::string_view text) { PrintLine(label, text); }

void Story::Took(absl::Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f ms", absl::ToDoubleMilliseconds(duration));
  PrintLine("took", text);
}

void Story::Expect(bool holds, std::string_view expected) {
  if (holds) return;
  ++wrong_;
  PrintLine("WRONG", expected);
}

}  // namespace echo
