// Lines that are edited at a terminal, by libedit: https://www.thrysoee.dk/editline/, editline(3).
#include <histedit.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <utility>

#include "absl/strings/str_cat.h"
#include "interrupt.h"
#include "line_reader.h"
#include "screen.h"

namespace dial {
namespace {

// libedit takes characters apart by the locale. Without one everything beyond ASCII would be an error.
void WantUnicode() {
  std::setlocale(LC_CTYPE, "");
  if (MB_CUR_MAX == 1) std::setlocale(LC_CTYPE, "C.UTF-8");
}

class EditedLines final : public LineReader {
 public:
  EditedLines(Complete complete, ReplHistory file)
      : complete_(std::move(complete)), file_(std::move(file)) {
    WantUnicode();
    edit_ = el_init("dial", stdin, stdout, stderr);
    history_ = history_init();
    HistEvent event;
    history(history_, &event, H_SETSIZE, static_cast<int>(ReplHistory::kLinesMax));
    history(history_, &event, H_SETUNIQUE, 1);
    for (const std::string& line : file_.Load()) {
      history(history_, &event, H_ENTER, line.c_str());
      last_ = line;
    }
    el_set(edit_, EL_CLIENTDATA, this);
    el_set(edit_, EL_PROMPT, &PromptOf);
    el_set(edit_, EL_EDITOR, "emacs");
    el_set(edit_, EL_HIST, &history, history_);
    el_set(edit_, EL_GETCFN, &ReadCharacter);
    // Wide, so that they are used as they are: el_set() would make copies that nobody frees.
    el_wset(edit_, EL_ADDFN, L"dial-complete", L"Complete the word", &CompleteWord);
    el_set(edit_, EL_BIND, "^I", "dial-complete", nullptr);
    el_set(edit_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    el_source(edit_, nullptr);
  }
  ~EditedLines() override {
    el_end(edit_);
    history_end(history_);
  }

  Got Next(const std::string& prompt, const std::string& before, std::string& line) override {
    prompt_ = prompt;
    before_ = before;
    // The terminal is as it was when the program ends here, too.
    const WhenInterrupted leave([] {});
    DrainWindowChanges();
    el_resize(edit_);
    // Before the prompt: what is typed as soon as it is there is for the editor.
    el_set(edit_, EL_PREP_TERM, 1);
    int count = 0;
    const char* text = el_gets(edit_, &count);
    if (text != nullptr && count > 0) {
      line.assign(text, static_cast<size_t>(count));
      return Got::kLine;
    }
    // The key that ended it moves to no new line by itself.
    std::fputs(Interrupted() ? "^C\n" : "\n", stdout);
    std::fflush(stdout);
    return Interrupted() ? Got::kInterrupted : Got::kEnd;
  }

  void Remember(const std::string& line) override {
    std::string one(line.substr(0, line.find_last_not_of(" \t\r\n") + 1));
    std::replace(one.begin(), one.end(), '\n', ' ');
    if (one.empty() || one == last_) return;
    last_ = one;
    HistEvent event;
    history(history_, &event, H_ENTER, one.c_str());
    file_.Add(one);
  }

 private:
  static EditedLines& Of(EditLine* edit) {
    void* self = nullptr;
    el_get(edit, EL_CLIENTDATA, &self);
    return *static_cast<EditedLines*>(self);
  }

  static char* PromptOf(EditLine* edit) { return Of(edit).prompt_.data(); }

  static void FollowWindow(EditLine* edit) {
    const bool was_aside = DrainWindowChanges();
    el_resize(edit);
    if (!was_aside) return;
    // The shell had the terminal meanwhile: it is to be set again, and the line to be shown again.
    el_set(edit, EL_PREP_TERM, 0);
    el_set(edit, EL_PREP_TERM, 1);
    el_set(edit, EL_REFRESH);
  }

  // One character, of as many bytes as it has. Not 1: Ctrl-C, or the end.
  static int ReadCharacter(EditLine* edit, wchar_t* into) {
    std::mbstate_t state{};
    for (;;) {
      std::array<pollfd, 3> wait = {{{STDIN_FILENO, POLLIN, 0},
                                     {InterruptDescriptor(), POLLIN, 0},
                                     {WindowDescriptor(), POLLIN, 0}}};
      if (poll(wait.data(), wait.size(), -1) < 0) {
        if (errno == EINTR) continue;
        return -1;
      }
      if (wait[1].revents != 0) return -1;
      if (wait[2].revents != 0) {
        FollowWindow(edit);
        continue;
      }
      char byte = 0;
      const ssize_t count = read(STDIN_FILENO, &byte, 1);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return 0;
      const size_t length = std::mbrtowc(into, &byte, 1, &state);
      if (length == static_cast<size_t>(-2)) continue;
      if (length != static_cast<size_t>(-1)) return 1;
      state = {};  // no character at all: passed over
    }
  }

  static unsigned char CompleteWord(EditLine* edit, int /*key*/) {
    EditedLines& self = Of(edit);
    const LineInfo* typed = el_line(edit);
    const Choices choices =
        self.complete_(absl::StrCat(self.before_, std::string(typed->buffer, typed->cursor)));
    if (choices.words.empty()) return CC_ERROR;
    const std::string more = MoreOf(choices);
    if (!more.empty()) {
      el_insertstr(edit, more.c_str());
      return CC_REFRESH;
    }
    std::fputs("\n", stdout);
    std::fputs(ListOf(choices, WindowSize().columns).c_str(), stdout);
    std::fflush(stdout);
    return CC_REDISPLAY;
  }

  const Complete complete_;
  const ReplHistory file_;
  EditLine* edit_ = nullptr;
  History* history_ = nullptr;
  std::string prompt_;
  std::string before_;
  // What the history ends with: the same again is not kept.
  std::string last_;
};

}  // namespace

std::unique_ptr<LineReader> NewEditedLines(LineReader::Complete complete, ReplHistory history) {
  return std::make_unique<EditedLines>(std::move(complete), std::move(history));
}

}  // namespace dial
