"""dial and the servers that it is tried on, as processes. A test's main() is run_tests(); the paths come from ctest:

  x_test.py <Dialtone's root> <dial> <echo_server> <sample_server>
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

PATIENCE = 60
ROOT, DIAL, ECHO_SERVER, SAMPLE_SERVER = sys.argv[1:5] if len(sys.argv) >= 5 else ("", "", "", "")
ECHO_SCHEMA = ("--proto", "echo/echo.proto", "--import", os.path.join(ROOT, "proto"))
SAMPLE_SCHEMA = ("--proto", "sample.proto", "--import", os.path.dirname(os.path.abspath(__file__)))


class Server:
    """A server that listens; killed at the end if it still runs."""

    def __init__(self, program, *arguments, listen="127.0.0.1:0", **variables):
        self.log = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen([program, "--listen", listen, *arguments], stdin=subprocess.DEVNULL,
                                        env=os.environ | variables, stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            self.close()
            raise AssertionError(f"no address in {line!r}")
        self.address = line[len("listening on "):].rstrip("\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)

    def close(self):
        self.kill()
        self.process.stdout.close()
        self.log.close()


def environment(**more):
    """What the shell of whoever runs the tests says of colours does not count."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    return kept | {"TERM": "xterm"} | more


def dial(*arguments, says="", **more):
    return subprocess.run([DIAL, *arguments], input=says, text=True, capture_output=True, timeout=PATIENCE, check=False,
                          env=environment(**more))


def start(*arguments, **options):
    """dial as a process that goes on."""
    settings = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([DIAL, *arguments], text=True, bufsize=1, env=environment(), **(settings | options))


def interrupt(process):
    """Ctrl-C; returns the exit code and how many seconds the end took."""
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    code = process.wait(PATIENCE)
    return code, time.monotonic() - began


def finish(process):
    """Ends a process that start() has made, whatever it does, and returns what it has said on stderr."""
    if process.poll() is None:
        process.kill()
    return process.communicate(timeout=PATIENCE)[1]


class DialTest(unittest.TestCase):
    def expect(self, done, code=0, out=None, err=None):
        """Exit code and output of dial(): texts are compared, regular expressions (compiled) searched for."""
        self.assertEqual(code, done.returncode, f"stdout: {done.stdout}\nstderr: {done.stderr}")
        for expected, said in ((out, done.stdout), (err, done.stderr)):
            if isinstance(expected, str):
                self.assertEqual(expected, said)
            elif expected is not None:
                self.assertRegex(said, expected)
        return done


class ServedTest(DialTest):
    """Tests of one server, which all of a class's have together."""
    SERVER = ()  # the program and its arguments

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.SERVER)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()


class Pty:
    """A program with a terminal for stdin, stdout and stderr; killed at the end if it still runs."""

    def __init__(self, command, env, columns=80, rows=50, hidden=re.compile("(?!)")):
        self.hidden = hidden  # what is no text
        self.own, other = pty.openpty()
        self.resize(rows, columns)
        self.process = subprocess.Popen(command, stdin=other, stdout=other, stderr=other, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0), env=env)
        os.close(other)
        self.bytes = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        os.close(self.own)

    def resize(self, rows, columns):
        fcntl.ioctl(self.own, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def modes(self):
        """How the terminal is set: flags and keys, to be compared."""
        return termios.tcgetattr(self.own)

    @property
    def seen(self):
        return self.hidden.sub("", self.bytes)

    def types(self, text):
        os.write(self.own, text.encode())

    def wait_for(self, text):
        """Until that has been shown; returns all that was."""
        return self.wait_until(lambda seen: text in seen, repr(text))

    def wait_until(self, holds, what):
        until = time.monotonic() + PATIENCE
        while not holds(self.seen):
            if not select.select([self.own], [], [], max(0, until - time.monotonic()))[0]:
                raise AssertionError(f"no {what} in {self.seen!r}")
            try:
                self.bytes += os.read(self.own, 65536).decode(errors="replace")
            except OSError as gone:
                raise AssertionError(f"no {what} in {self.seen!r}") from gone
        return self.seen


class Terminal(Pty):
    """dial at a terminal."""

    def __init__(self, *arguments, columns=80, rows=50, hidden=re.compile("(?!)"), **more):
        super().__init__([DIAL, *arguments], environment(**more), columns, rows, hidden)


def run_tests():
    unittest.main(argv=sys.argv[:1])
