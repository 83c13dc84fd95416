"""dial completion: bash and zsh at a terminal, with the Tab key, against a live server."""

import os
import re
import shutil
import time
import unittest

import dial_process
from dial_process import dial, Pty, ServedTest

ESCAPES = re.compile(r"\x1b\[[?0-9;]*[a-zA-Z]|\x1b[=>]|[\r\x07\x08]")


class Shell(Pty):
    """A shell at a terminal, with nobody's settings, that has learnt dial's completion."""

    def __init__(self, name, *arguments):
        path = f"{os.path.dirname(dial_process.DIAL)}:{os.environ['PATH']}"
        super().__init__([name, *arguments],
                         dial_process.environment(PATH=path, PS1="ready> ", PROMPT="ready> ", HOME="/", TERM="dumb", HISTFILE=""),
                         columns=300, hidden=ESCAPES)  # wide: no line is wrapped

    def wait_for(self, text):
        """The same, of what has been shown since the last time."""
        seen = super().wait_for(text)
        self.bytes = ""
        return seen


class Completion(ServedTest):
    SERVER = (dial_process.SAMPLE_SERVER,)

    def try_shell(self, shell):
        """Types the beginnings of words and Tab; the shell shows their ends."""
        address = self.server.address
        for begin, end in (("dial desc", "ribe"), ("dial rep", "l"), (f"dial call {address} sample.Sample/Mirr", "or"),
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
