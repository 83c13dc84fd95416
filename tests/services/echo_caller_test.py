"""The steady caller and the servers' journal: what tests of restarts rest on.

  echo_caller_test.py echo_server echo_caller
"""

import collections
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

SERVER, CALLER = None, None
PATIENCE = 60


def run(program, *arguments):
    return subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, text=True, timeout=PATIENCE, check=False)


def catches(pid, number):
    """Whether a process has a handler for a signal."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        caught = re.search(r"^SigCgt:\s*([0-9a-f]+)", status.read(), re.MULTILINE)
    return caught is not None and int(caught[1], 16) >> (number - 1) & 1 == 1


class Servers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.journal = os.path.join(folder.name, "ids")

    def start(self, *arguments):
        """The address of a server that runs until the test's end."""
        process = subprocess.Popen([SERVER, "--listen=127.0.0.1:0", *arguments], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        line = process.stdout.readline()
        self.assertTrue(line.startswith("listening on "), line)
        return line[len("listening on "):].rstrip("\n")

    def executed(self):
        with open(self.journal, "rb") as file:
            return collections.Counter(number for (number,) in struct.iter_unpack("=q", file.read()))


class Caller(Servers):
    def test_calls_all_servers_and_each_id_is_run_once(self):
        addresses = [self.start(f"--journal={self.journal}") for _ in range(2)]
        done = run(CALLER, "list:" + ",".join(addresses), "--rate=2000", "--count=500", "--first-id=7000")
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        total = done.stdout.splitlines()[-1]
        self.assertTrue(total.startswith("total: calls=500 failed=0 "), total)
        for address in addresses:
            self.assertIn(f" {address}=", total)
        self.assertEqual({id_: 1 for id_ in range(7000, 7500)}, dict(self.executed()))

    def test_an_id_that_is_sent_twice_is_seen_twice(self):
        address = self.start(f"--journal={self.journal}")
        for _ in range(2):
            self.assertEqual(0, run(CALLER, address, "--count=3", "--first-id=1").returncode)
        self.assertEqual({1: 2, 2: 2, 3: 2}, dict(self.executed()))

    def test_calls_that_fail_have_a_line_each(self):
        done = run(CALLER, "127.0.0.1:1", "--count=3", "--rate=1000", "--connect-wait=10ms")
        self.assertEqual(1, done.returncode)
        failed = [line for line in done.stdout.splitlines() if line.startswith("failed id=")]
        self.assertEqual(3, len(failed))
        self.assertRegex(failed[0], r"^failed id=1 peer=\S* code=UNAVAILABLE began=\d+\.\d{3} took_ms=\d+\.\d .*refused")
        self.assertIn("total: calls=3 failed=3", done.stdout)

    def test_calls_go_on_until_sigterm(self):
        process = subprocess.Popen([CALLER, self.start()], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.assertRegex(process.stdout.readline(), r"^calls=\d+ failed=0 127")
        process.send_signal(signal.SIGTERM)
        self.assertIn("total: calls=", process.communicate(timeout=PATIENCE)[0])
        self.assertEqual(0, process.returncode)

    def test_sigterm_ends_the_wait_for_a_server_that_is_not_there(self):
        process = subprocess.Popen([CALLER, "127.0.0.1:1", "--connect-wait=1h"], stdout=subprocess.PIPE,
                                   stdin=subprocess.DEVNULL, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        until = time.monotonic() + PATIENCE
        while not catches(process.pid, signal.SIGTERM) and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        self.assertEqual("total: calls=0 failed=0\n", process.communicate(timeout=PATIENCE)[0])
        self.assertEqual(0, process.returncode)

    def test_a_wrong_command_line_is_named(self):
        for arguments, complaint in (((), "needs one target"), (("a:1", "--rate=0"), "flag --rate"),
                                     (("a:1", "--count=-1"), "flag --count")):
            done = run(CALLER, *arguments)
            self.assertEqual(2, done.returncode)
            self.assertIn(complaint, done.stderr)


class Journal(Servers):
    def test_that_cannot_be_opened_ends_the_server(self):
        done = run(SERVER, "--listen=127.0.0.1:0", "--journal=/no/such/folder/ids")
        self.assertEqual(2, done.returncode)
        self.assertIn("open journal /no/such/folder/ids: No such file", done.stderr)

    def test_that_is_full_fails_the_call(self):
        done = run(CALLER, self.start("--journal=/dev/full"), "--count=1")
        self.assertEqual(1, done.returncode)
        self.assertRegex(done.stdout, "code=RESOURCE_EXHAUSTED .* write journal /dev/full")


if __name__ == "__main__":
    SERVER, CALLER = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
