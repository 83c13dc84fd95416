"""How dial ends before its time: Ctrl-C in every mode, a pipe that nobody reads, a server that dies; and terminals."""

import fcntl
import json
import os
import re
import signal
import struct
import subprocess
import termios
import time

import dial_process
from dial_process import dial, DialTest, ECHO_SCHEMA, PATIENCE, SAMPLE_SCHEMA, ServedTest, Server, start, Terminal

PROMPT_SECONDS = 5  # generous to a machine that is busy; an end that is not prompt would be the call's 15 s, or never


class CtrlC(ServedTest):
    SERVER = (dial_process.SAMPLE_SERVER,)

    def cancelled(self):
        done = dial("call", self.server.address, "sample.Sample/Count", "--json", *SAMPLE_SCHEMA)
        return int(json.loads(done.stdout).get("cancelled", 0))

    def wait_for_calls(self, count):
        """Until the server has seen so many cancelled calls."""
        until = time.monotonic() + PATIENCE
        while self.cancelled() < count:
            self.assertLess(time.monotonic(), until, "the server has seen no cancelled call")

    def test_each_kind_of_call_is_cancelled(self):
        for method, first in (("HangDown", "{}\n"), ("HangBoth", "{}\n")):
            with self.subTest(method):
                before = self.cancelled()
                process = start("call", self.server.address, "sample.Sample/" + method, *SAMPLE_SCHEMA)
                self.assertEqual(first, process.stdout.readline())  # the handler runs
                code, seconds = dial_process.interrupt(process)
                self.assertEqual(130, code, dial_process.finish(process))
                self.assertLess(seconds, PROMPT_SECONDS)
                self.wait_for_calls(before + 1)

    def test_calls_without_replies_are_cancelled(self):
        for method in ("Hang", "HangUp"):
            with self.subTest(method):
                before = self.cancelled()
                process = start("call", self.server.address, "sample.Sample/" + method, "--timeout", "1h", *SAMPLE_SCHEMA)
                self.wait_until_connected(process)
                code, seconds = dial_process.interrupt(process)
                self.assertEqual((130, ""), (code, dial_process.finish(process)))
                self.assertLess(seconds, PROMPT_SECONDS)
                self.wait_for_calls(before + 1)

    def wait_until_connected(self, process):
        """Until dial has a connection and has sent its request: the server answers with bytes, which dial has read."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            listed = subprocess.run(["ss", "-tnpi"], capture_output=True, text=True, check=True).stdout
            if re.search(rf"pid={process.pid},.*\n.*bytes_received:[1-9]", listed):
                return
        self.fail("dial has not connected")

    def test_health_watch(self):
        process = start("health", self.server.address, "--watch")
        self.assertEqual("SERVING\n", process.stdout.readline())
        code, seconds = dial_process.interrupt(process)
        self.assertEqual((130, ""), (code, dial_process.finish(process)))
        self.assertLess(seconds, PROMPT_SECONDS)

    def test_while_it_waits_for_stdin(self):
        process = start("call", self.server.address, "sample.Sample/MirrorNode", "-", *SAMPLE_SCHEMA)
        process.stdin.write("{")
        process.stdin.flush()
        self.wait_until_it_watches_for_ctrl_c(process)
        code, seconds = dial_process.interrupt(process)
        self.assertEqual((130, ""), (code, dial_process.finish(process)))
        self.assertLess(seconds, PROMPT_SECONDS)

    def wait_until_it_watches_for_ctrl_c(self, process):
        """Until main() has begun: before, SIGINT ends any program in its own way."""
        until = time.monotonic() + PATIENCE
        blocked = 0
        while not blocked & 1 << (signal.SIGINT - 1):
            self.assertLess(time.monotonic(), until, "dial does not watch for Ctrl-C")
            with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
                blocked = int(re.search(r"SigBlk:\s*([0-9a-f]+)", status.read()).group(1), 16)


class ServersThatDie(DialTest):
    def test_in_the_middle_of_a_stream(self):
        with Server(dial_process.ECHO_SERVER) as server:
            process = start("call", server.address, "echo.Echo/Repeat", '{"text": "a", "count": 9, "interval": "60s"}',
                            *ECHO_SCHEMA)
            self.assertEqual('{"text":"a","id":"1"}\n', process.stdout.readline())
            server.kill()
            self.assertEqual(14, process.wait(PATIENCE))
            self.assertRegex(dial_process.finish(process), "^dial: UNAVAILABLE: .*" + re.escape(server.address))

    def test_while_somebody_may_still_type(self):
        with Server(dial_process.ECHO_SERVER) as server:
            process = start("call", server.address, "echo.Echo/Chat", *ECHO_SCHEMA)
            process.stdin.write('{"text": "a"}\n')
            process.stdin.flush()
            self.assertEqual('{"text":"a"}\n', process.stdout.readline())
            server.kill()
            self.assertEqual(14, process.wait(PATIENCE))
            self.assertRegex(dial_process.finish(process), "^dial: UNAVAILABLE: ")


class ClosedPipes(DialTest):
    def test_nobody_reads_the_replies(self):
        with Server(dial_process.ECHO_SERVER) as server:
            process = start("call", server.address, "echo.Echo/Repeat", '{"text": "a", "count": 1000000}', *ECHO_SCHEMA)
            process.stdout.readline()
            process.stdout.close()
            self.assertEqual(-signal.SIGPIPE, process.wait(PATIENCE))
            process.stdout = None
            self.assertEqual("", dial_process.finish(process))

    def test_the_shell_calls_that_141(self):
        with Server(dial_process.ECHO_SERVER) as server:
            script = '"$0" call "$1" echo.Echo/Repeat \'{"count": 1000000}\' "${@:2}" | head -1; echo ${PIPESTATUS[0]}'
            done = subprocess.run(["bash", "-c", script, dial_process.DIAL, server.address, *ECHO_SCHEMA], text=True,
                                  capture_output=True, timeout=PATIENCE, check=False)
            self.assertEqual(('{"id":"1"}\n141\n', ""), (done.stdout, done.stderr))


class BrokenDescriptors(ServedTest):
    """What dial cannot write, or cannot read, is no success."""
    SERVER = (dial_process.ECHO_SERVER,)
    CLOSED = "Bad file descriptor"
    FULL = "No space left on device"

    def shell(self, redirection, command, *arguments):
        script = f'exec "$@" {redirection}'
        return subprocess.run(["bash", "-c", script, "bash", dial_process.DIAL, command, self.server.address, *arguments,
                               *ECHO_SCHEMA], text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=PATIENCE,
                              check=False)

    def wait_until_full(self, pipe):
        until = time.monotonic() + PATIENCE
        while True:
            waiting = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]
            if waiting >= fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ):
                return
            self.assertLess(time.monotonic(), until, "the pipe does not fill")
            time.sleep(0.01)

    def test_output_that_cannot_be_written(self):
        for redirection, why in ((">/dev/full", self.FULL), (">&-", self.CLOSED)):
            for command in (("call", "echo.Echo/Echo", '{"text": "hi"}'), ("list",), ("template", "echo.Echo/Echo"),
                            ("call", "echo.Echo/Repeat", '{"count": 1000000}')):
                with self.subTest(redirection=redirection, command=command):
                    self.expect(self.shell(redirection, *command), 74, "", f"dial: cannot write stdout: {why}\n")
            done = self.expect(self.shell(redirection, "list", "--json"), 74, "")
            self.assertEqual((74, f"cannot write stdout: {why}"),
                             (json.loads(done.stderr)["exit_code"], json.loads(done.stderr)["error"]["message"]))
        self.expect(self.shell(">/dev/full", "--help"), 74, "", f"dial: cannot write stdout: {self.FULL}\n")

    def test_output_whose_reader_is_slow_though_it_does_not_wait(self):
        text = "x" * 300000
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        process = dial_process.start("call", self.server.address, "echo.Echo/Echo", "-", "--json", *ECHO_SCHEMA,
                                     stdout=writer)
        os.close(writer)
        process.stdin.write(json.dumps({"text": text}))
        process.stdin.close()
        self.wait_until_full(reader)
        with open(reader, encoding="utf-8") as said:
            self.assertEqual(json.dumps({"text": text}, separators=(",", ":")) + "\n", said.read())
        process.stdin = None
        self.assertEqual((0, ""), (process.wait(PATIENCE), dial_process.finish(process)))

    def test_stdin_that_cannot_be_read(self):
        for redirection, why in (("</proc", "Is a directory"), ("<&-", self.CLOSED)):
            for command in (("call", "echo.Echo/Echo", "-"), ("call", "echo.Echo/Collect"), ("call", "echo.Echo/Chat"),
                            ("repl",)):
                with self.subTest(redirection=redirection, command=command):
                    self.expect(self.shell(redirection, *command), 64, "", f"dial: cannot read stdin: {why}\n")

    def test_closed_descriptors_that_are_not_needed(self):
        self.expect(self.shell("<&- 2>&-", "call", "echo.Echo/Echo", '{"text": "hi"}', "--json"), 0, '{"text":"hi"}\n', "")


class Terminals(ServedTest):
    SERVER = (dial_process.ECHO_SERVER,)

    def terminal(self, method, *arguments, **environment):
        return Terminal("call", self.server.address, "echo.Echo/" + method, *arguments, *ECHO_SCHEMA, **environment)

    def test_a_chat_is_answered_line_by_line_and_forgives_mistakes(self):
        with self.terminal("Chat", "--color", "never") as terminal:
            terminal.types('{"text": "one"}\n')
            terminal.wait_for('{"text":"one"}\r\n')
            terminal.types('{"txet": "two"}\n')
            terminal.wait_for("did you mean text?")
            terminal.types('{"text": "three"}\n')
            terminal.wait_for('{"text":"three"}\r\n')
            terminal.types("\x04")
            self.assertEqual(0, terminal.process.wait(PATIENCE))

    def test_ctrl_c_in_a_chat(self):
        with self.terminal("Chat", "--color", "never") as terminal:
            terminal.types('{"text": "one"}\n')
            terminal.wait_for('{"text":"one"}\r\n')  # the answer: what was typed has a space
            terminal.types("\x03")
            self.assertEqual(130, terminal.process.wait(PATIENCE))

    def test_colours_on_a_terminal_only(self):
        with self.terminal("Echo", '{"text": "a"}') as terminal:
            terminal.wait_for('\033[34m"text"\033[0m: "a"')
        with self.terminal("Echo", '{"text": "a"}', NO_COLOR="1") as terminal:
            self.assertNotIn("\033", terminal.wait_for('"text": "a"'))
        with self.terminal("Echo", '{"text": "a"}', "--json") as terminal:
            self.assertNotIn("\033", terminal.wait_for('{"text":"a"}'))
        done = dial("call", self.server.address, "echo.Echo/Echo", '{"text": "a"}', "--color", "always", *ECHO_SCHEMA)
        self.expect(done, 0, '{\n  \033[34m"text"\033[0m: "a"\n}\n', "")


if __name__ == "__main__":
    dial_process.run_tests()
