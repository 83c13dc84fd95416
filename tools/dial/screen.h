// The terminal's window: how large it is, and what is drawn in it in place.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "interrupt.h"

namespace dial {

struct WindowExtent {
  size_t rows = 24;
  size_t columns = 80;
};

// Of stdout's terminal; without one, or where it does not say, that of an old terminal.
WindowExtent WindowSize();

// Before the program starts its first thread; once. From then on WindowDescriptor() alone tells of a window that has changed, and
// of a program that goes on after it was put aside (Ctrl-Z): what is shown may have to be drawn anew.
void WatchWindow();
// Readable once that has happened; DrainWindowChanges() makes it wait for the next time. True: the program was put aside.
int WindowDescriptor();
bool DrainWindowChanges();

// A screen of its own, which takes the place of what the terminal shows, until it ends: also if it ends by Ctrl-C, for which its
// owner looks (Interrupted()) within a second. Used by one thread.
class Screen {
 public:
  Screen();
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // In place of what was drawn before. What does not fit the window is left out, and the last line says so.
  void Draw(const std::vector<std::string>& lines) const;

 private:
  const WhenInterrupted restore_first_{[] {}};
};

// What Draw() shows of `lines` in a window of that size: no line is longer, nor are there more.
std::vector<std::string> FitWindow(const std::vector<std::string>& lines, WindowExtent window);

}  // namespace dial
