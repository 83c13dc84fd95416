"""The rules that one source file can break by itself. Each yields (line, rule, what is wrong).

A line that has a reason to break a rule says so, on it or on the line above: `// tidy-allow <rule>: <why>`.
"""

import os
import re

import cpp_text

LINES_MAX = 400
LIBRARIES = ("transport/", "rpc/", "tools/otlp/")
ANYWHERE = ("",)

# Written apart, so that this file may pass its own check.
_UNFINISHED = re.compile(r"\b(" + "TO" + "DO|FIX" + r"ME|XX" + r"X)\b")

# (rule, pattern, in which folders, why). Patterns meet code without comments and literals.
BANNED = (
    ("sleep", r"\b(sleep|usleep|nanosleep|sleep_for|sleep_until)\s*\(|\bSleepFor\s*\(", ANYWHERE,
     "arm a timer; in a test, drive virtual time or wait for an event with a bound"),
    ("rand", r"\bs?rand\s*\(", ANYWHERE, "use absl::BitGen, or a seeded engine"),
    ("unbounded-copy", r"\b(strcpy|strcat|sprintf|vsprintf|gets)\s*\(", ANYWHERE, "it does not know the room left"),
    ("regex", r"\bstd::(basic_)?regex\b", ANYWHERE, "slow, and recursive over what a peer sent"),
    ("assert", r"(?<!\.)\bassert\s*\(", ANYWHERE, "it vanishes from release builds: use DIALTONE_CHECK"),
    ("using-std", r"\busing\s+namespace\s+(std|absl)\s*;", ANYWHERE, "name what you use"),
    ("print", r"\b(v?f?printf|puts|fputs|putchar)\s*\(|\bstd::(cout|cerr|clog)\b", LIBRARIES,
     "a library says things through Log()"),
    ("exit", r"\b(exit|_exit|quick_exit)\s*\(", LIBRARIES, "a library does not end its program"),
    ("clock", r"_clock::now\b|\babsl::Now\s*\(|\b(clock_gettime|gettimeofday|time)\s*\(|\bsystem_clock\b", ("rpc/",),
     "time comes from the network: Loop::Now()"),
    ("absl-mutex", r"\babsl::(Mutex|MutexLock|CondVar)\b", ANYWHERE,
     "thread sanitizer reports false races on it: use dialtone/transport/mutex.h"),
    ("new", r"(?<!operator )\bnew\s+(?!\()[A-Za-z_:]", LIBRARIES + ("tools/", "services/"),
     "own it from birth: std::make_unique"),
    ("delete", r"(?<!= )(?<!=)(?<!operator )\bdelete\b(\s*\[\s*\])?\s+(?!this\b)[A-Za-z_*(]|(?<!= )(?<!=)(?<!operator )\bdelete\s*\(",
     LIBRARIES + ("tools/", "services/"), "let an owner do it"),
)
_BANNED = tuple((rule, re.compile(pattern), folders, why) for rule, pattern, folders, why in BANNED)

# A raw new that an owner takes in the same breath: how one makes what has a private constructor, or counts itself.
# A static reference or constant pointer to it is the way to say "never destroyed".
_OWNED_NEW = re.compile(
    r"(unique_ptr<[^;]*>\s*\(|WrapUnique\s*\()\s*new\b|\bnew\b[^;]*,\s*kAdopt\)"
    r"|^\s*static\s[^;=]*(&[^;=]*=\s*\*|\*\s*const\s[^;=]*=\s*)new\b")
# Where a rule ends. The log is what everything else is to be said through, and a failed check cannot trust it.
# Posted functions delete themselves when they have run; free lists of wake-ups own what they make, for ever.
_LEAVE = {
    ("transport/log.cc", "print"),
    ("transport/check.cc", "print"),
    ("transport/loop.cc", "new"),
    ("transport/wakeup.cc", "new"),
}


def _has_owner(code, at):
    """True if the `new` at this offset stands in a statement that gives it an owner at once."""
    begin = max(code.rfind(mark, 0, at) for mark in ";{}") + 1
    end = code.find(";", at)
    return _OWNED_NEW.search(code[begin:end]) is not None


def is_cpp(path):
    return path.endswith((".h", ".cc"))


def banned_calls(path, source):
    if not is_cpp(path):
        return
    code = cpp_text.code_only(source)
    for rule, pattern, folders, why in _BANNED:
        if not path.startswith(folders) or (path, rule) in _LEAVE:
            continue
        for match in pattern.finditer(code):
            if rule == "new" and _has_owner(code, match.start()):
                continue
            yield cpp_text.line_of(source, match.start()), rule, f"{match.group(0).strip()}: {why}"


def header_form(path, source):
    """Headers guard themselves and bring no namespace along."""
    if not path.endswith(".h"):
        return
    code = cpp_text.code_only(source)
    if "#pragma once" not in code:
        yield 1, "pragma-once", "a header without #pragma once"
    for match in re.finditer(r"\busing\s+namespace\b", code):
        yield cpp_text.line_of(source, match.start()), "using-in-header", "using namespace in a header"


def file_length(path, source):
    if not path.endswith((".h", ".cc", ".py")):
        return
    lines = source.split("\n")
    count = len(lines) - (lines[-1] == "")
    if count > LINES_MAX and f"Longer than {LINES_MAX} lines because" not in "\n".join(lines[:10]):
        yield 1, "length", (f"{count} lines: split it, or say in the first ten lines "
                            f"'Longer than {LINES_MAX} lines because ...'")


def nothing_unfinished(path, source):
    for match in _UNFINISHED.finditer(source):
        yield cpp_text.line_of(source, match.start()), "unfinished", f"{match.group(0)}: do it, or write an issue"


def include_root(path, source):
    """No CMake file puts the repository's root on the include path: glibc has its own <rpc/netdb.h>."""
    if os.path.basename(path) != "CMakeLists.txt" and not path.endswith(".cmake"):
        return
    root = r'"?\$\{(CMAKE_SOURCE_DIR|PROJECT_SOURCE_DIR|dialtone_SOURCE_DIR)\}/?"?'
    for match in re.finditer(r"include_directories\s*\([^)]*[\s:]" + root + r"[\s)>]", source):
        yield cpp_text.line_of(source, match.start()), "include-root", "the repository's root on the include path"


RULES = (banned_calls, header_form, file_length, nothing_unfinished, include_root)


def check(path, source):
    """All that `source`, the text of `path` (relative to the root), breaks and has no leave to break."""
    for rule_function in RULES:
        for line, rule, what in rule_function(path, source):
            if not cpp_text.allowed(source, line, rule):
                yield line, rule, what
