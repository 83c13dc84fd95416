"""Runs the commands of docs/dial.md, in order, against an echo_server, and compares what they print with the page.

  document_test.py <root> <dial> <echo_server> <sample_server> [--update]

In a block of ```console each line that begins with "$ " is a command for bash; what stands below it is its output, stderr
too. The page's server is at 127.0.0.1:7000: here at a free port. Times and what depends on them are not compared: numbers
before a unit of time are one number, and below a line `<!-- shape -->` all numbers are, and bars. --update writes what the
commands print into the page.
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest

import dial_process
from dial_process import Server

PAGE = os.path.join(dial_process.ROOT, "docs", "dial.md")
PAGE_ADDRESS = "127.0.0.1:7000"
# The page ends a command that goes on for ever after half a second, in which a busy machine under a sanitizer may not have
# begun it.
PAGE_TIMEOUT = "timeout -s INT 0.5 "
TIMEOUT = "timeout -s INT 5 "


def blocks(lines):
    """Yields (first line, last line + 1, whether only the shape counts) of each console block's inside."""
    begin = None
    for number, line in enumerate(lines):
        if begin is None and line == "```console":
            begin = number + 1
        elif begin is not None and line == "```":
            yield begin, number, lines[begin - 2] == "<!-- shape -->"
            begin = None
    if begin is not None:
        raise AssertionError(f"docs/dial.md:{begin}: a block that never ends")


def commands(lines):
    """Yields (command, its output's lines)."""
    command, output = None, []
    for line in lines:
        if line.startswith("$ "):
            if command is not None:
                yield command, output
            command, output = line[2:], []
        else:
            output.append(line)
    yield command, output


def run(command, address, folder):
    """As somebody does who has dial on the PATH and stands in Dialtone's root."""
    done = subprocess.run(["bash", "-c", command.replace(PAGE_ADDRESS, address).replace(PAGE_TIMEOUT, TIMEOUT)],
                          stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=dial_process.PATIENCE,
                          check=False, cwd=dial_process.ROOT,
                          env=dial_process.environment(PATH=f"{os.path.dirname(dial_process.DIAL)}:{os.environ['PATH']}",
                                                       TMPDIR=folder))
    return done.stdout.replace(address, PAGE_ADDRESS).splitlines()


def comparable(lines, shape_only):
    """What must be equal on the page and in truth."""
    text = "\n".join(lines)
    text = re.sub(r"\d+(\.\d+)? (ns|us|ms|s)\b", "T", text)
    if shape_only:
        # How many lines a histogram has depends on the machine; so does where its bars end.
        text = re.sub(r"\n  <.*", "", text)
        text = re.sub(r"kernel says \S+", "kernel says STATE", text)
        text = re.sub(r"[+-]?\d+(\.\d+)?", "N", text)
        text = re.sub(r"[ =]+|new", " ", text)
    return text


class Document(unittest.TestCase):
    maxDiff = None

    def test_commands_print_what_the_page_says(self):
        with open(PAGE, encoding="utf-8") as file:
            lines = file.read().split("\n")
        count = 0
        with Server(dial_process.ECHO_SERVER) as server, tempfile.TemporaryDirectory() as folder:
            for begin, end, shape_only in blocks(lines):
                for command, output in commands(lines[begin:end]):
                    with self.subTest(command):
                        said = run(command, server.address, folder)
                        self.assertEqual(comparable(output, shape_only), comparable(said, shape_only), command)
                    count += 1
        self.assertGreater(count, 20)


def update():
    with open(PAGE, encoding="utf-8") as file:
        lines = file.read().split("\n")
    updated, last = [], 0
    with Server(dial_process.ECHO_SERVER) as server, tempfile.TemporaryDirectory() as folder:
        for begin, end, _ in blocks(lines):
            updated += lines[last:begin]
            for command, _ in commands(lines[begin:end]):
                updated += ["$ " + command] + run(command, server.address, folder)
            last = end
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write("\n".join(updated + lines[last:]))


if __name__ == "__main__":
    if "--update" in sys.argv:
        update()
    else:
        dial_process.run_tests()
