#include "screen.h"

#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/check.h"
#include "output.h"

namespace dial {
namespace {

// xterm's: the other screen, without a cursor; and back.
constexpr char kEnter[] = "\033[?1049h\033[?25l";
constexpr char kLeave[] = "\033[?25h\033[?1049l";

sigset_t WindowSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGWINCH);
  sigaddset(&signals, SIGCONT);
  return signals;
}

}  // namespace

WindowExtent WindowSize() {
  WindowExtent extent;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return extent;
  if (size.ws_row > 0) extent.rows = size.ws_row;
  if (size.ws_col > 0) extent.columns = size.ws_col;
  return extent;
}

void WatchWindow() {
  const sigset_t signals = WindowSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

int WindowDescriptor() {
  static const int descriptor = [] {
    const sigset_t signals = WindowSignals();
    const int made = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    DIALTONE_CHECK(made >= 0, "no descriptor left for the window's changes");
    return made;
  }();
  return descriptor;
}

bool DrainWindowChanges() {
  signalfd_siginfo taken{};
  bool was_aside = false;
  while (read(WindowDescriptor(), &taken, sizeof taken) == sizeof taken)
    was_aside = was_aside || taken.ssi_signo == SIGCONT;
  return was_aside;
}

Screen::Screen() { WriteNow(kEnter); }
Screen::~Screen() { WriteNow(kLeave); }

void Screen::Draw(const std::vector<std::string>& lines) const {
  std::string text = "\033[H";
  const char* between = "";
  for (const std::string& line : FitWindow(lines, WindowSize())) {
    // Each line takes away what is left of the one before it there; no line end behind the last, which could scroll.
    absl::StrAppend(&text, between, line, "\033[K");
    between = "\n";
  }
  WriteNow(text + "\033[J");
}

std::vector<std::string> FitWindow(const std::vector<std::string>& lines, WindowExtent window) {
  std::vector<std::string> shown(
      lines.begin(),
      lines.begin() + static_cast<std::ptrdiff_t>(std::min(lines.size(), window.rows)));
  const size_t missing = lines.size() - shown.size();
  if (missing > 0 && !shown.empty())
    shown.back() = absl::StrCat("... and ", missing + 1, " more lines");
  for (std::string& line : shown) line.resize(std::min(line.size(), window.columns));
  return shown;
}

}  // namespace dial
