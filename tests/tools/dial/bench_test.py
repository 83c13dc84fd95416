"""dial bench, for a moment each: what it counts, how it is told, how it ends. No time is judged."""

import json
import os
import re
import tempfile
import time

import dial_process
from dial_process import dial, ECHO_SCHEMA, ServedTest, Server, start

BRIEF = ("--duration", "200ms", "--warmup", "50ms")


class Bench(ServedTest):
    SERVER = (dial_process.ECHO_SERVER,)

    def bench(self, method, *arguments):
        return dial("bench", self.server.address, "echo.Echo/" + method, *arguments, *BRIEF, *ECHO_SCHEMA)

    def report(self, method, *arguments):
        return json.loads(self.expect(self.bench(method, *arguments, "--json"), 0, None, "").stdout)

    def test_a_closed_loop(self):
        report = self.report("Echo", '{"text": "a"}', "--connections", "2", "--in-flight", "3")
        self.assertEqual(("echo.Echo.Echo", 2, 3, ""),
                         tuple(report[key] for key in ("method", "connections", "in_flight", "rate")))
        figures = report["figures"]
        self.assertGreater(figures["calls"], 10)
        self.assertEqual(0, figures["errors"])
        self.assertAlmostEqual(0.2, figures["seconds"], delta=0.15)
        self.assertLessEqual(figures["latency_ns_p50"], figures["latency_ns_p99.99"])
        self.assertLessEqual(figures["latency_ns_p99.99"], figures["latency_ns_max"])

    def test_the_servers_processor_time_is_seen(self):
        self.assertGreater(self.report("Echo")["figures"]["server_cpu_ns_a_call"], 0)
        with tempfile.TemporaryDirectory() as folder:
            with Server(dial_process.ECHO_SERVER, listen="unix:" + os.path.join(folder, "echo")) as server:
                done = dial("bench", server.address, "echo.Echo/Echo", *BRIEF, *ECHO_SCHEMA)
                self.expect(done, 0, re.compile(r"^server cpu  \d", re.MULTILINE))

    def test_an_open_loop(self):
        for rate in ("const:500", "ramp:100:900", "step:100:900:3"):
            with self.subTest(rate):
                report = self.report("Echo", "--rate", rate, "--connections", "2")
                self.assertEqual(rate, report["rate"])
                self.assertGreater(report["figures"]["calls"], 10)
        self.expect(self.bench("Echo", "--rate", "fast"), 64, "", re.compile('--rate: "fast" is none of RATE, const:RATE'))

    def test_each_call_has_a_message_of_its_own(self):
        with tempfile.NamedTemporaryFile() as journal:
            with Server(dial_process.ECHO_SERVER, "--journal", journal.name) as server:
                done = dial("bench", server.address, "echo.Echo/Echo", '{"id": {{counter}}}', *BRIEF, "--in-flight", "4",
                            *ECHO_SCHEMA)
                self.expect(done, 0)
            ids = [int.from_bytes(journal.read(8), "little") for _ in range(os.stat(journal.name).st_size // 8)]
        # The first call, which tries the connection, is number 0, too.
        self.assertEqual([0] + list(range(max(ids) + 1)), sorted(ids))

    def test_calls_that_fail_are_counted_by_their_status(self):
        done = self.bench("Fail", '{"code": 5}')
        self.expect(done, 5, re.compile(r"^errors      \d+ NOT_FOUND$", re.MULTILINE))

    def test_csv_and_a_baseline(self):
        done = self.expect(self.bench("Echo", "--csv"), 0)
        names, values = done.stdout.splitlines()
        self.assertEqual(len(names.split(",")), len(values.split(",")))
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(self.expect(self.bench("Echo", "--json"), 0).stdout)
            file.flush()
            done = self.expect(self.bench("Echo", "--baseline", file.name), 0)
            self.assertRegex(done.stdout, r"(?m)^latency_ns_p99 +\S+ [num]?s +\S+ [num]?s +[+-]\d+\.\d %$")

    def test_a_baseline_is_read_before_the_run(self):
        for path in ("/no/such", tempfile.gettempdir()):
            done = dial("bench", self.server.address, "echo.Echo/Echo", "--duration", "1h", "--baseline", path, *ECHO_SCHEMA)
            self.expect(done, 64, "", f"dial: --baseline: {path} holds no report of dial bench --json\n")

    def test_durations_that_no_run_has(self):
        for option in ("--duration", "--warmup"):
            for value, why in (("inf", "inf is above 720h"), ("999999999h", "999999999h is above 720h"),
                               ("-1s", '"-1s" is no duration such as 500ms or 2s')):
                with self.subTest(option=option, value=value):
                    done = dial("bench", self.server.address, "echo.Echo/Echo", f"{option}={value}", *ECHO_SCHEMA)
                    self.expect(done, 64, "", f"dial: {option}: {why}\n")

    def test_without_a_warm_up(self):
        done = dial("bench", self.server.address, "echo.Echo/Echo", "--duration", "200ms", "--warmup", "0s", *ECHO_SCHEMA)
        self.expect(done, 0, re.compile(r"^errors +0$", re.MULTILINE))

    def test_more_in_flight_than_a_channel_lets_wait(self):
        done = dial("bench", self.server.address, "echo.Echo/Echo", "--in-flight", "20000", "--duration", "100ms", "--warmup",
                    "0s", *ECHO_SCHEMA)
        self.expect(done, 0, re.compile(r"^errors +0$", re.MULTILINE))

    def test_what_cannot_be_measured(self):
        self.expect(self.bench("Chat"), 64, "", "dial: echo.Echo.Chat streams: dial bench measures unary methods\n")
        self.expect(self.bench("Echo", '{"id": {{oops}}}'), 64, "", re.compile(r"^dial: \{\{oops\}\} is none of"))
        done = dial("bench", "127.0.0.1:1", "echo.Echo/Echo", *BRIEF, *ECHO_SCHEMA)
        self.expect(done, 14, "", re.compile("^dial: UNAVAILABLE: connect 127.0.0.1:1"))

    def test_progress_and_ctrl_c(self):
        for more in ((), ("--rate", "const:100")):
            with self.subTest(more):
                process = start("bench", self.server.address, "echo.Echo/Echo", "--duration", "1h", "--warmup", "1ms", *more,
                                *ECHO_SCHEMA)
                self.assertRegex(process.stderr.readline(), r"^   1 s +\d+ calls a second  0 failed  mean ")
                began = time.monotonic()
                code, _ = dial_process.interrupt(process)
                self.assertLess(time.monotonic() - began, 5)
                self.assertEqual(130, code)
                self.assertRegex(process.stdout.read(), r"(?m)^calls       [1-9]")
                dial_process.finish(process)

    def test_ctrl_c_ends_calls_that_take_long(self):
        for more in ((), ("--rate", "const:100")):
            with self.subTest(more):
                # The first call takes no time, all others ten seconds and more.
                process = start("bench", self.server.address, "echo.Echo/Sleep", '{"duration": "{{counter}}0s"}', "--in-flight",
                                "4", "--duration", "1h", "--warmup", "1ms", *more, *ECHO_SCHEMA)
                self.assertRegex(process.stderr.readline(), r"^   1 s ")
                code, _ = dial_process.interrupt(process)
                self.assertEqual(130, code)
                self.assertRegex(process.stdout.read(), r"(?m)^calls +\d+, .*\nerrors +0$")
                dial_process.finish(process)

    def test_a_rate_that_nobody_can_keep(self):
        began = time.monotonic()
        done = dial("bench", self.server.address, "echo.Echo/Echo", "--rate", "1e9", "--duration", "500ms", "--warmup", "50ms",
                    *ECHO_SCHEMA)
        self.assertLess(time.monotonic() - began, 30)
        self.expect(done, 2, re.compile(r"^errors +\d+ NOT_BEGUN$", re.MULTILINE))


if __name__ == "__main__":
    dial_process.run_tests()
