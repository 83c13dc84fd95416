#!/usr/bin/env python3
"""How the suite runs the programs of the contract: made-up servers and clients that keep to it, and that do not."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(ROOT / "bench/suite"))

import processes  # noqa: E402  (found by the path above)
import syscalls  # noqa: E402

SERVER = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit({code}))
print({said!r}, flush=True)
signal.pause()
"""
CPUS = os.sched_getaffinity(0)


def program(text):
    return (sys.executable, "-c", text)


def server(said="port 7001", code=0):
    return program(SERVER.format(said=said, code=code))


class ServingTest(unittest.TestCase):
    def test_a_server_serves_until_it_is_told_to_end(self):
        with processes.serving([server()], CPUS, subprocess.DEVNULL) as (running,):
            self.assertEqual(running.address, "127.0.0.1:7001")
            self.assertGreater(running.resident_bytes(), 0)
            self.assertIsNone(running.process.poll())
        self.assertEqual(running.process.returncode, 0)

    def test_a_later_server_is_told_where_the_one_before_listens(self):
        second = program("import sys\n" + SERVER.format(said="port 7002", code=0).replace("'port 7002'",
                                                                                       "'port ' + sys.argv[1][-4:]"))
        with processes.serving([server(), (*second, "{address}")], CPUS, subprocess.DEVNULL) as (_, later):
            self.assertEqual(later.port, 7001)

    def test_one_that_says_something_else_fails_its_case(self):
        with self.assertRaisesRegex(processes.CaseFailed, "instead of its port"):
            with processes.serving([server(said="hello")], CPUS, subprocess.DEVNULL):
                self.fail("it was taken for a server")

    def test_one_that_ends_badly_fails_its_case(self):
        with self.assertRaisesRegex(processes.CaseFailed, "ended with 3"):
            with processes.serving([server(code=3)], CPUS, subprocess.DEVNULL):
                pass

    def test_none_is_left_when_a_case_fails(self):
        with self.assertRaises(RuntimeError):
            with processes.serving([server()], CPUS, subprocess.DEVNULL) as (running,):
                raise RuntimeError
        self.assertIsNotNone(running.process.returncode)

    def test_it_runs_where_it_is_put(self):
        one = {min(CPUS)}
        with processes.serving([server()], one, subprocess.DEVNULL) as (running,):
            self.assertEqual(os.sched_getaffinity(running.pid), one)


class ClientTest(unittest.TestCase):
    def run_client(self, text):
        return processes.run_client(program(text), CPUS, 1, subprocess.DEVNULL)

    def test_its_last_line_is_its_result(self):
        self.assertEqual(self.run_client("print('{}'); print('{\"calls\": 3}')"), {"calls": 3})

    def test_a_mode_that_it_does_not_know_is_no_failure_of_its_own(self):
        with self.assertRaises(processes.ModeMissing):
            self.run_client("import sys; sys.exit(2)")

    def test_one_that_fails_fails_its_case(self):
        with self.assertRaisesRegex(processes.CaseFailed, "ended with 1"):
            self.run_client("import sys; sys.exit(1)")


class PlacementTest(unittest.TestCase):
    def test_spinners_spin_with_the_lowest_priority_and_go(self):
        placement = processes.Placement("hot", {min(CPUS)}, {min(CPUS)}, hot=True)
        me = os.getpid()
        with placement.entered():
            spinning = processes.children(me)
            self.assertEqual(len(spinning), 1)
        self.assertEqual(processes.children(me), [])


class CounterTest(unittest.TestCase):
    def count(self, counter, text):
        with tempfile.NamedTemporaryFile("w") as report:
            report.write(text)
            report.flush()
            return counter.count(report.name)

    def test_what_perf_counted_is_found(self):
        self.assertEqual(self.count(syscalls.Perf, "# started on Wed\n\n12345,,raw_syscalls:sys_enter,563086,100.00,,\n"), 12345)
        self.assertIsNone(self.count(syscalls.Perf, "<not supported>,,raw_syscalls:sys_enter,0,100.00,,\n"))

    def test_what_strace_counted_is_found(self):
        head = "% time     seconds  usecs/call     calls    errors syscall\n 60.00    0.000600          12        50           read\n"
        self.assertEqual(self.count(syscalls.Strace, f"{head}100.00    0.001000           8       123         4 total\n"), 123)
        self.assertEqual(self.count(syscalls.Strace, f"{head}100.00    0.001000           8       123           total\n"), 123)
        self.assertIsNone(self.count(syscalls.Strace, head))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
