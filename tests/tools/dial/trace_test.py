"""dial trace: a call's steps in their order, and what the server and the kernel say of them."""

import json
import os
import re
import tempfile
import time

import dial_process
from dial_process import dial, ECHO_SCHEMA, ServedTest, Server


class Trace(ServedTest):
    SERVER = (dial_process.ECHO_SERVER,)

    def trace(self, method, *arguments):
        return dial("trace", self.server.address, "echo.Echo/" + method, *arguments)

    def test_the_steps_of_a_call(self):
        done = self.expect(self.trace("Sleep", '{"duration": "0.03s"}', "--json"), 0, None, "")
        *steps, reply = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual({"reply": {}}, reply)
        said = [step["step"] for step in steps]
        address = re.escape(self.server.address)
        for step, expected in zip(said, (f"begins: {address}", rf"connected: 127\.0\.0\.1:\d+ to {address}",
                                         r"request serialised: \d+ bytes", "reply read: 0 bytes", "ended: OK",
                                         "closed: the kernel says [A-Za-z0-9-]+"), strict=True):
            self.assertRegex(step, f"^{expected}$")
        times = [step["milliseconds"] for step in steps]
        self.assertEqual(times, sorted(times))
        self.assertGreaterEqual(times[3] - times[2], 30)
        server, kernel = steps[4]["notes"]
        handler = re.search(r"^before that, in the server: queued \d+\.\d{3} ms, handler (\d+\.\d{3}) ms$", server)
        self.assertGreaterEqual(float(handler.group(1)), 30)
        bytes_both_ways = re.search(r"^kernel: ESTAB, round trip .* (\d+) bytes out, (\d+) in$", kernel)
        self.assertGreater(int(bytes_both_ways.group(1)), 20)
        self.assertGreater(int(bytes_both_ways.group(2)), 20)

    def test_plain(self):
        done = self.expect(self.trace("Echo", '{"text": "a"}'), 0, None, "")
        self.assertRegex(done.stdout, r"^ +\d+\.\d{3} ms  begins: ")
        self.assertTrue(done.stdout.endswith('\n{\n  "text": "a"\n}\n'), done.stdout)

    def test_a_call_that_fails_is_told_to_its_end(self):
        done = self.trace("Fail", '{"code": 5, "message": "no"}')
        self.expect(done, 5, re.compile(r"ms  ended: NOT_FOUND\n(.*\n)+.*ms  closed: "), "dial: NOT_FOUND: no\n")

    def test_no_server(self):
        began = time.monotonic()
        done = dial("trace", "127.0.0.1:1", "echo.Echo/Echo", *ECHO_SCHEMA)
        self.expect(done, 14, re.compile("ms  ended: UNAVAILABLE\n"), re.compile("connection refused"))
        self.assertLess(time.monotonic() - began, 10)
        self.assertNotIn("connected", done.stdout)

    def test_a_unix_socket_is_none_of_tcp(self):
        with tempfile.TemporaryDirectory() as folder:
            with Server(dial_process.ECHO_SERVER, listen="unix:" + os.path.join(folder, "echo")) as server:
                done = self.expect(dial("trace", server.address, "echo.Echo/Echo"), 0, re.compile("ms  connected\n"), "")
                self.assertNotIn("kernel", done.stdout)

    def test_of_unary_methods_only(self):
        self.expect(self.trace("Chat"), 64, "", "dial: echo.Echo.Chat streams: dial trace tells of unary methods\n")


if __name__ == "__main__":
    dial_process.run_tests()
