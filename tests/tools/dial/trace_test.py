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

    def steps(self, method, *arguments, address=None):
        """Those of a call that succeeds, and what it replied if that is told."""
        done = self.expect(dial("trace", address or self.server.address, "echo.Echo/" + method, *arguments, "--json"), 0,
                           None, "")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        times = [step["milliseconds"] for step in lines if step.get("milliseconds") is not None]
        self.assertEqual(times, sorted(times))
        return [line for line in lines if "event" in line], next((line["reply"] for line in lines if "reply" in line), None)

    def step(self, steps, event):
        found = [step for step in steps if step["event"] == event]
        self.assertEqual(1, len(found), event)
        return found[0]

    def test_the_steps_of_a_call(self):
        steps, reply = self.steps("Sleep", '{"duration": "0.03s"}')
        self.assertEqual({}, reply)
        self.assertEqual(["begins", "request serialised", "connecting", "connected", "settings written", "request written",
                          "settings read", "server", "reply read", "ended", "closing", "closed"],
                         [step["event"] for step in steps])
        address = re.escape(self.server.address)
        for event, expected in (("begins", f"begins: echo.Echo.Sleep at {address}"),
                                ("connecting", f"socket made, connects to {address}"),
                                ("connected", rf"connected: 127\.0\.0\.1:\d+ to {address}, after \d+\.\d+ ms"),
                                ("request written", f"request written to {address}"),
                                ("reply read", "reply read: 0 bytes"), ("ended", "ended: OK")):
            self.assertRegex(self.step(steps, event)["step"], f"^{expected}$")
        # That the request was written is known when it has been, and by then the server may have had it for a while.
        took = self.step(steps, "reply read")["milliseconds"] - self.step(steps, "connected")["milliseconds"]
        self.assertGreaterEqual(took, 30)
        server = self.step(steps, "server")
        self.assertIsNone(server["milliseconds"], "the server's clock is another one")
        self.assertGreaterEqual(server["handler_milliseconds"], 30)
        self.assertLessEqual(server["handler_milliseconds"] + server["queue_milliseconds"], took)

    def test_the_kernels_view_of_the_connection(self):
        steps, _ = self.steps("Echo", '{"text": "a"}')
        self.assertRegex(self.step(steps, "connecting")["notes"][0], "^the kernel says (syn-sent|established)$")
        for event in ("connected", "ended"):
            tcp = self.step(steps, event)["tcp"]
            self.assertEqual("established", tcp["state"])
            self.assertGreater(tcp["congestion_window_segments"], 0)
            self.assertGreater(tcp["round_trip_milliseconds"], 0)
            self.assertEqual(0, tcp["segments_sent_again"])
        ended = self.step(steps, "ended")
        self.assertGreater(ended["bytes_out"], 20)
        self.assertGreater(ended["bytes_in"], 20)
        self.assertEqual(["the kernel says established"], self.step(steps, "closing")["notes"])
        # This side has closed first: its end is kept, unless a busy machine has not got to the server's FIN yet.
        self.assertIn(self.step(steps, "closed")["kernel_state"], ("time-wait", "fin-wait-1", "fin-wait-2"))

    def test_a_name_is_looked_up(self):
        port = self.server.address.rsplit(":", 1)[1]
        steps, _ = self.steps("Echo", address=f"localhost:{port}")
        events = [step["event"] for step in steps]
        self.assertLess(events.index("look up"), events.index("resolved"))
        self.assertLess(events.index("resolved"), events.index("connecting"))
        self.assertRegex(self.step(steps, "resolved")["step"], rf"^resolved: .*127\.0\.0\.1:{port}.*, after \d+\.\d+ ms$")

    def test_plain(self):
        done = self.expect(self.trace("Echo", '{"text": "a"}'), 0, None, "")
        self.assertRegex(done.stdout, r"^ +\d+\.\d{3} ms  begins: ")
        self.assertRegex(done.stdout, r"\n {14}in the server: queued \d+\.\d{3} ms, handler \d+\.\d{3} ms; on the way, there and "
                         r"back: \d+\.\d{3} ms\n *\d+\.\d{3} ms  reply read: 3 bytes\n")
        self.assertRegex(done.stdout, r"\n {14}the kernel says established; round trip \d+\.\d{3} ms \(variation ")
        self.assertTrue(done.stdout.endswith('\n{\n  "text": "a"\n}\n'), done.stdout)

    # --- Streams ---

    def test_each_message_of_a_server_that_streams(self):
        steps, reply = self.steps("Repeat", '{"text": "tick", "count": 3, "interval": "0.02s"}')
        self.assertIsNone(reply)
        read = [step for step in steps if step["event"] == "message read"]
        self.assertEqual([1, 2, 3], [step["number"] for step in read])
        self.assertEqual("message 1 read: 8 bytes", read[0]["step"])
        self.assertGreaterEqual(read[2]["milliseconds"] - read[0]["milliseconds"], 30)
        self.assertGreaterEqual(self.step(steps, "server")["handler_milliseconds"], 30)
        self.assertEqual("ended: OK", self.step(steps, "ended")["step"])

    def test_each_message_of_a_client_that_streams(self):
        steps, reply = self.steps("Collect", '{"text": "a"}', '{"text": "bcd"}')
        self.assertEqual({"text": "abcd", "count": "2"}, reply)
        sent = [(step["number"], step["bytes"]) for step in steps if step["event"] == "message sent"]
        self.assertEqual([(1, 3), (2, 5)], sent)
        events = [step["event"] for step in steps]
        self.assertEqual("half-closed", events[-events[::-1].index("message sent")])
        self.assertLess(events.index("half-closed"), events.index("reply read"))

    def test_both_ways_from_stdin(self):
        done = self.expect(dial("trace", self.server.address, "echo.Echo/Chat", "--json", says='{"text": "a"} {"text": "b"}'), 0)
        events = [json.loads(line)["event"] for line in done.stdout.splitlines()]
        self.assertEqual(2, events.count("message sent"))
        self.assertEqual(2, events.count("message read"))
        self.assertEqual(1, events.count("half-closed"))
        self.assertEqual(["ended", "closing", "closed"], events[-3:])

    def test_of_many_messages_the_first_and_the_last(self):
        done = self.expect(self.trace("Repeat", '{"text": "tick", "count": 1000}'), 0, None, "")
        shown = [int(number) for number in re.findall(r"ms  message (\d+) read: ", done.stdout)]
        self.assertEqual([*range(1, 11), *range(991, 1001)], shown)
        self.assertRegex(done.stdout, r"message 10 read: 8 bytes\n {14}… 980 more messages\n *\d+\.\d+ ms  message 991 read")

    def test_a_wrong_message_is_no_call(self):
        self.expect(self.trace("Collect", '{"text": "a"}', '{"txet": "b"}'), 64, "",
                    re.compile("^dial: echo.EchoRequest has no field txet; did you mean text"))

    # --- Failures ---

    def wait_for_call(self, address, method):
        """Until the server has one under way."""
        until = time.monotonic() + dial_process.PATIENCE
        pattern = re.compile(re.escape(method) + r'"[^{}]*"in_flight":1\b')
        while not pattern.search(dial("watch", address, "--count", "1", "--interval", "10ms", "--json").stdout):
            self.assertLess(time.monotonic(), until)

    def test_a_call_that_fails_is_told_to_its_end(self):
        done = self.trace("Fail", '{"code": 5, "message": "no"}')
        self.expect(done, 5, re.compile(r"ms  ended: NOT_FOUND\n(.*\n)+.*ms  closed: "), "dial: NOT_FOUND: no\n")

    def test_no_server(self):
        began = time.monotonic()
        done = dial("trace", "127.0.0.1:1", "echo.Echo/Echo", *ECHO_SCHEMA)
        self.expect(done, 14, re.compile("ms  socket made, connects to 127.0.0.1:1\n(.*\n)*"
                                         ".*ms  closed: connect 127.0.0.1:1: connection refused\n(.*\n)*.*ms  ended: UNAVAILABLE\n"),
                    re.compile("connection refused"))
        self.assertLess(time.monotonic() - began, 10)
        for step in ("connected", "SETTINGS", "written"):
            self.assertNotIn(step, done.stdout)

    def test_a_server_that_dies_mid_stream(self):
        with Server(dial_process.ECHO_SERVER) as server:
            process = dial_process.start("trace", server.address, "echo.Echo/Chat")
            try:
                process.stdin.write('{"text": "a"}\n')
                process.stdin.flush()
                self.wait_for_call(server.address, "echo.Echo/Chat")
                server.kill()
                out, _ = process.communicate(timeout=dial_process.PATIENCE)
                self.assertEqual(14, process.returncode, out)
                self.assertRegex(out, r"request written(.*\n)+.*ms  closed: wait for reply from .*\n(.*\n)*.*ms  ended: UNAVAILABLE")
            finally:
                dial_process.finish(process)

    def test_ctrl_c_ends_a_stream_and_tells_what_was(self):
        process = dial_process.start("trace", self.server.address, "echo.Echo/Repeat",
                                     '{"text": "tick", "count": 1000000, "interval": "1s"}')
        try:
            self.wait_for_call(self.server.address, "echo.Echo/Repeat")
            code, took = dial_process.interrupt(process)
            self.assertEqual(130, code)
            self.assertLess(took, 5)
            self.assertIn("ended: CANCELLED", process.stdout.read())
        finally:
            dial_process.finish(process)

    def test_a_unix_socket_is_none_of_tcp(self):
        with tempfile.TemporaryDirectory() as folder:
            path = "unix:" + os.path.join(folder, "echo")
            with Server(dial_process.ECHO_SERVER, listen=path) as server:
                done = self.expect(dial("trace", server.address, "echo.Echo/Echo"), 0,
                                   re.compile("ms  connected: unix:.*, after "), "")
                self.assertNotIn("kernel", done.stdout)


if __name__ == "__main__":
    dial_process.run_tests()
