"""Who may include whom. The layers of docs/architecture.md, as a check.

`exists(path)` answers whether the tree has a file, so that the rules can be tried on a tree that is not there.
"""

import os
import posixpath
import re

import cpp_text

# What rpc/ must not know: the system's calls and clocks.
_SYSTEM = re.compile(
    r"^(sys/.*|netinet/.*|arpa/.*|net/.*|linux/.*|unistd\.h|fcntl\.h|poll\.h|netdb\.h|time\.h|ctime|signal\.h|csignal)$"
)
_GENERATED = re.compile(r"\.(pb|dialtone)\.h$")

# What each part may include with a slash in the path. Bare names are looked up by _bare_name().
_ALLOWED = (
    ("transport/", ("absl/", "dialtone/transport/")),
    ("rpc/", ("absl/", "dialtone/", "google/protobuf/")),
    ("tools/otlp/", ("absl/", "dialtone/")),
    ("tools/protoc_gen_dialtone/", ("google/protobuf/", "absl/")),
    ("tools/", ("absl/", "dialtone/", "google/protobuf/")),
    ("services/", ("absl/", "dialtone/", "google/protobuf/")),
    ("bench/", ("absl/", "dialtone/", "google/protobuf/")),
)
# Where a bare name may lead to, besides the file's own folder. rpc/ itself holds only the wiring of its parts; micro
# benchmarks measure parts that only Dialtone itself has.
_NEIGHBOURS = {
    "bench/micro": ("rpc/dialtone1",),
    "rpc": ("rpc/call", "rpc/dialtone1", "rpc/in_process"),
    "rpc/admin": ("rpc/call",),
    "rpc/call": ("rpc/compression",),
    "rpc/dialtone1": ("rpc/call",),
    "rpc/flags": (),
    "rpc/health": ("rpc/call",),
    "rpc/reflection": ("rpc/call",),
    "rpc/in_process": ("rpc/call",),
    "rpc/observers": (),
}
_PUBLIC = re.compile(r"^(transport|rpc|tools/otlp)/include/dialtone/")
_USERS = ("tools/", "services/", "bench/")


def check(path, source, exists):
    """Yields (line, rule, what) for each include that crosses a border."""
    if not path.endswith((".h", ".cc")) or path.startswith("tests/"):
        return
    for line, quote, included in cpp_text.includes(source):
        what = _wrong(path, quote, included, exists)
        if what and not cpp_text.allowed(source, line, "include"):
            yield line, "include", f"{included}: {what}"


def _wrong(path, quote, included, exists):
    if "tests/" in included or posixpath.normpath(included).startswith(".."):
        return "nothing outside of tests/ includes tests/ or climbs out of its folder"
    if quote == "<" and not included.startswith("google/"):  # Protobuf's own way is angles: both will do
        return _wrong_in_angles(path, included)
    if "/" not in included:
        return _bare_name(path, included, exists)
    return _with_folder(path, included, exists)


def _wrong_in_angles(path, included):
    if included.startswith(("absl/", "dialtone/")):
        return "libraries are included in quotes, the system's headers in angles"
    if path.startswith("rpc/") and _SYSTEM.match(included):
        return "rpc/ makes no system call and reads no clock: this belongs in transport/"
    return None


def _bare_name(path, included, exists):
    folder = posixpath.dirname(path)
    if _PUBLIC.match(path):
        return "a public header includes by its installed name only, dialtone/<module>/x.h"
    if _GENERATED.search(included) and not path.startswith("transport/"):
        return None
    shared = ("bench/program",) if folder.startswith("bench/") else ()
    for candidate in (folder,) + _NEIGHBOURS.get(folder, shared):
        if exists(posixpath.join(candidate, included)):
            return None
    return "a private header of another folder, or one that does not exist"


def _with_folder(path, included, exists):
    if path.startswith("transport/") and (_GENERATED.search(included) or included.startswith("google/")):
        return "transport/ knows nothing of Protobuf"
    if path.startswith("rpc/call/") and re.match(r"(dialtone1|in_process)/", included):
        return "the call part knows no protocol"
    for part, prefixes in _ALLOWED:
        if not path.startswith(part):
            continue
        if included.startswith("dialtone/") and not included.startswith(prefixes):
            return f"{part} may not know this module"
        if path.startswith(_USERS) and "/internal/" in included:
            return "only public headers, as an installed user has them"
        if included.startswith(prefixes):
            return None
        if _GENERATED.search(included):
            return None
        if not path.startswith(_USERS) and exists(posixpath.join(posixpath.dirname(path), included)):
            return None
        return f"{part} includes from {', '.join(prefixes)} and its own folder"
    return None


def root_on_include_path(commands, root):
    """Yields the files of a compile_commands.json (already parsed) that have `root` itself on the include path."""
    flag = re.compile(r"(?:^|\s)-(?:I|isystem\s+|iquote\s+)\s*(\S+)")
    for command in commands:
        line = command.get("command") or " ".join(command.get("arguments", ()))
        for match in flag.finditer(line):
            directory = os.path.normpath(os.path.join(command["directory"], match.group(1).strip('"')))
            if directory == os.path.normpath(root):
                yield command["file"]
                break
