"""Streams of the independent client against the real echo_server, as docs/protocol.md has them.

  python_streams_test.py echo_server
"""

import struct
import sys
import time
import unittest

import dialtone1_client as d
from dialtone1_client import (CANCEL, DATA, DEADLINE, END, MESSAGE, MORE, PING, REQUEST, RESPONSE, SETTINGS, WINDOW,
                              encode_frame, encode_metadata)
from dialtone1_stream import Stream
from echo_process import (CHAT, COLLECT, ECHO, PATIENCE, REPEAT, EchoServer, collect_reply, echo_request,
                          repeat_request)

SERVER = None
OK, CANCELLED, INVALID_ARGUMENT, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED = 0, 1, 3, 4, 8
WINDOW_BYTES = d.MINIMA[d.STREAM_WINDOW]
ROUNDS_MAX = 2000  # of loops that end much earlier


class StreamTest(unittest.TestCase):
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

    def raw(self):
        """A connection on which the handshake is done."""
        raw = d.RawConnection(self.server.host, self.server.port, timeout=PATIENCE)
        self.addCleanup(raw.close)
        raw.send(d.PREFACE + encode_frame(SETTINGS))
        self.assertEqual(d.PREFACE, raw.read_preface())
        self.assertEqual(SETTINGS, raw.read_frame().type)
        return raw

    def let_the_server_catch_up(self, client):
        """By calls that go round: PINGs in such numbers would be told off."""
        for _ in range(5):
            self.assertEqual(OK, client.call(ECHO, b"").status)


class Kinds(StreamTest):
    def test_one_request_and_many_replies(self):
        with Stream(self.client(), REPEAT, repeat_request(1000, "again")) as repeat:
            self.assertEqual([echo_request("again", b"", i) for i in range(1, 1001)], list(repeat))
            self.assertEqual(OK, repeat.finish().status)

    def test_one_request_and_no_reply(self):
        reply = Stream(self.client(), REPEAT, repeat_request(0)).finish()
        self.assertEqual((OK, []), (reply.status, reply.messages))

    def test_many_requests_and_one_reply(self):
        with Stream(self.client(), COLLECT) as collect:
            for i in range(1000):
                self.assertTrue(collect.write(echo_request(f"{i},", b"12")))
            reply = collect.finish()
        self.assertEqual(OK, reply.status, reply.status_text)
        self.assertEqual([collect_reply("".join(f"{i}," for i in range(1000)), 1000, 2000)], reply.messages)

    def test_no_request_and_one_reply(self):
        reply = Stream(self.client(), COLLECT).finish()
        self.assertEqual((OK, [b""]), (reply.status, reply.messages))

    def test_messages_both_ways_in_turn(self):
        with Stream(self.client(), CHAT) as chat:
            for i in range(1, 200):
                message = echo_request(f"message {i}", bytes(i), i)
                self.assertTrue(chat.write(message))
                self.assertEqual(message, chat.read())
            chat.half_close()
            self.assertIsNone(chat.read())
            self.assertEqual(OK, chat.finish().status)

    def test_empty_messages_are_messages(self):
        with Stream(self.client(), CHAT) as chat:
            self.assertTrue(chat.write(b"") and chat.write(b""))
            chat.half_close()
            self.assertEqual([b"", b""], list(chat))

    def test_the_first_message_may_come_with_the_request_and_the_end_with_the_last(self):
        raw = self.raw()
        path = encode_metadata([(":path", CHAT)])
        raw.send(encode_frame(REQUEST, MESSAGE, 1, 1, metadata=path, message=echo_request("a"))
                 + encode_frame(DATA, MESSAGE | END, 1, message=echo_request("b")))
        frames = [raw.read_frame()]
        while not frames[-1].flags & END:
            frames.append(raw.read_frame())
        self.assertEqual([echo_request("a"), echo_request("b")], [f.message for f in frames if f.flags & MESSAGE])
        self.assertEqual((RESPONSE, OK), (frames[-1].type, frames[-1].argument))

    def test_large_messages_in_pieces_both_ways(self):
        with Stream(self.client(), CHAT) as chat:
            for i in range(3):
                message = echo_request("", bytes([i]) * (3 << 20))
                self.assertTrue(chat.write(message))
                self.assertTrue(chat.read() == message)

    def test_many_streams_at_once_and_calls_between_them(self):
        client = self.client()
        streams = [Stream(client, CHAT) for _ in range(20)]
        for turn in range(10):
            for i, stream in enumerate(streams):
                self.assertTrue(stream.write(echo_request(f"{i}/{turn}")))
            self.assertEqual(OK, client.call(ECHO, b"").status)
            for i, stream in enumerate(streams):
                self.assertEqual(echo_request(f"{i}/{turn}"), stream.read())
        self.assertEqual([OK] * 20, [stream.finish().status for stream in streams])

    def test_initial_and_trailing_metadata(self):
        metadata = [("echo-initial", "hello"), ("echo-trailing", "goodbye")]
        for path, request in ((REPEAT, repeat_request(1)), (COLLECT, None), (CHAT, None)):
            with self.subTest(path), Stream(self.client(), path, request, metadata=metadata) as stream:
                if path == CHAT:
                    self.assertTrue(stream.write(b""))
                    self.assertEqual(b"", stream.read())
                    self.assertEqual([("echo-initial", b"hello")], stream.reply.initial_metadata)
                reply = stream.finish()
                self.assertEqual(OK, reply.status, reply.status_text)
                self.assertEqual([("echo-initial", b"hello")], reply.initial_metadata)
                self.assertEqual([("echo-trailing", b"goodbye")], reply.trailing_metadata)


