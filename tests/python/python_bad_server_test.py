"""The real echo_client against servers that break the rules of docs/protocol.md, or speak something else: it ends in
time, with a status that names the server and what was going on, and with the exit code that --help has for it.

  python_bad_server_test.py echo_client
"""

import random
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

import dialtone1_client as d
from dialtone1_client import (CANCEL, DATA, END, GOAWAY, MESSAGE, MORE, PING, PREFACE, REFUSED, REQUEST, RESPONSE,
                              SETTINGS, WINDOW, encode_frame, encode_metadata)
from echo_process import PATIENCE, echo_request

CLIENT = None
DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE = 4, 8, 13, 14
HELLO = PREFACE + encode_frame(SETTINGS)


class FakeServer:
    """Says the same to everybody who connects, when the first REQUEST has come; then closes, or waits."""

    def __init__(self, says, closes=True, reads=True):
        self._says, self._closes, self._reads = says, closes, reads
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        self._open = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        for connection in self._open:
            connection.close()

    def _serve(self):
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return
            self._open.append(connection)
            connection.settimeout(PATIENCE)
            try:
                if self._reads:
                    connection.recv(65536)
                connection.sendall(self._says)
                if self._closes:
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65536):
                        pass
            except OSError:
                pass  # the client may hang up as it likes


def ok(message=echo_request("x"), stream=1, **more):
    return encode_frame(RESPONSE, END | MESSAGE, stream, message=message, **more)


# What the server says behind its handshake, and what the client makes of it: code, and parts of its text.
BREACHES = {
    "a reply on a stream that nobody opened": (ok(stream=77), UNAVAILABLE, "STREAM_STATE", "stream 77"),
    "a reply on an even stream": (ok(stream=2), UNAVAILABLE, "STREAM_ID"),
    "data on a stream that nobody opened": (encode_frame(DATA, MESSAGE, 3), UNAVAILABLE, "STREAM_STATE"),
    "a REQUEST": (encode_frame(REQUEST, END, 1, 1), UNAVAILABLE, "STREAM_STATE"),
    "a CANCEL": (encode_frame(CANCEL, 0, 1), UNAVAILABLE, "STREAM_STATE"),
    "SETTINGS twice": (encode_frame(SETTINGS), UNAVAILABLE, "SETTINGS"),
    "an unknown type": (encode_frame(30), UNAVAILABLE, "PROTOCOL"),
    "a frame of 4 GiB": (d.HEADER.pack(2**32 - 1, DATA, MESSAGE, 0, 1, 0), UNAVAILABLE, "FRAME_SIZE"),
    "credit of 0": (encode_frame(WINDOW, 0, 1), UNAVAILABLE, "FLOW_CONTROL"),
    "too much credit": (encode_frame(WINDOW, 0, 0, 2**31 - 1), UNAVAILABLE, "FLOW_CONTROL"),
    "PING with an unknown flag": (encode_frame(PING, 0x40), UNAVAILABLE, "PROTOCOL"),
    "a status with a message": (encode_frame(RESPONSE, END | MESSAGE, 1, 5), UNAVAILABLE, "PROTOCOL"),
    "REFUSED with the status 0": (encode_frame(RESPONSE, END | REFUSED, 1), UNAVAILABLE, "PROTOCOL"),
    "initial metadata twice": (encode_frame(RESPONSE, 0, 1) * 2, UNAVAILABLE, "STREAM_STATE"),
    "metadata that is cut off": (encode_frame(RESPONSE, END, 1, 5, metadata=b"\x09"), UNAVAILABLE, "METADATA"),
    "pieces above their total": (encode_frame(DATA, MESSAGE | MORE, 1, message=b"\x02\0\0\0abcde"), UNAVAILABLE,
                                 "MESSAGE"),
    "an end inside of a message": (encode_frame(DATA, MESSAGE | MORE, 1, message=b"\x09\0\0\0abc")
                                   + encode_frame(RESPONSE, END, 1), UNAVAILABLE, "MESSAGE"),
    "a GOAWAY that rises": (encode_frame(GOAWAY, 0, 0, 1, message=bytes(4))
                            + encode_frame(GOAWAY, 0, 0, 3, message=bytes(4)), UNAVAILABLE, "STREAM_ID"),
    "noise": (random.Random(7).randbytes(3000), UNAVAILABLE),
    # No breach of the protocol, but no answer either.
    "a GOAWAY that says why": (encode_frame(GOAWAY, 0, 0, 1, message=struct.pack("<I", 11) + b"too many of you"),
                               UNAVAILABLE, "LIMIT", "too many of you"),
    "a reply above the limit": (encode_frame(DATA, MESSAGE | MORE, 1, message=struct.pack("<I", 2**30) + b"abc"),
                                RESOURCE_EXHAUSTED, "reply from", "4194304"),
    "a reply that is no Protobuf": (ok(b"\xff\xff"), INTERNAL, "echo.EchoReply"),
    "no reply": (encode_frame(RESPONSE, END, 1), INTERNAL),
    "two replies": (encode_frame(DATA, MESSAGE, 1) + ok(), INTERNAL),
    "an end in the middle of a frame": (ok()[:-1], UNAVAILABLE, "wait for reply from", "closed by the peer"),
    "an end in the middle of a header": (ok()[:9], UNAVAILABLE, "wait for reply from", "closed by the peer"),
    "an end": (b"", UNAVAILABLE, "wait for reply from", "closed by the peer"),
}

