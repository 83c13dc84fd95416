"""dial completion: bash and zsh at a terminal, with the Tab key, against a live server."""

import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import termios
import time
import unittest

import dial_process
from dial_process import DialTest, PATIENCE, Server, dial

ESCAPES = re.compile(r"\x1b\[[?0-9;]*[a-zA-Z]|\x1b[=>]|[\r\x07\x08]")


class Shell:
    """A shell at a terminal, with nobody's settings, that has learnt dial's completion."""

    def __init__(self, name, *arguments):
        self.own, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 300, 0, 0))  # wide: no line is wrapped
        path = f"{os.path.dirname(dial_process.DIAL)}:{os.environ['PATH']}"
        self.process = subprocess.Popen([name, *arguments], stdin=other, stdout=other, stderr=other, start_new_session=True,
                                        env=dial_process.environment(PATH=path, PS1="ready> ", PROMPT="ready> ", HOME="/",
                                                                     TERM="dumb", HISTFILE=""))
        os.close(other)
        self.seen = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(PATIENCE)
        os.close(self.own)

    def types(self, text):
        os.write(self.own, text.encode())

    def wait_for(self, text):
        until = time.monotonic() + PATIENCE
        while text not in ESCAPES.sub("", self.seen):
            if not select.select([self.own], [], [], max(0, until - time.monotonic()))[0]:
                raise AssertionError(f"no {text!r} in {self.seen!r}")
            self.seen += os.read(self.own, 65536).decode(errors="replace")
        seen, self.seen = ESCAPES.sub("", self.seen), ""
        return seen


class Completion(DialTest):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(dial_process.SAMPLE_SERVER)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def try_shell(self, shell):
        """Types the beginnings of words and Tab; the shell shows their ends."""
        address = self.server.address
        for begin, end in (("dial desc", "ribe"), (f"dial call {address} sample.Sample/Mirr", "or"),
                           (f"dial call {address} sample.Sample/Deep '{{", '"levels": '),
                           (f"dial health {address} grpc.h", "ealth.v1.Health"),
                           (f"dial bench {address} sample.Sample/Deep --conn", "ections")):
            with self.subTest(begin):
                shell.types(begin + "\t")
                shell.wait_for(begin + end)
                shell.types("\x15")  # takes the line away

    def test_bash(self):
        with Shell("bash", "--norc", "--noprofile", "-i") as shell:
            shell.types('bind "set enable-bracketed-paste off"; eval "$(dial completion bash)" && echo lear"nt"\n')
            shell.wait_for("\nlearnt")
            self.try_shell(shell)

    @unittest.skipUnless(shutil.which("zsh"), "there is no zsh")
    def test_zsh(self):
        with Shell("zsh", "-f", "-i") as shell:
            shell.types('autoload -U compinit && compinit -u -D && eval "$(dial completion zsh)" && echo lear"nt"\n')
            shell.wait_for("\nlearnt")
            self.try_shell(shell)

    def test_what_cannot_be_asked_completes_nothing(self):
        for line in ("dial call 127.0.0.1:1 ", "dial nonsense x:1 ", "dial list x"):
            self.expect(dial("__complete", "bash", line), 0, "", "")
        self.expect(dial("completion", "fish"), 64, "", "dial: dial completion takes bash or zsh\n")


if __name__ == "__main__":
    dial_process.run_tests()
