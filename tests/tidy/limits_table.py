"""Holds docs/limits.md against the options: every field of every options struct in the public headers
is a row of its table, with a default and tests that exist, or is named among those that bound
nothing, with the reason; and nothing else is.

  limits_table.py <root of the repository>
"""

import pathlib
import re
import sys

STRUCT = re.compile(r"^struct (\w+(?:Options|Limits)) (?:final )?\{\n(.*?)^\};", re.M | re.S)
FIELD = re.compile(r"^[\w:<>,*& ]+[\w>*&] (\w+)(?: = .*)?$")
ROW = re.compile(r"^\| `(\w+)::(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.M)
NO_LIMIT = re.compile(r"^- `(\w+)::(\w+)`: \S", re.M)
TEST = re.compile(r"^\s*(?:TEST|TEST_F|TEST_P)\(\s*(\w+),\s*(\w+)\s*\)", re.M)


def fields(header):
    """All `Struct::field` that a header's options structs have."""
    text = re.sub(r"//[^\n]*", "", header)
    found = []
    for struct, body in STRUCT.findall(text):
        while True:  # arguments of templates and bodies of functions, the innermost first
            without = re.sub(r"\{[^{}]*\}", ";", re.sub(r"<[^<>;]*>", "", body))
            if without == body:
                break
            body = without
        for declaration in body.split(";"):
            declaration = " ".join(declaration.split())
            if not declaration or "(" in declaration.split("=")[0]:
                continue
            if declaration.startswith(("enum ", "static ", "using ", "friend ")):
                continue
            field = FIELD.match(declaration)
            if field is None:
                raise ValueError(f"{struct}: what is \"{declaration}\"?")
            found.append(f"{struct}::{field[1]}")
    return found


def tests(source):
    """All `Suite.Name` that a test's source defines."""
    return {f"{suite}.{name}" for suite, name in TEST.findall(source)}


def problems(headers, document, sources):
    """What is wrong: a list of sentences."""
    declared = [field for header in headers for field in fields(header)]
    known = set().union(*map(tests, sources)) if sources else set()
    rows = {f"{struct}::{field}": (default, reached, named) for struct, field, default, reached, named
            in ROW.findall(document)}
    others = [f"{struct}::{field}" for struct, field in NO_LIMIT.findall(document)]
    wrong = []
    for field in declared:
        if (field in rows) + (field in others) != 1:
            wrong.append(f"{field} must be in docs/limits.md once: in the table, or among the options that "
                         f"bound nothing")
    for field in list(rows) + others:
        if field not in declared:
            wrong.append(f"docs/limits.md has {field}, which no public header declares")
    for field, (_, _, named) in rows.items():
        names = re.findall(r"`([\w.]+)`", named)
        if not names:
            wrong.append(f"{field} names no test")
        wrong += [f"{field}: there is no test {name}" for name in names if name not in known]
    if not declared:
        wrong.append("no options were found at all")
    return wrong


def main(root):
    root = pathlib.Path(root)
    headers = [path.read_text() for module in ("rpc", "tools/otlp", "transport")
               for path in sorted((root / module / "include").rglob("*.h"))]
    sources = [path.read_text() for path in sorted((root / "tests").rglob("*.cc"))]
    wrong = problems(headers, (root / "docs/limits.md").read_text(), sources)
    for line in wrong:
        print(line)
    print(f"{sum(len(fields(header)) for header in headers)} options looked at")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
