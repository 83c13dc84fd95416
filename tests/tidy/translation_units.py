#!/usr/bin/env python3
"""Which translation unit of a build compiles a source: the source itself, or, in a unity build, a file of CMake's that
includes several.

  translation_units.py <compile_commands.json> [source...]     prints the units that compile them, one a line
"""

import json
import os
import pathlib
import re
import sys

INCLUDE = re.compile(r'^#include "(.*)"$', re.MULTILINE)


def sources_of(unit):
    """The files that a translation unit is made of, as real paths."""
    if "/Unity/unity_" not in unit:
        return [os.path.realpath(unit)]
    return [os.path.realpath(source) for source in INCLUDE.findall(pathlib.Path(unit).read_text())]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        units = [entry["file"] for entry in json.load(file)]
    wanted = {os.path.realpath(source) for source in sys.argv[2:]}
    for unit in units:
        if not wanted.isdisjoint(sources_of(unit)):
            print(unit)
    return 0


if __name__ == "__main__":
    sys.exit(main())
