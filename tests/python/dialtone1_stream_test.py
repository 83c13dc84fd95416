#!/usr/bin/env python3
"""Streams of the independent client against recorded bytes and against a server that follows a script."""

import struct
import time
import unittest

import dialtone1_client as d
from dialtone1_client import CANCEL, DATA, END, MESSAGE, MORE, PING, REQUEST, RESPONSE, WINDOW, encode_frame
from dialtone1_stream import Stream
from scripted_server import Script, greet

# A call with two messages each way, byte by byte. First what the client says, then the server's answers to it.
CHAT = [
    ("1e 00 00 00 02 00 1e 00 01 00 00 00 01 00 00 00"  # REQUEST, stream 1, method 1, no message yet
     "05 16 00 3a 70 61 74 68 2f 65 63 68 6f 2e 45 63 68 6f 2f 43 68 61 74 74 65 72 6f 75 73 21"
     "02 00 00 00 04 04 00 00 01 00 00 00 00 00 00 00 68 69",  # DATA, MESSAGE: "hi"
     "0e 00 00 00 03 00 0e 00 01 00 00 00 00 00 00 00"  # RESPONSE, initial metadata
     "05 06 00 65 61 72 6c 79 61 20 62 69 72 64"  # early: "a bird"
     "02 00 00 00 04 04 00 00 01 00 00 00 00 00 00 00 79 6f"),  # DATA, MESSAGE: "yo"
    ("00 00 00 00 04 04 00 00 01 00 00 00 00 00 00 00"  # DATA, MESSAGE: an empty message
     "00 00 00 00 04 01 00 00 01 00 00 00 00 00 00 00",  # DATA, END
     "03 00 00 00 04 04 00 00 01 00 00 00 00 00 00 00 62 79 65"  # DATA, MESSAGE: "bye"
     "0b 00 00 00 03 01 0b 00 01 00 00 00 00 00 00 00"  # RESPONSE, END, status 0
     "04 04 00 6c 61 74 65 73 6f 6f 6e"),  # late: "soon"
]


def end(stream, status=0, **more):
    return encode_frame(RESPONSE, END, stream, status, **more)


def expect(peer, type_, flags, stream=1, argument=0, message=b""):
    """The next frame, which must be this one."""
    frame = peer.read_frame()
    assert (frame.type, frame.flags, frame.stream, frame.argument, frame.message) == (
        type_, flags, stream, argument, message), frame
    return frame


class RecordedBytes(unittest.TestCase):
    def test_a_call_with_messages_both_ways(self):
        def play(peer):
            greet(peer)
            for says, answers in CHAT:
                says = bytes.fromhex(says)
                said = peer.read_exactly(len(says))
                assert said == says, said.hex(" ")
                peer.send(bytes.fromhex(answers))

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            chat = Stream(client, "/echo.Echo/Chatterous!")
            self.assertTrue(chat.write(b"hi"))
            self.assertEqual([("early", b"a bird")], chat.read_initial_metadata())
            self.assertEqual(b"yo", chat.read())
            self.assertTrue(chat.write(b""))
            chat.half_close()
            self.assertEqual(b"bye", chat.read())
            self.assertIsNone(chat.read())
            reply = chat.finish()
            self.assertEqual((0, [("late", b"soon")]), (reply.status, reply.trailing_metadata))
            self.assertEqual({}, client.streams)


class Kinds(unittest.TestCase):
    def test_one_request_and_many_replies(self):
        def play(peer):
            greet(peer)
            request = peer.read_frame()
            assert (request.type, request.flags, request.message) == (REQUEST, END | MESSAGE, b"go"), request
            for i in range(5):
                peer.send(encode_frame(DATA, MESSAGE, request.stream, message=b"%d" % i))
            peer.send(encode_frame(RESPONSE, END | MESSAGE, request.stream, message=b"last"))

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            with Stream(client, "/a.B/C", b"go") as follow:
                self.assertEqual([b"0", b"1", b"2", b"3", b"4", b"last"], list(follow))
                self.assertEqual(0, follow.finish().status)

    def test_many_requests_and_one_reply(self):
        def play(peer):
            greet(peer)
            expect(peer, REQUEST, 0, argument=1)
            for text in (b"a", b"b"):
                expect(peer, DATA, MESSAGE, message=text)
            expect(peer, DATA, END)
            peer.send(encode_frame(RESPONSE, END | MESSAGE, 1, message=b"ab"))

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            with Stream(client, "/a.B/C") as collect:
                self.assertTrue(collect.write(b"a") and collect.write(b"b"))
                reply = collect.finish()
        self.assertEqual((0, b"ab"), (reply.status, reply.message))


