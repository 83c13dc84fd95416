"""A server's program by its flags, environment variables, log and exit codes, as whoever runs it sees them.

  server_flags_test.py echo_server echo_client
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

SERVER, CLIENT = None, None
PATIENCE = 60


def run(*arguments, program=None, **variables):
    return subprocess.run([program or SERVER, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, text=True, timeout=PATIENCE, check=False,
                          env=dict(os.environ, **variables))


class Server:
    """An echo_server that listens, killed at the end if it still runs. Its log is a file."""

    def __init__(self, *arguments, stderr=None, **variables):
        self.log_file = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([SERVER, "--listen=127.0.0.1:0", *arguments], stdout=subprocess.PIPE,
                                        stderr=self.log_file if stderr is None else stderr, stdin=subprocess.DEVNULL,
                                        text=True, env=dict(os.environ, **variables))
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"no address in {line!r}: {self.log()}")
        self.address = line[len("listening on "):].rstrip("\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self.log_file.close()

    def log(self):
        self.log_file.seek(0)
        return self.log_file.read()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def send(self, data):
        """What a peer that speaks no protocol sends; returns when the server has closed the connection."""
        host, port = self.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as peer:
            peer.sendall(data)
            try:
                while peer.recv(4096):
                    pass
            except ConnectionResetError:
                pass


class ExitCodes(unittest.TestCase):
    def test_0_after_a_drain(self):
        with Server() as server:
            self.assertEqual(0, server.terminate())

    def test_2_for_a_bad_flag_which_is_named(self):
        for arguments, complaint in (
                (("--drain-timeout=soon",), 'flag --drain-timeout: "soon" is no duration'),
                (("--streams-max=-1",), 'flag --streams-max: "-1" is no whole number from 0'),
                (("--drain-timout=1s",), "unknown flag --drain-timout; did you mean --drain-timeout?"),
                (("--listen",), "--listen"),
                (("now",), 'takes flags only, not "now"')):
            with self.subTest(arguments):
                done = run(*arguments)
                self.assertEqual((2, ""), (done.returncode, done.stdout))
                self.assertIn(complaint, done.stderr)

    def test_2_for_a_bad_variable_which_is_named(self):
        done = run(DIALTONE_DRAIN_TIMEOUT="soon")
        self.assertEqual((2, ""), (done.returncode, done.stdout))
        self.assertIn('environment variable DIALTONE_DRAIN_TIMEOUT: "soon" is no duration', done.stderr)

    def test_3_for_a_port_in_use(self):
        with Server() as server:
            done = run("--listen", server.address)
            self.assertEqual((3, ""), (done.returncode, done.stdout))
            self.assertIn(f"listen {server.address}: ", done.stderr)

    def test_4_for_a_drain_that_runs_out_of_time(self):
        with Server("--drain-timeout=100ms") as server:
            client = subprocess.Popen([CLIENT, server.address, "sleep", "60s", "--timeout=60s"],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                # A call that is under way cannot be seen from outside: until it is, the drain is none.
                time.sleep(1)
                self.assertEqual(4, server.terminate())
                self.assertIn("not finished after 100ms: /echo.Echo/Sleep", server.log())
            finally:
                client.kill()
                client.wait()


class Configuration(unittest.TestCase):
    def test_variables_count_and_flags_win(self):
        with Server(DIALTONE_DRAIN_TIMEOUT="7s", DIALTONE_LOG_LEVEL="error") as server:
            self.assertEqual(0, server.terminate())
            self.assertEqual("", server.log())
        with Server("--log-level=info", DIALTONE_LOG_LEVEL="error") as server:
            self.assertEqual(0, server.terminate())
            self.assertIn("info: drained", server.log())

    def test_an_option_does_what_it_says(self):
        with Server("--message-bytes-max=1KiB") as server:
            for size, code in (("100", 0), ("2000", 8)):
                done = run(server.address, "echo", "x", "--payload", size, program=CLIENT)
                self.assertEqual(code, done.returncode, done.stderr)

    def test_help_names_every_flag_its_variable_and_its_default(self):
        done = run("--help")
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        text = " ".join(done.stdout.split())
        self.assertIn("--drain-timeout=DURATION what SIGTERM and SIGINT leave to calls under way "
                      "[DIALTONE_DRAIN_TIMEOUT, default: 25s]", text)
        for word in ("DIALTONE_LISTEN", "default: 127.0.0.1:7000", "DIALTONE_LOG_FORMAT", "--health-check",
                     "Exit codes:", "Examples:"):
            self.assertIn(word, text)
        self.assertLessEqual(max(map(len, done.stdout.split("\n"))), 120)


class HealthCheck(unittest.TestCase):
    def test_asks_the_server_at_its_own_address(self):
        with Server() as server:
            listen = "--listen=" + server.address
            self.assertEqual(0, run(listen, "--health-check").returncode)
            self.assertEqual(0, run(listen, "--health-check=echo.Echo").returncode)
            anywhere = "--listen=0.0.0.0:" + server.address.rsplit(":", 1)[1]
            self.assertEqual(0, run(anywhere, "--health-check").returncode)
            done = run(listen, "--health-check=echo.Nothing")
            self.assertEqual(1, done.returncode)
            self.assertIn('no service "echo.Nothing"', done.stderr)
            self.assertEqual(0, server.terminate())
            done = run("--health-check", DIALTONE_LISTEN=server.address)
            self.assertEqual(1, done.returncode)
            self.assertIn(server.address, done.stderr)

    def test_needs_a_port(self):
        self.assertEqual(2, run("--listen=127.0.0.1:0", "--health-check").returncode)


class Log(unittest.TestCase):
    def test_json_is_an_object_a_line(self):
        with Server("--log-format=json") as server:
            server.send(b'HELLO "you"\r\n\r\n')
            self.assertEqual(0, server.terminate())
            events = [json.loads(line) for line in server.log().splitlines()]
        for event in events:
            self.assertRegex(event["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.assertIn(event["level"], ("info", "warning"))
        told = [event for event in events if "no protocol" in event["text"]]
        self.assertEqual(1, len(told), events)
        self.assertIn('HELLO \\"you\\"\\r\\n', told[0]["text"])
        self.assertRegex(told[0]["peer"], r"^127\.0\.0\.1:\d+$")

    def test_a_flood_of_bad_peers_is_a_few_lines_and_a_sum(self):
        with Server() as server:
            begin = time.monotonic()
            for _ in range(300):
                server.send(b"nonsense\n")
            seconds = time.monotonic() - begin
            self.assertEqual(0, server.terminate())
            lines = server.log().splitlines()
        told = [line for line in lines if "no protocol of this server begins" in line]
        self.assertGreaterEqual(len(told), 5)
        self.assertLessEqual(len(told), 5 * (seconds + 2))
        held_back = sum(int(count) for count in re.findall(r"like no protocol: (\d+) more like this", "\n".join(lines)))
        self.assertEqual(300, len(told) + held_back, "\n".join(lines))

    def test_neither_a_full_nor_a_closed_stderr_stops_the_server(self):
        full = open("/dev/full", "w", encoding="utf-8")
        nobody_reads, write_end = os.pipe()
        gone_read, gone_write = os.pipe()
        os.close(gone_read)
        try:
            for name, stderr in (("disk", full), ("pipe", write_end), ("reader gone", gone_write)):
                with self.subTest(name), Server("--log-repeats-max=1000000", stderr=stderr) as server:
                    # Together more than a pipe holds.
                    for _ in range(700):
                        server.send(b"\x01" * 64)
                    done = run(server.address, "echo", "hello", program=CLIENT)
                    self.assertEqual(0, done.returncode, done.stderr)
                    self.assertEqual(0, server.terminate())
        finally:
            full.close()
            for descriptor in (nobody_reads, write_end, gone_write):
                os.close(descriptor)


if __name__ == "__main__":
    SERVER, CLIENT = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
