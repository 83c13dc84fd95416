"""Takes the files and snippets out of a Markdown page, so that what a reader copies is what a test builds.

A fenced block whose line before is `<!-- file: name -->` is that file. One after `<!-- snippet: name -->` is a loose
snippet: it is compiled inside a wrapper, snippets/<name>.wrap.cc.in if there is one, else, for a name like <group>-<name>,
snippets/<group>.wrap.cc.in, else snippets/default.wrap.cc.in, in place of the line @SNIPPET@.
"""

import os
import re

_FENCE = re.compile(r"^```(\w*)\s*$")
_MARKER = re.compile(r"^<!--\s*(file|snippet):\s*([\w.-]+)\s*-->\s*$")
# Blocks in these languages are compiled, so each must say what it is.
_COMPILED = ("cpp", "c++", "proto", "cmake")


class PageError(Exception):
    """The page breaks the rules above; the text says where."""


def blocks(markdown, page="README.md"):
    """Returns {("file" | "snippet", name): text}."""
    found = {}
    lines = markdown.split("\n")
    index = 0
    while index < len(lines):
        fence = _FENCE.match(lines[index])
        if not fence:
            index += 1
            continue
        opened = index
        index += 1
        while index < len(lines) and lines[index].rstrip() != "```":
            index += 1
        if index == len(lines):
            raise PageError(f"{page}:{opened + 1}: a fenced block that never ends")
        marker = _MARKER.match(lines[opened - 1]) if opened > 0 else None
        if marker:
            key = (marker.group(1), marker.group(2))
            if key in found:
                raise PageError(f"{page}:{opened + 1}: a second {key[0]} named {key[1]}")
            found[key] = "\n".join(lines[opened + 1 : index]) + "\n"
        elif fence.group(1).lower() in _COMPILED:
            raise PageError(f"{page}:{opened + 1}: a {fence.group(1)} block without <!-- file: ... --> or "
                            "<!-- snippet: ... --> on the line before: no test would compile it")
        index += 1
    return found


def write_files(found, folder):
    """Writes the file blocks into `folder`; returns their names, sorted."""
    names = sorted(name for kind, name in found if kind == "file")
    os.makedirs(folder, exist_ok=True)
    for name in names:
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(found[("file", name)])
    return names


def write_snippets(found, folder, wrappers):
    """Writes each snippet, wrapped, as <folder>/<name>.cc; returns the file names, sorted."""
    names = sorted(name for kind, name in found if kind == "snippet")
    os.makedirs(folder, exist_ok=True)
    for name in names:
        candidates = (os.path.join(wrappers, which + ".wrap.cc.in") for which in (name, name.split("-")[0], "default"))
        wrapper = next(candidate for candidate in candidates if os.path.exists(candidate))
        with open(wrapper, encoding="utf-8") as file:
            text = file.read()
        if "@SNIPPET@\n" not in text:
            raise PageError(f"{wrapper}: no line @SNIPPET@")
        with open(os.path.join(folder, name + ".cc"), "w", encoding="utf-8") as file:
            file.write(text.replace("@SNIPPET@\n", found[("snippet", name)]))
    return [name + ".cc" for name in names]