class Ends(unittest.TestCase):
    def test_the_server_may_end_the_call_while_the_client_writes(self):
        def play(peer):
            greet(peer)
            peer.read_frame()
            peer.send(encode_frame(DATA, MESSAGE, 1, message=b"enough") + end(1, 9))
            peer.send(encode_frame(PING, END, argument=7))  # what the client waits for
            assert [f.type for f in peer.read_until_close()] == [PING]

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            collect = Stream(client, "/a.B/C")
            client.ping(7)
            self.assertFalse(collect.write(b"more"))
            collect.half_close()  # the stream is closed both ways: nothing is to be said
            self.assertEqual(b"enough", collect.read())
            self.assertIsNone(collect.read())
            self.assertEqual(9, collect.finish().status)

    def test_an_end_gives_up_a_message_that_waits_for_credit(self):
        def play(peer):
            greet(peer)
            received = 0
            while received < d.MINIMA[d.STREAM_WINDOW] - d.MIN_PIECE:
                received += len(peer.read_frame().message)
            peer.send(end(1, 8))

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            collect = Stream(client, "/a.B/C")
            self.assertFalse(collect.write(bytes(1 << 20)))
            self.assertEqual(8, collect.finish().status)

    def test_cancel_in_the_middle_drops_what_comes_and_waits_for_the_end(self):
        part = bytes(60_000)

        def play(peer):
            greet(peer)
            peer.read_frame()
            peer.send(encode_frame(DATA, MESSAGE, 1, message=b"one"))
            expect(peer, CANCEL, 0)
            # What was under way, its last message not whole; its bytes go back to the connection alone.
            for _ in range(20):
                peer.send(encode_frame(DATA, MESSAGE, 1, message=part))
            peer.send(encode_frame(DATA, MESSAGE | MORE, 1, message=struct.pack("<I", 9) + b"x") + end(1, 1))
            peer.send(encode_frame(PING, 0, 0, 5))
            frames = []
            while not frames or frames[-1].type != PING:
                frames.append(peer.read_frame())
            assert {(f.type, f.stream) for f in frames[:-1]} == {(WINDOW, 0)}, frames
            peer.send(encode_frame(PING, END, 0, 3))

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            follow = Stream(client, "/a.B/C", b"")
            self.assertEqual(b"one", follow.read())
            follow.cancel()
            self.assertIsNone(follow.read())
            reply = follow.finish()
            self.assertEqual((1, []), (reply.status, reply.messages))
            while client.pongs != [3]:
                client.pump()

    def test_leaving_a_stream_before_its_end_cancels_it(self):
        def play(peer):
            greet(peer)
            expect(peer, REQUEST, 0, argument=1)
            expect(peer, CANCEL, 0)
            peer.send(end(1, 1))

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            with Stream(client, "/a.B/C"):
                pass
            self.assertEqual({}, client.streams)

    def test_the_deadline_is_for_the_whole_call(self):
        def play(peer):
            greet(peer)
            request = peer.read_frame()
            assert struct.unpack("<Q", request.time) == (200_000,), request
            for _ in range(3):
                peer.send(encode_frame(DATA, MESSAGE, 1, message=b"x"))
            expect(peer, CANCEL, 0, argument=1)
            peer.send(end(1, 4))

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            begun = time.monotonic()
            follow = Stream(client, "/a.B/C", b"", timeout=0.2)
            self.assertEqual([b"x"] * 3, [follow.read() for _ in range(3)])
            with self.assertRaises(TimeoutError):
                follow.read()
            self.assertGreaterEqual(time.monotonic() - begun, 0.2)
            self.assertEqual(4, follow.finish().status)

    def test_the_deadline_ends_a_write_that_waits_for_credit(self):
        def play(peer):
            greet(peer)
            while (frame := peer.read_frame()).type != CANCEL:
                pass
            assert frame.argument == 1
            peer.send(end(1, 4))

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            collect = Stream(client, "/a.B/C", timeout=0.2)
            with self.assertRaises(TimeoutError):
                collect.write(bytes(1 << 20))
            self.assertEqual(4, collect.finish().status)


class Windows(unittest.TestCase):
    def test_a_streams_credit_comes_back_when_messages_are_taken(self):
        window, size = d.MINIMA[d.STREAM_WINDOW], 32 * 1024

        def play(peer):
            greet(peer)
            peer.read_frame()
            for _ in range(window // size):
                peer.send(encode_frame(DATA, MESSAGE, 1, message=bytes(size)))
            expect(peer, PING, 0, 0, 9)  # and no WINDOW before it, for nobody has read
            peer.send(encode_frame(PING, END, 0, 9))
            expect(peer, WINDOW, 0, 1, window // 2)
            peer.send(end(1))

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            follow = Stream(client, "/a.B/C", b"")
            while len(follow.reply.messages) < window // size:
                client.pump()
            client.ping(9)
            for _ in range(window // size // 2):
                self.assertEqual(size, len(follow.read()))
            self.assertEqual(0, follow.finish().status)

    def test_a_message_that_is_not_whole_is_credited_as_it_comes(self):
        total = 3 * d.MINIMA[d.STREAM_WINDOW]

        def play(peer):
            greet(peer)
            peer.read_frame()
            credit, sent = d.MINIMA[d.STREAM_WINDOW], 0
            while sent < total:
                part = bytes(min(60_000, total - sent))
                prefix = struct.pack("<I", total) if sent == 0 else b""
                while credit < len(prefix + part):
                    frame = peer.read_frame()
                    credit += frame.argument if frame.type == WINDOW and frame.stream == 1 else 0
                credit -= len(prefix + part)
                sent += len(part)
                peer.send(encode_frame(DATA, MESSAGE | (MORE if sent < total else 0), 1, message=prefix + part))
            peer.send(end(1))

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            follow = Stream(client, "/a.B/C", b"")
            self.assertEqual(total, len(follow.read()))
            self.assertIsNone(follow.read())


if __name__ == "__main__":
    unittest.main()
