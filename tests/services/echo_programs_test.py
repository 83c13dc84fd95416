"""Runs echo_server and echo_client as a user does: what they print, how they leave.

  echo_programs_test.py echo_server echo_client
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

SERVER, CLIENT = None, None
PATIENCE = 60


class Server:
    """An echo_server that listens; killed at the end if it still runs."""

    def __init__(self, *arguments, addresses=1):
        self.process = subprocess.Popen([SERVER, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL, text=True)
        lines = [self.process.stdout.readline() for _ in range(addresses)]
        for line in lines:
            if not line.startswith("listening on "):
                self.process.kill()
                raise AssertionError(f"no address in {line!r}: {self.process.communicate()[1]}")
        self.addresses = [line[len("listening on "):].rstrip("\n") for line in lines]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def run(program, *arguments, says=""):
    return subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          input=says, text=True, timeout=PATIENCE, check=False)


class Client(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--listen", "127.0.0.1:0")
        cls.address = cls.server.addresses[0]

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def test_echo(self):
        done = run(CLIENT, self.address, "echo", "hello")
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertRegex(done.stdout, r'^"hello" in \d+\.\d{3} ms\n$')

    def test_count_and_payload(self):
        done = run(CLIENT, self.address, "echo", "x", "--count", "3", "--payload=100000")
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertRegex(done.stdout, r'^("x" and 100000 bytes in \d+\.\d{3} ms\n){3}$')

    def test_text_with_dashes(self):
        done = run(CLIENT, self.address, "echo", "--", "--count")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn('"--count"', done.stdout)

    def test_sleep(self):
        done = run(CLIENT, self.address, "sleep", "20ms")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertRegex(done.stdout, r"^slept 20ms in \d+\.\d{3} ms\n$")
        self.assertGreaterEqual(float(done.stdout.split()[3]), 20)

    def test_deadline(self):
        done = run(CLIENT, self.address, "sleep", "60s", "--timeout", "50ms")
        self.assertEqual((4, ""), (done.returncode, done.stdout))
        self.assertRegex(done.stderr, r"^echo_client: DEADLINE_EXCEEDED after \d+\.\d{3} ms: .+\n$")

    def test_fail(self):
        for code, number in (("NOT_FOUND", 5), ("unauthenticated", 16), ("1", 1)):
            with self.subTest(code):
                done = run(CLIENT, self.address, "fail", code, "as told", "--count=5")
                self.assertEqual((number, ""), (done.returncode, done.stdout))
                self.assertRegex(done.stderr, r"^echo_client: [A-Z_]+ after \d+\.\d{3} ms: .*as told\n$")

    def test_repeat(self):
        done = run(CLIENT, self.address, "repeat", "tick", "--messages=3", "--interval=20ms")
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertRegex(done.stdout, r'^  1 "tick"\n  2 "tick"\n  3 "tick"\n3 messages in \d+\.\d{3} ms\n$')
        self.assertGreaterEqual(float(done.stdout.split()[-2]), 40)

    def test_repeat_is_shown_as_it_comes(self):
        process = subprocess.Popen([CLIENT, self.address, "repeat", "tick", "--messages=2", "--interval=30m"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                                   text=True)
        try:
            self.assertEqual('  1 "tick"\n', process.stdout.readline())
        finally:
            process.kill()
            process.communicate()

    def test_repeat_within_a_deadline(self):
        done = run(CLIENT, self.address, "repeat", "tick", "--interval=60s", "--timeout=50ms")
        self.assertEqual((4, '  1 "tick"\n'), (done.returncode, done.stdout))
        self.assertRegex(done.stderr, r"^echo_client: DEADLINE_EXCEEDED after \d+\.\d{3} ms: .+\n$")

    def test_collect(self):
        for texts, answer in ((("one", "two"), '"onetwo" and 20 bytes from 2 messages'), ((), '"" from 0 messages')):
            with self.subTest(texts):
                done = run(CLIENT, self.address, "collect", *texts, "--payload=10")
                self.assertEqual((0, ""), (done.returncode, done.stderr))
                self.assertRegex(done.stdout, rf"^{answer} in \d+\.\d{{3}} ms\n$")

    def test_collect_that_the_server_ends_early(self):
        done = run(CLIENT, self.address, "collect", *["x" * 100_000] * 12)
        self.assertEqual((8, ""), (done.returncode, done.stdout))
        self.assertIn("RESOURCE_EXHAUSTED", done.stderr)
        self.assertIn("longer than 1048576 bytes", done.stderr)

    def test_chat_with_arguments_and_with_stdin(self):
        for arguments, says in ((("one", "two words"), ""), ((), "one\ntwo words\n")):
            with self.subTest(arguments):
                done = run(CLIENT, self.address, "chat", *arguments, says=says)
                self.assertEqual((0, ""), (done.returncode, done.stderr))
                self.assertRegex(done.stdout, r'^  "one"\n  "two words"\n2 messages each way in \d+\.\d{3} ms\n$')

    def test_chat_is_live(self):
        process = subprocess.Popen([CLIENT, self.address, "chat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True, bufsize=1)
        try:
            for i in range(5):
                process.stdin.write(f"line {i}\n")
                self.assertEqual(f'  "line {i}"\n', process.stdout.readline())
            process.stdin.close()
            self.assertRegex(process.stdout.read(), r"^5 messages each way in")
            self.assertEqual(0, process.wait(PATIENCE))
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def test_wrong_command_lines(self):
        for arguments, complaint in (
                ((), "needs an address and what to call"),
                ((self.address,), "needs an address and what to call"),
                ((self.address, "sing"),
                 '"sing" is none of echo, sleep, fail, repeat, collect and chat'),
                ((self.address, "echo"), "echo takes one argument, not 0"),
                ((self.address, "fail", "1", "b", "c"), "fail takes one or two arguments, not 3"),
                ((self.address, "fail", "OK"), '"OK" is no error\'s code'),
                ((self.address, "repeat"), "repeat takes one argument, not 0"),
                ((self.address, "repeat", "x", "--messages=-1"), 'flag --messages: "-1" is no number'),
                ((self.address, "sleep", "long"), '"long" is no duration'),
                ((self.address, "echo", "x", "--loud", "1"), "unknown flag --loud"),
                ((self.address, "echo", "x", "--count", "0"), 'flag --count: "0" is no number')):
            with self.subTest(arguments):
                done = run(CLIENT, *arguments)
                self.assertEqual((64, ""), (done.returncode, done.stdout))
                self.assertIn("echo_client: " + complaint, done.stderr)

    def test_nobody_there(self):
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))  # and no listen(): connecting is refused
            address = f"127.0.0.1:{bound.getsockname()[1]}"
            done = run(CLIENT, address, "echo", "x")
        self.assertEqual(14, done.returncode, done.stderr)
        self.assertIn("UNAVAILABLE", done.stderr)
        self.assertIn(address, done.stderr)


class ServerProgram(unittest.TestCase):
    def test_serves_several_addresses_and_drains(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "echo.sock")
            with Server("--listen", "127.0.0.1:0", f"--listen=unix:{path}", addresses=2) as server:
                self.assertNotEqual("127.0.0.1:0", server.addresses[0])
                self.assertEqual("unix:" + path, server.addresses[1])
                for address in server.addresses:
                    done = run(CLIENT, address, "echo", "hello")
                    self.assertEqual(0, done.returncode, done.stderr)
                self.assertEqual(0, server.terminate())

    def test_address_in_use(self):
        with Server("--listen", "127.0.0.1:0") as server:
            done = run(SERVER, "--listen", server.addresses[0])
            self.assertEqual((3, ""), (done.returncode, done.stdout))
            self.assertIn(server.addresses[0], done.stderr)

    def test_wrong_command_lines(self):
        for arguments, code, complaint in (
                (("--listen", "nowhere"), 3, 'address "nowhere"'),
                (("now",), 2, 'echo_server: takes flags only, not "now"'),
                (("--drain-timeout", "-1s"), 2, 'echo_server: flag --drain-timeout: "-1s" is no duration')):
            with self.subTest(arguments):
                done = run(SERVER, *arguments)
                self.assertEqual((code, ""), (done.returncode, done.stdout))
                self.assertIn(complaint, done.stderr)


class Help(unittest.TestCase):
    def test_names_every_flag_and_exit_code(self):
        for program, words in ((SERVER, ("--listen", "--drain-timeout", "25s", "SIGTERM", "Exit codes:", "Examples:")),
                               (CLIENT, ("--timeout", "--count", "--payload", "--messages", "--interval",
                                         "echo", "sleep", "fail", "repeat", "collect", "chat",
                                         " 4  DEADLINE_EXCEEDED", "Examples:"))):
            done = run(program, "--help")
            self.assertEqual((0, ""), (done.returncode, done.stderr))
            for word in words:
                self.assertIn(word, done.stdout)
            self.assertLessEqual(max(map(len, done.stdout.split("\n"))), 120)


if __name__ == "__main__":
    SERVER, CLIENT = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
