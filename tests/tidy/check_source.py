#!/usr/bin/env python3
"""Checks the source itself: who includes whom, banned calls, lengths, traps of g++ 12's coroutines.

  check_source.py <root> [--commands build/dev/compile_commands.json]

Prints one line a finding, `file:line: rule: what`, and leaves with 1 if there was any.
"""

import argparse
import json
import os
import subprocess
import sys

import coroutine_traps
import include_edges
import source_rules

_SUFFIXES = (".h", ".cc", ".py", ".cmake", ".proto", ".sh", ".md", ".yml", ".json", ".in")
_NAMES = ("CMakeLists.txt", "run")
# The first folder with this in its name is skipped: build trees, git's own files.
_SKIPPED = (".git", "build", ".cache", "__pycache__")
# Golden files: what the plugin writes follows its own tests.
_GENERATED = (".dialtone.h", ".dialtone.cc")


def _git_files(root):
    """Empty where git is missing, fails, or knows nothing of this tree."""
    try:
        listed = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return [path for path in listed.stdout.decode().split("\0") if path]


def source_files(root):
    """Paths relative to root: what git tracks or would track; without git, every file outside of build trees."""
    paths = _git_files(root)
    if not paths:
        paths = []
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name not in _SKIPPED]
            paths += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(
        path for path in paths
        if (path.endswith(_SUFFIXES) or os.path.basename(path) in _NAMES)
        and not path.endswith(_GENERATED) and os.path.isfile(os.path.join(root, path)))


def findings(root):
    """Yields (path, line, rule, what) over the whole tree."""
    paths = source_files(root)
    known = set(paths)
    for path in paths:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            source = file.read()
        for line, rule, what in source_rules.check(path, source):
            yield path, line, rule, what
        for line, rule, what in include_edges.check(path, source, known.__contains__):
            yield path, line, rule, what
        for line, rule, what in coroutine_traps.check(path, source):
            yield path, line, rule, what


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root")
    parser.add_argument("--commands", help="compile_commands.json: no command may have the root on its include path")
    arguments = parser.parse_args()

    found = list(findings(arguments.root))
    if arguments.commands:
        with open(arguments.commands, encoding="utf-8") as file:
            commands = json.load(file)
        for file in include_edges.root_on_include_path(commands, arguments.root):
            found.append((file, 1, "include-root", "compiled with the repository's root on the include path"))
    for path, line, rule, what in found:
        print(f"{path}:{line}: {rule}: {what}")
    count = len(source_files(arguments.root))
    print(f"{count} files read, {len(found)} findings")
    return 1 if found or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