# What it says in place of a handshake.
FOREIGN = {
    "HTTP": (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "handshake with", "HTTP/1.1"),
    "TLS": (b"\x15\x03\x01\x00\x02\x02\x46", "handshake with", "15 03 01"),
    "another version": (b"\xd1DT\r\n\x09\x02\x00", "handshake with", "Dialtone/9.2", "Dialtone/1.0"),
    "half a preface": (PREFACE[:4], "handshake with", "closed by the peer"),
    "nothing": (b"", "handshake with", "closed by the peer"),
    "noise": (random.Random(9).randbytes(3000), "handshake with"),
    "no SETTINGS": (PREFACE + encode_frame(PING), "SETTINGS"),
}


class BadServers(unittest.TestCase):
    def run_client(self, server, *arguments):
        begun = time.monotonic()
        done = subprocess.run([CLIENT, server.address, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False)
        return done, time.monotonic() - begun

    def expect(self, server, code, parts, *arguments, seconds=30):
        done, took = self.run_client(server, *arguments)
        self.assertEqual((code, ""), (done.returncode, done.stdout), done.stderr)
        for part in (server.address, *parts):
            self.assertIn(part, done.stderr)
        self.assertLess(took, seconds)

    def test_a_good_answer_is_taken(self):
        with FakeServer(HELLO + ok()) as server:
            done, _ = self.run_client(server, "echo", "x")
            self.assertEqual((0, ""), (done.returncode, done.stderr))

    def test_breaches_end_the_call(self):
        for what, (says, code, *parts) in BREACHES.items():
            with self.subTest(what), FakeServer(HELLO + says) as server:
                self.expect(server, code, parts, "echo", "x", "--timeout", "25s")

    def test_breaches_end_the_call_though_the_server_stays(self):
        for what, (says, code, *parts) in BREACHES.items():
            if "end" in what.split() or what == "noise":
                continue
            with self.subTest(what), FakeServer(HELLO + says, closes=False) as server:
                self.expect(server, code, parts, "echo", "x", "--timeout", "50s")

    def test_other_protocols_are_named(self):
        for what, (says, *parts) in FOREIGN.items():
            with self.subTest(what), FakeServer(says) as server:
                self.expect(server, UNAVAILABLE, parts, "echo", "x", "--timeout", "25s")

    def test_a_server_that_says_nothing(self):
        with FakeServer(b"", closes=False) as server:
            self.expect(server, UNAVAILABLE, ("handshake with", "no answer within 5s"), "echo", "x", "--timeout", "50s")
            self.expect(server, DEADLINE_EXCEEDED, (), "echo", "x", "--timeout", "200ms")

    def test_a_server_that_does_not_answer(self):
        with FakeServer(HELLO, closes=False) as server:
            self.expect(server, DEADLINE_EXCEEDED, (), "echo", "x", "--timeout", "200ms")

    def test_a_server_that_does_not_read(self):
        with FakeServer(HELLO, closes=False, reads=False) as server:
            self.expect(server, DEADLINE_EXCEEDED, (), "echo", "x", "--timeout", "200ms", "--payload", "4000000")

    def test_a_server_that_turns_everybody_away(self):
        for says in (HELLO, PREFACE):  # GOAWAY behind SETTINGS, or in their place
            goaway = encode_frame(GOAWAY, message=struct.pack("<I", 11) + b"not today")
            with self.subTest(says), FakeServer(says + goaway) as server:
                self.expect(server, UNAVAILABLE, ("LIMIT", "not today"), "echo", "x", "--timeout", "20s")

    def test_a_status_of_the_server_is_its_own(self):
        cut_off = encode_metadata([(":message", "why"), (":details", b"\x01\0x\x09")])
        for says, code, text in ((encode_frame(RESPONSE, END, 1, 99, metadata=cut_off), 2, "status code 99: why"),
                                 (encode_frame(RESPONSE, END, 1, 5, metadata=cut_off), 5, "NOT_FOUND")):
            with FakeServer(HELLO + says) as server:
                done, _ = self.run_client(server, "echo", "x")
                self.assertEqual((code, ""), (done.returncode, done.stdout))
                self.assertIn(text, done.stderr)


if __name__ == "__main__":
    CLIENT = sys.argv[1]
    unittest.main(argv=sys.argv[:1])
