"""The independent client against the real echo_server: whoever reads docs/protocol.md can talk to it.

  python_interop_test.py echo_server

Longer than 400 lines because it goes through the document section by section.
"""

import struct
import sys
import time
import unittest

import dialtone1_client as d
from dialtone1_client import (CANCEL, DATA, END, GOAWAY, MESSAGE, MORE, PING, REQUEST, RESPONSE, SETTINGS,
                              WINDOW, encode_frame, encode_metadata)
from echo_process import (ECHO, FAIL, PATIENCE, SLEEP, EchoServer, echo_request, fail_request, number_field,
                          sleep_request, text_field)

SERVER = None
OK, CANCELLED, INVALID_ARGUMENT, DEADLINE_EXCEEDED, UNIMPLEMENTED = 0, 1, 3, 4, 12
LARGEST = 4 * 1024 * 1024
HELLO = d.PREFACE + encode_frame(SETTINGS)


def pattern(size):
    """Bytes that differ from place to place, so that a piece in the wrong place shows."""
    return (b"".join(struct.pack("<I", i * 2654435761 & 0xFFFFFFFF) for i in range(size // 4 + 1)))[:size]


def request(stream, method, path=None, message=b"", flags=END | MESSAGE, **more):
    block = encode_metadata([(":path", path)] if path else [])
    return encode_frame(REQUEST, flags, stream, method, metadata=block, message=message, **more)


class InteropTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = EchoServer(SERVER)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def client(self, **options):
        client = d.Client(self.server.host, self.server.port, timeout=PATIENCE, **options)
        self.addCleanup(client.close)
        return client

    def raw(self, first=HELLO):
        """A connection on which the handshake is done."""
        raw = d.RawConnection(self.server.host, self.server.port, timeout=PATIENCE)
        self.addCleanup(raw.close)
        raw.send(first)
        self.assertEqual(d.PREFACE, raw.read_preface())
        self.assertEqual(SETTINGS, raw.read_frame().type)
        return raw


class Calls(InteropTest):
    def test_unary_call(self):
        reply = self.client().call(ECHO, echo_request("hello", b"\x00\xff", 7), timeout=PATIENCE)
        self.assertEqual((OK, ""), (reply.status, reply.status_text))
        self.assertEqual([echo_request("hello", b"\x00\xff", 7)], reply.messages)
        self.assertFalse(reply.refused)
        self.assertIsNone(reply.times)

    def test_empty_message(self):
        reply = self.client().call(ECHO, b"")
        self.assertEqual((OK, [b""]), (reply.status, reply.messages))

    def test_times_for_those_who_want_them(self):
        client = self.client(settings={d.WANTS_TIMES: 1})
        reply = client.call(SLEEP, sleep_request(0.05))
        self.assertEqual(OK, reply.status)
        self.assertGreaterEqual(reply.times[1], 50_000, "microseconds in the handler")

    def test_many_calls_interleaved(self):
        client = self.client()
        slow = [client.start(SLEEP, sleep_request(0.3 - i / 100)) for i in range(20)]
        quick = [client.start(ECHO, echo_request(f"call {i}", pattern(i * 100), i)) for i in range(300)]
        for i, stream in enumerate(quick):
            self.assertEqual(echo_request(f"call {i}", pattern(i * 100), i), client.wait(stream).message)
        for stream in slow:
            self.assertEqual(OK, client.wait(stream).status)

    def test_quick_calls_overtake_slow_ones(self):
        client = self.client()
        slow = client.start(SLEEP, sleep_request(60))
        self.assertEqual(OK, client.call(ECHO, echo_request("quick")).status)
        self.assertFalse(client.streams[slow].reply.ended)
        client.cancel(slow)
        client.wait(slow)

    def test_largest_messages_in_pieces_both_ways(self):
        client = self.client()
        message = echo_request("", pattern(LARGEST - 5))
        self.assertEqual(LARGEST, len(message))
        streams = [client.start(ECHO, message) for _ in range(3)]
        for stream in streams:
            reply = client.wait(stream)
            self.assertEqual(OK, reply.status, reply.status_text)
            self.assertTrue(reply.message == message)

    def test_larger_windows_than_the_smallest(self):
        client = self.client(settings={d.STREAM_WINDOW: 8 << 20, d.CONNECTION_WINDOW: 16 << 20})
        message = echo_request("", pattern(3 << 20))
        self.assertTrue(client.call(ECHO, message).message == message)

    def test_method_ids_are_bound_once_and_reused(self):
        raw = self.raw()
        for stream, method, path, text in ((1, 9, ECHO, "a"), (3, 9, None, "b"), (5, 0, ECHO, "c"), (7, 4, ECHO, "d"),
                                           (9, 9, None, "e"), (11, 4, None, "f")):
            raw.send(request(stream, method, path, echo_request(text)))
            frame = raw.read_frame()
            self.assertEqual((RESPONSE, stream, OK, echo_request(text)),
                             (frame.type, frame.stream, frame.argument, frame.message))

    def test_method_ids_beyond_the_servers_are_not_used(self):
        client = self.client()
        client.ping()  # SETTINGS have come
        names = client.server[d.MAX_METHODS] + 3
        for i in range(names):
            path = f"/echo.Echo/Method{i}"
            for time_of_use in range(2):
                reply = client.call(path, b"")
                self.assertEqual(UNIMPLEMENTED, reply.status)
                # The server keeps some of the names that it does not know, not all that a client binds.
                if time_of_use == 0 or i < 500 or i >= names - 3:
                    self.assertIn(path, reply.status_text)
        self.assertEqual(OK, client.call(ECHO, b"").status)

    def test_metadata_of_text_and_bytes(self):
        metadata = [("trace", "ab 12~"), ("token-bin", bytes(range(256))), ("trace", "again"), ("empty", "")]
        self.assertEqual(OK, self.client().call(ECHO, b"", metadata=metadata).status)

    def test_unknown_protocol_keys_are_passed_over(self):
        self.assertEqual(OK, self.client().call(ECHO, b"", metadata=[(":from-the-future", "x")]).status)

    def test_stream_ids_may_be_left_out(self):
        raw = self.raw()
        for stream in (5, 1001, 0xFFFFFFF1):
            raw.send(request(stream, 0, ECHO, echo_request("x")))
            self.assertEqual((RESPONSE, stream, OK), self.head(raw.read_frame()))

    @staticmethod
    def head(frame):
        return frame.type, frame.stream, frame.argument


class Failures(InteropTest):
    def test_status_with_text_and_details(self):
        details = [("type.googleapis.com/test.First", b"\x0a\x01x"), ("type.googleapis.com/test.Second", b"")]
        reply = self.client().call(FAIL, fail_request(5, "kein Schlüssel", details))
        self.assertEqual((5, "kein Schlüssel", []), (reply.status, reply.status_text, reply.messages))
        self.assertEqual(sorted(details), sorted(reply.details))

    def test_every_code(self):
        client = self.client()
        for code in range(1, 17):
            self.assertEqual(code, client.call(FAIL, fail_request(code, "as told")).status)

    def test_unknown_methods_are_named(self):
        client = self.client()
        for path in ("/echo.Echo/Sing", "/no.Such/Service"):
            reply = client.call(path, b"")
            self.assertEqual(UNIMPLEMENTED, reply.status)
            self.assertIn(path, reply.status_text)

    def test_a_request_that_is_no_protobuf_names_the_type(self):
        client = self.client()
        for message in (b"\x0a\xff", b"\xff" * 12, text_field(1, b"\xff\xfe")):
            reply = client.call(ECHO, message)
            self.assertEqual(INVALID_ARGUMENT, reply.status, message)
            self.assertIn("echo.EchoRequest", reply.status_text)
        self.assertEqual(OK, client.call(ECHO, number_field(77, 1)).status, "a field that nobody knows is fine")

    def test_a_unary_call_with_no_message_or_two(self):
        client = self.client()
        reply = client.wait(client.start(ECHO))
        self.assertEqual(INVALID_ARGUMENT, reply.status)
        stream = client.start(ECHO, b"", end=False)
        client.send_message(stream, b"", end=True)
        self.assertEqual(INVALID_ARGUMENT, client.wait(stream).status)
        self.assertEqual(OK, client.call(ECHO, b"").status)

    def test_an_end_behind_the_message(self):
        client = self.client()
        stream = client.start(ECHO, echo_request("x"), end=False)
        client.send_end(stream)
        reply = client.wait(stream)
        self.assertEqual((OK, [echo_request("x")]), (reply.status, reply.messages))

    def test_deadline(self):
        client = self.client()
        begun = time.monotonic()
        stream = client.start(SLEEP, sleep_request(60), timeout=0.1)
        reply = client.wait(stream)  # looks at no clock: it is the server's deadline
        self.assertEqual(DEADLINE_EXCEEDED, reply.status)
        self.assertEqual([], reply.messages)
        self.assertGreaterEqual(time.monotonic() - begun, 0.1)
        self.assertLess(time.monotonic() - begun, 30)

    def test_a_deadline_that_has_passed_already(self):
        client = self.client()
        for method, request in ((SLEEP, sleep_request(60)), (ECHO, echo_request("x"))):
            reply = client.wait(client.start(method, request, timeout=0))
            self.assertEqual((DEADLINE_EXCEEDED, []), (reply.status, reply.messages))

    def test_cancel_is_answered_when_the_handler_has_ended(self):
        client = self.client()
        for first_ping in (True, False):
            begun = time.monotonic()
            stream = client.start(SLEEP, sleep_request(60))
            if first_ping:
                client.ping(1)  # the handler has begun
            client.cancel(stream)
            reply = client.wait(stream)
            self.assertEqual((CANCELLED, []), (reply.status, reply.messages))
            self.assertLess(time.monotonic() - begun, 30)
        self.assertEqual(OK, client.call(ECHO, b"").status)

    def test_deadline_of_a_request_whose_end_never_comes(self):
        client = self.client()
        for message in (None, b""):
            reply = client.wait(client.start(ECHO, message, timeout=0.05, end=False))
            self.assertEqual(DEADLINE_EXCEEDED, reply.status)
        self.assertEqual(OK, client.call(ECHO, b"").status)

    def test_cancel_of_a_call_that_has_ended(self):
        raw = self.raw()
        raw.send(request(1, 1, ECHO, b""))
        self.assertEqual(RESPONSE, raw.read_frame().type)
        raw.send(encode_frame(CANCEL, stream=1) + encode_frame(WINDOW, stream=1, argument=5)
                 + encode_frame(PING, argument=3))
        self.assertEqual((PING, END, 3), (lambda f: (f.type, f.flags, f.argument))(raw.read_frame()))

    def test_cancel_of_a_request_that_is_not_whole(self):
        client = self.client()
        for message in (None, b""):
            stream = client.start(ECHO, message, end=False)
            client.ping(1)
            client.cancel(stream)
            self.assertEqual(CANCELLED, client.wait(stream).status)


class Windows(InteropTest):
    def read_data(self, raw, total):
        """Reads until so many bytes of messages have come and the server has said all it may."""
        charged, frames = 0, []
        while charged < total:
            frame = raw.read_frame()
            if frame.type in (DATA, RESPONSE):
                frames.append(frame)
                charged += d.charge_of(len(frame.message))
        raw.send(encode_frame(PING, argument=99))
        while (frame := raw.read_frame()).type != PING:
            self.assertEqual(WINDOW, frame.type, "more than the window lets through")
        return charged, frames

    def test_a_server_sends_what_it_has_credit_for_and_no_more(self):
        raw = self.raw()
        message = echo_request("", pattern(700_000))
        raw.send(request(1, 1, ECHO, struct.pack("<I", len(message)) + message[:60_000], MESSAGE | MORE))
        for at in range(60_000, len(message), 60_000):
            last = at + 60_000 >= len(message)
            raw.send(encode_frame(DATA, MESSAGE | (END if last else MORE), 1, message=message[at:at + 60_000]))
        window = d.MINIMA[d.STREAM_WINDOW]
        charged, frames = self.read_data(raw, window)
        self.assertEqual(window, charged)
        for grant in (4096, 100_000):
            raw.send(encode_frame(WINDOW, stream=1, argument=grant))
            charged, more = self.read_data(raw, grant)
            self.assertEqual(grant, charged)
            frames += more
        raw.send(encode_frame(WINDOW, stream=1, argument=1 << 20))
        while not frames[-1].flags & END:
            if (frame := raw.read_frame()).type in (DATA, RESPONSE):
                frames.append(frame)
        body = b"".join(frame.message for frame in frames)
        self.assertEqual(struct.pack("<I", len(message)), body[:4])
        self.assertTrue(body[4:] == message)

    def test_the_connections_window_holds_for_all_streams_together(self):
        raw = self.raw(d.PREFACE + encode_frame(SETTINGS, message=d.encode_settings({d.STREAM_WINDOW: 1 << 24})))
        message = echo_request("", pattern(50_000))
        for i in range(30):
            raw.send(request(2 * i + 1, 1, None if i else ECHO, message))
        window = d.MINIMA[d.CONNECTION_WINDOW]
        charged, _ = self.read_data(raw, window - 1023)  # a server need not send a piece under 1 KiB
        self.assertLessEqual(charged, window)
        raw.send(encode_frame(WINDOW, argument=1 << 20))
        while charged < 30 * len(message):
            frame = raw.read_frame()
            charged += len(frame.message) if frame.type in (DATA, RESPONSE) else 0

    def test_credit_of_a_whole_message_may_come_back_in_small_change(self):
        client = self.client()
        client.settings[d.STREAM_WINDOW] = 2048  # what this client gives credit by, not what it has announced
        message = echo_request("", pattern(600_000))
        self.assertTrue(client.call(ECHO, message).message == message)


class Connections(InteropTest):
    def test_pings_are_answered_in_order(self):
        raw = self.raw()
        raw.send(b"".join(encode_frame(PING, argument=i) for i in range(8)))
        self.assertEqual([(PING, END, i) for i in range(8)],
                         [(f.type, f.flags, f.argument) for f in (raw.read_frame() for _ in range(8))])
        raw.send(encode_frame(PING, END, argument=12345) + encode_frame(PING, argument=1))
        self.assertEqual(1, raw.read_frame().argument, "an answer that nobody asked for is ignored")

    def test_frames_that_may_be_skipped_are(self):
        raw = self.raw()
        raw.send(encode_frame(0x80 | 9, 0xFF, 0xFFFFFFFF, 7, message=bytes(100_000)) + encode_frame(0xFF)
                 + request(1, 1, ECHO, b""))
        self.assertEqual(RESPONSE, raw.read_frame().type)

    def test_a_later_minor_version_and_unknown_settings(self):
        preface = d.PREFACE[:6] + b"\x63\x00"
        raw = self.raw(preface + encode_frame(SETTINGS, message=d.encode_settings({999: 5, d.FEATURES: 0xFFFFFFFC})
                                            + struct.pack("<HI", 999, 6)))
        raw.send(request(1, 1, ECHO, b""))
        self.assertEqual(RESPONSE, raw.read_frame().type)

    def test_every_byte_by_itself(self):
        raw = d.RawConnection(self.server.host, self.server.port, timeout=PATIENCE)
        self.addCleanup(raw.close)
        message = echo_request("one byte at a time")
        for byte in HELLO + request(1, 1, ECHO, message) + encode_frame(PING, argument=4):
            raw.send(bytes([byte]))
        raw.read_preface()
        frames = [raw.read_frame() for _ in range(3)]
        self.assertEqual([SETTINGS, RESPONSE, PING], sorted(f.type for f in frames))
        self.assertIn(message, [f.message for f in frames])

    def test_a_client_that_leaves_is_left(self):
        client = self.client()
        self.assertEqual(OK, client.call(ECHO, b"").status)
        client.send(encode_frame(GOAWAY, message=struct.pack("<I", 0) + b"bye"))
        client.finish()  # half-closes, reads to the end


class Drain(InteropTest):
    def setUp(self):
        self.draining = EchoServer(SERVER)
        self.addCleanup(self.draining.close)
        self.server = self.draining

    def goaway(self, frame):
        self.assertEqual(GOAWAY, frame.type)
        goaway = d.Goaway.read(frame)
        self.assertEqual(0, goaway.reason)
        return goaway.last_stream

    def test_a_server_drains_as_the_document_says(self):
        raw = self.raw()
        raw.send(request(1, 1, SLEEP, sleep_request(1)))
        raw.send(request(3, 2, ECHO, b""))
        self.assertEqual(3, raw.read_frame().stream)
        self.draining.terminate()
        self.assertEqual(0xFFFFFFFF, self.goaway(raw.read_frame()))
        ping = raw.read_frame()
        self.assertEqual((PING, 0), (ping.type, ping.flags))
        raw.send(request(5, 2, message=echo_request("before the answer"))
                 + encode_frame(PING, END, argument=ping.argument))
        frames = [raw.read_frame(), raw.read_frame()]
        answer = next(f for f in frames if f.type == RESPONSE)
        self.assertEqual((5, OK, echo_request("before the answer")), (answer.stream, answer.argument, answer.message))
        self.assertEqual(5, self.goaway(next(f for f in frames if f.type == GOAWAY)))
        raw.send(request(7, 2, message=echo_request("too late")))
        rest = raw.read_until_close()
        self.assertEqual([(RESPONSE, 1, OK)], [(f.type, f.stream, f.argument) for f in rest])
        raw.close()
        self.assertEqual(0, self.draining.exit_code())
        self.assertRegex(self.draining.log(), r"draining: 1 calls? under way")

    def test_health_checks_are_answered_while_it_drains(self):
        health, overall, echo = "/grpc.health.v1.Health/Check", b"", text_field(1, "echo.Echo")
        serving, not_serving = number_field(1, 1), number_field(1, 2)
        raw = self.raw()
        raw.send(request(1, 1, health, overall) + request(3, 1, message=echo))
        self.assertEqual([serving, serving], [raw.read_frame().message for _ in range(2)])
        self.draining.terminate()
        self.assertEqual([GOAWAY, PING], [raw.read_frame().type for _ in range(2)])
        raw.send(request(5, 1, message=overall) + request(7, 1, message=echo))
        self.assertEqual([not_serving, not_serving], [raw.read_frame().message for _ in range(2)])
        raw.close()
        self.assertEqual(0, self.draining.exit_code())

    def test_a_client_that_does_not_answer_is_not_waited_for_long(self):
        raw = self.raw()
        raw.send(request(1, 1, ECHO, b""))
        raw.read_frame()
        self.draining.terminate()
        frames = raw.read_until_close()
        self.assertEqual([GOAWAY, PING, GOAWAY], [f.type for f in frames])
        self.assertEqual(1, self.goaway(frames[2]))
        self.assertEqual(0, self.draining.exit_code(), "although this side has not closed")

    def test_nobody_can_connect_to_a_server_that_drains(self):
        raw = self.raw()
        raw.send(request(1, 1, SLEEP, sleep_request(0.5)) + encode_frame(PING))
        raw.read_frame()  # the call has been taken
        self.draining.terminate()
        self.goaway(raw.read_frame())
        with self.assertRaises(OSError):
            d.RawConnection(self.draining.host, self.draining.port)
        self.assertIn((RESPONSE, 1, OK), [(f.type, f.stream, f.argument) for f in raw.read_until_close()])
        self.assertEqual(0, self.draining.exit_code())

    def test_requests_of_a_client_that_left_do_not_hold_the_server_up(self):
        before = self.draining.descriptors()
        raw = self.raw()
        raw.send(request(1, 1, ECHO, b"", MESSAGE) + request(3, 2, SLEEP, sleep_request(3000)) + request(5, 0, FAIL, b"", 0)
                 + encode_frame(PING))
        raw.read_frame()  # all have been taken
        raw.close()
        self.draining.wait_for_descriptors(before)
        self.draining.terminate()
        self.assertEqual(0, self.draining.exit_code())
        self.assertIn("draining: 0 calls under way", self.draining.log())

    def test_a_client_of_many_calls_loses_none(self):
        client = d.Client(self.draining.host, self.draining.port, timeout=PATIENCE)
        self.addCleanup(client.close)
        streams = [client.start(SLEEP, sleep_request(i / 100)) for i in range(40)]
        client.ping(1)  # all have been taken
        self.draining.terminate()
        self.assertEqual([OK] * 40, [client.wait(stream).status for stream in streams])
        client.finish()
        self.assertEqual(0, self.draining.exit_code())


if __name__ == "__main__":
    SERVER = sys.argv[1]
    unittest.main(argv=sys.argv[:1])