class Ends(StreamTest):
    def test_the_server_ends_the_call_while_the_client_writes(self):
        client = self.client()
        with Stream(client, COLLECT) as collect:
            written = 0
            while written < ROUNDS_MAX and collect.write(echo_request("x" * 100_000)):
                written += 1
            self.assertLess(written, ROUNDS_MAX)
            self.assertFalse(collect.write(b""))
            reply = collect.finish()
        self.assertEqual((RESOURCE_EXHAUSTED, []), (reply.status, reply.messages))
        self.assertEqual(OK, client.call(ECHO, b"").status, "the connection goes on")

    def test_what_the_client_still_sends_to_an_ended_call_is_credited_and_dropped(self):
        raw = self.raw()
        path = encode_metadata([(":path", COLLECT)])
        raw.send(encode_frame(REQUEST, MESSAGE, 1, 1, metadata=path, message=b"\xff"))  # no Protobuf: ends at once
        while (frame := raw.read_frame()).type != RESPONSE:
            pass
        self.assertEqual((END, INVALID_ARGUMENT), (frame.flags & END, frame.argument))
        for _ in range(4):  # each within the stream's window, were it still open
            raw.send(encode_frame(DATA, MESSAGE, 1, message=bytes(60_000)))
        raw.send(encode_frame(DATA, END, 1) + encode_frame(CANCEL, 0, 1) + encode_frame(WINDOW, 0, 1, 5))
        raw.send(encode_frame(PING, argument=1))
        frame = raw.read_frame()
        self.assertEqual((PING, END), (frame.type, frame.flags))

    def test_cancel_in_the_middle(self):
        client = self.client()
        for path, request in ((REPEAT, repeat_request(1000, interval=0.005)), (COLLECT, None), (CHAT, None)):
            with self.subTest(path), Stream(client, path, request) as stream:
                begun = time.monotonic()
                if path == REPEAT:
                    self.assertEqual(echo_request("", b"", 1), stream.read())
                else:
                    self.assertTrue(stream.write(echo_request("x")))
                    client.ping(1)
                stream.cancel()
                self.assertIsNone(stream.read())
                self.assertEqual(CANCELLED, stream.finish().status)
                self.assertLess(time.monotonic() - begun, 4)

    def test_cancel_while_the_server_waits_for_credit(self):
        client = self.client()
        with Stream(client, REPEAT, repeat_request(1000, payload=bytes(100_000))) as repeat:
            self.assertIsNotNone(repeat.read())
            repeat.cancel()
            self.assertEqual(CANCELLED, repeat.finish().status)
        self.assertEqual(OK, client.call(ECHO, b"").status)

    def test_a_cancelled_message_that_was_not_whole(self):
        raw = self.raw()
        path = encode_metadata([(":path", CHAT)])
        raw.send(encode_frame(REQUEST, MESSAGE | MORE, 1, 1, metadata=path, message=struct.pack("<I", 9) + b"x")
                 + encode_frame(CANCEL, 0, 1))
        frame = raw.read_frame()
        self.assertEqual((RESPONSE, END, CANCELLED), (frame.type, frame.flags & ~DEADLINE, frame.argument))

    def test_the_servers_deadline_is_for_the_whole_stream(self):
        client = self.client()
        for path, request in ((REPEAT, repeat_request(10_000, interval=0.01)), (COLLECT, None), (CHAT, None)):
            with self.subTest(path):
                begun = time.monotonic()
                stream = client.start(path, request, timeout=0.2, end=request is not None)
                reply = client.wait(stream)  # looks at no clock: it is the server's deadline
                self.assertEqual(DEADLINE_EXCEEDED, reply.status, reply.status_text)
                self.assertGreaterEqual(time.monotonic() - begun, 0.2)
                self.assertLess(time.monotonic() - begun, 30)

    def test_the_clients_deadline_cancels(self):
        client = self.client()
        stream = Stream(client, CHAT, timeout=0.2)
        self.assertTrue(stream.write(b""))
        self.assertEqual(b"", stream.read())
        with self.assertRaises(TimeoutError):
            # At the same moment the server's may pass, whose status then is the end.
            if stream.read() is None:
                raise TimeoutError
        self.assertIn(stream.finish().status, (CANCELLED, DEADLINE_EXCEEDED))
        self.assertEqual(OK, client.call(ECHO, b"").status)

    def test_a_message_that_is_no_protobuf_ends_the_stream(self):
        with Stream(self.client(), CHAT) as chat:
            self.assertTrue(chat.write(echo_request("fine")))
            self.assertEqual(echo_request("fine"), chat.read())
            chat.write(b"\x0a\xff")
            self.assertIsNone(chat.read())
            reply = chat.finish()
            self.assertEqual(INVALID_ARGUMENT, reply.status)
            self.assertIn("echo.EchoRequest", reply.status_text)

    def test_a_server_streaming_call_with_two_requests(self):
        client = self.client()
        stream = client.start(REPEAT, repeat_request(1), end=False)
        client.send_message(stream, repeat_request(1), end=True)
        self.assertEqual(INVALID_ARGUMENT, client.wait(stream).status)


