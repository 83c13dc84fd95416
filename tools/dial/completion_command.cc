// dial completion, and what its scripts ask: dial __complete.
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "commands.h"
#include "completion.h"
#include "exit_code.h"

namespace dial {
namespace {

constexpr char kBash[] = R"script(# bash completion of dial: eval "$(dial completion bash)"
_dial() {
  mapfile -t COMPREPLY < <(dial __complete bash "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
complete -o nospace -o nosort -F _dial dial
)script";

constexpr char kZsh[] = R"script(#compdef dial
# zsh completion of dial: eval "$(dial completion zsh)", behind compinit
_dial() {
  local said
  said="$(dial __complete zsh "$LBUFFER" 2>/dev/null)"
  local -a candidates
  candidates=(${(f)said})
  (( ${#candidates} )) && compadd -S '' -- "${candidates[@]}"
}
compdef _dial dial
)script";

// Nobody waits longer than that for a list of names.
constexpr unsigned kSecondsMax = 3;

// What stands in a word before bash's last break in it is not replaced; within quotes there are none.
std::string BehindBashBreak(const ShellLine& line, const std::string& candidate) {
  if (line.open_quote != 0) return candidate;
  const size_t last = line.current.find_last_of(":=");
  return last == std::string::npos ? candidate : candidate.substr(last + 1);
}

bool EndsItsWord(const std::string& candidate) {
  return !candidate.empty() && candidate.back() != ' ';
}

}  // namespace

int RunCompletion(Session& session) {
  const std::vector<std::string>& words = session.line().words;
  if (words.size() == 1 && words[0] == "bash") {
    session.output().Line(kBash);
  } else if (words.size() == 1 && words[0] == "zsh") {
    session.output().Line(kZsh);
  } else {
    return session.Fail(UsageError("dial completion takes bash or zsh"));
  }
  return 0;
}

int RunComplete(const std::string& shell, const std::string& text) {
  alarm(kSecondsMax);
  const Output output(false, ColourWish::kNever);
  const ShellLine line = ReadShellLine(text);
  const std::vector<std::string> candidates = Completions(line);
  for (const std::string& candidate : candidates) {
    std::string said = shell == "bash" ? BehindBashBreak(line, candidate) : candidate;
    // A word that is whole gets a space behind it; a field's name goes on with its value.
    if (shell == "bash" && candidates.size() == 1 && line.open_quote == 0 && EndsItsWord(candidate))
      said += ' ';
    output.Line(said);
  }
  return 0;
}

}  // namespace dial