class Backpressure(StreamTest):
    def test_a_slow_reader_stops_a_server_that_writes(self):
        client = self.client()
        size = 10_000
        with Stream(client, REPEAT, repeat_request(100_000, payload=bytes(size))) as repeat:
            for _ in range(3):
                while not repeat.reply.messages:
                    client.pump()
                self.let_the_server_catch_up(client)
                held = sum(map(len, repeat.reply.messages))
                # A message that came in pieces was credited as it came, but for its last piece.
                self.assertLessEqual(held, WINDOW_BYTES + 2 * size)
                self.assertGreater(held, WINDOW_BYTES // 2)
                for _ in range(len(repeat.reply.messages)):
                    self.assertGreater(len(repeat.read()), size)
            repeat.cancel()
            self.assertEqual(CANCELLED, repeat.finish().status)

    def test_a_client_that_does_not_read_is_not_let_write_without_end(self):
        client = self.client()
        message = echo_request("", bytes(10_000))
        with Stream(client, CHAT) as chat:
            written = 0
            while written < ROUNDS_MAX and self.has_credit_for(client, chat, message):
                self.assertTrue(chat.write(message))
                written += 1
            # One window of what came back, one that the server has not read, and what the handler has in hand.
            self.assertLessEqual(written * len(message), 2 * WINDOW_BYTES + 4 * len(message))
            self.assertGreaterEqual(written * len(message), WINDOW_BYTES)
            for _ in range(written):
                self.assertEqual(message, chat.read())
            self.assertTrue(self.has_credit_for(client, chat, message))
            self.assertTrue(chat.write(message))
            self.assertEqual(message, chat.read())
            self.assertEqual(OK, chat.finish().status)

    def has_credit_for(self, client, stream, message):
        """Whether it has when the server has done all it can with what was written."""
        if stream.credit < len(message):
            self.let_the_server_catch_up(client)
        return stream.credit >= len(message)

    def test_a_stream_that_is_not_read_does_not_starve_its_neighbours(self):
        client = self.client()
        with Stream(client, REPEAT, repeat_request(1000, payload=bytes(50_000))) as starved:
            self.assertIsNotNone(starved.read())
            with Stream(client, REPEAT, repeat_request(200, payload=bytes(50_000))) as read:
                self.assertEqual(200, sum(1 for _ in read))
                self.assertEqual(OK, read.finish().status)
            starved.cancel()

    def test_large_windows_let_more_through(self):
        client = self.client(settings={d.STREAM_WINDOW: 4 << 20, d.CONNECTION_WINDOW: 8 << 20})
        with Stream(client, REPEAT, repeat_request(10_000, payload=bytes(10_000))) as repeat:
            self.assertIsNotNone(repeat.read())
            rounds = 0
            while sum(map(len, repeat.reply.messages)) < 3 << 20 and rounds < ROUNDS_MAX:
                client.pump()
                rounds += 1
            self.assertGreaterEqual(sum(map(len, repeat.reply.messages)), 3 << 20)


if __name__ == "__main__":
    SERVER = sys.argv[1]
    unittest.main(argv=sys.argv[:1])
