"""Peers that break the rules of docs/protocol.md, against the real echo_server: it says why it hangs up, as the
document has it; it logs who that was; it goes on serving others; and nothing of the bad ones is left.

  python_bad_bytes_test.py echo_server
"""

import random
import re
import socket
import struct
import sys
import time
import unittest

import dialtone1_client as d
from dialtone1_client import (ATTACHED, CANCEL, COMPRESSED, DATA, DEADLINE, END, GOAWAY, MESSAGE, MORE, PING, PREFACE,
                              REFUSED, REQUEST, RESPONSE, SETTINGS, WINDOW, encode_frame, encode_metadata,
                              encode_settings)
from echo_process import ECHO, FAIL, PATIENCE, SLEEP, EchoServer, echo_request, fail_request, sleep_request

SERVER = None
(NONE, PROTOCOL, FRAME_SIZE, VERSION, SETTINGS_, STREAM_ID, STREAM_STATE, FLOW_CONTROL, METADATA, MESSAGE_, METHOD,
 LIMIT) = range(12)
REASONS = ("NONE PROTOCOL FRAME_SIZE VERSION SETTINGS STREAM_ID STREAM_STATE FLOW_CONTROL METADATA MESSAGE METHOD "
           "LIMIT").split()
RESOURCE_EXHAUSTED = 8
MUTATIONS, SEED = 200, 20240607
GROWTH_MAX = 16 * 1024 * 1024

HELLO = PREFACE + encode_frame(SETTINGS)
PATH = encode_metadata([(":path", ECHO)])


def settings(*pairs):
    return PREFACE + encode_frame(SETTINGS, message=b"".join(struct.pack("<HI", *pair) for pair in pairs))


def request(stream=1, method=1, block=PATH, message=b"", flags=END | MESSAGE, **more):
    return encode_frame(REQUEST, flags, stream, method, metadata=block, message=message, **more)


def header(length, type_, flags=0, meta_length=0, stream=0, argument=0):
    return d.HEADER.pack(length, type_, flags, meta_length, stream, argument)


def piece(total, body):
    return struct.pack("<I", total) + body


OPEN = request(flags=MESSAGE)  # stream 1 stays open
UNDER_WAY = request(block=encode_metadata([(":path", SLEEP)]), message=sleep_request(600))

# What is sent, and the reason for which the server hangs up.
BREACHES = {
    "another major version": (b"\xd1DT\r\n\x09\x03\x00", VERSION),
    "a request in place of SETTINGS": (PREFACE + request(), SETTINGS_),
    "SETTINGS twice": (HELLO + encode_frame(SETTINGS), SETTINGS_),
    "SETTINGS below a minimum": (settings((d.STREAM_WINDOW, 262143)), SETTINGS_),
    "SETTINGS above a maximum": (settings((d.STREAM_WINDOW, 2**31)), SETTINGS_),
    "SETTINGS with an id twice": (settings((d.STREAM_WINDOW, 262144), (d.STREAM_WINDOW, 262144)), SETTINGS_),
    "SETTINGS with the id 0": (settings((0, 1)), SETTINGS_),
    "SETTINGS of no whole pairs": (PREFACE + encode_frame(SETTINGS, message=b"1234567"), SETTINGS_),
    "SETTINGS that are too long": (PREFACE + encode_frame(SETTINGS, message=bytes(390)), FRAME_SIZE),
    "SETTINGS with a flag": (PREFACE + encode_frame(SETTINGS, END), PROTOCOL),
    "an unknown type": (HELLO + encode_frame(9), PROTOCOL),
    "the type 0": (HELLO + encode_frame(0), PROTOCOL),
    "the reserved bit": (HELLO + request(flags=0x80 | END | MESSAGE), PROTOCOL),
    "the reserved bit on PING": (HELLO + encode_frame(PING, 0x80), PROTOCOL),
    "REFUSED on REQUEST": (HELLO + request(flags=REFUSED | END | MESSAGE), PROTOCOL),
    "MORE with END": (HELLO + request(flags=MORE | END | MESSAGE, message=piece(9, b"x")), PROTOCOL),
    "MORE without MESSAGE": (HELLO + request(flags=MORE), PROTOCOL),
    "COMPRESSED in a way that nobody announced": (HELLO + request(flags=COMPRESSED | END | MESSAGE, message=b"12345"),
                                                  PROTOCOL),
    "ATTACHED behind the message's end": (HELLO + request(flags=ATTACHED | END | MESSAGE, message=b"1234"), MESSAGE_),
    "DATA with neither MESSAGE nor END": (HELLO + OPEN + encode_frame(DATA, 0, 1), PROTOCOL),
    "DATA with a time": (HELLO + OPEN + encode_frame(DATA, DEADLINE | END, 1, time_prefix=bytes(8)), PROTOCOL),
    "DATA with metadata": (HELLO + OPEN + encode_frame(DATA, END, 1, metadata=PATH), PROTOCOL),
    "DATA with an argument": (HELLO + OPEN + encode_frame(DATA, END, 1, 1), PROTOCOL),
    "CANCEL with a flag": (HELLO + OPEN + encode_frame(CANCEL, END, 1), PROTOCOL),
    "WINDOW with a flag": (HELLO + encode_frame(WINDOW, END, 0, 1), PROTOCOL),
    "PING with MORE": (HELLO + encode_frame(PING, MORE), PROTOCOL),
    "GOAWAY with a flag": (HELLO + encode_frame(GOAWAY, END, message=bytes(4)), PROTOCOL),
    "GOAWAY with a last stream": (HELLO + encode_frame(GOAWAY, 0, 0, 1, message=bytes(4)), PROTOCOL),
    "REQUEST on the connection": (HELLO + request(stream=0), PROTOCOL),
    "PING on a stream": (HELLO + encode_frame(PING, 0, 1), PROTOCOL),
    "GOAWAY without a reason": (HELLO + encode_frame(GOAWAY, message=b"123"), FRAME_SIZE),
    "a frame of 4 GiB": (HELLO + header(2**32 - 1, REQUEST, END | MESSAGE, 0, 1, 1), FRAME_SIZE),
    "a message part above 64 KiB": (HELLO + header(65537, DATA, MESSAGE, 0, 1), FRAME_SIZE),
    "a CANCEL with a payload": (HELLO + OPEN + encode_frame(CANCEL, 0, 1, message=b"x"), FRAME_SIZE),
    "a PING with a payload": (HELLO + encode_frame(PING, message=b"x"), FRAME_SIZE),
    "a skippable frame that is too long": (HELLO + header(131080, 0x89), FRAME_SIZE),
    "metadata longer than the frame": (HELLO + header(5, REQUEST, END | MESSAGE, 6, 1, 1), FRAME_SIZE),
    "a deadline longer than the frame": (HELLO + header(7, REQUEST, DEADLINE | END, 0, 1, 1), FRAME_SIZE),
    "a message without MESSAGE": (HELLO + request(flags=END, message=b"x"), FRAME_SIZE),
    "an even stream": (HELLO + request(stream=2), STREAM_ID),
    "the stream above the last": (HELLO + request(stream=0xFFFFFFFF), STREAM_ID),
    "a stream twice": (HELLO + UNDER_WAY + request(), STREAM_ID),
    "a stream that has ended, again": (HELLO + request() + request(block=b""), STREAM_ID),
    "falling streams": (HELLO + request(stream=5) + request(stream=3, block=b""), STREAM_ID),
    "DATA on an idle stream": (HELLO + encode_frame(DATA, END, 1), STREAM_STATE),
    "CANCEL of an idle stream": (HELLO + encode_frame(CANCEL, 0, 1), STREAM_STATE),
    "WINDOW of an idle stream": (HELLO + encode_frame(WINDOW, 0, 1, 1), STREAM_STATE),
    "DATA behind END": (HELLO + UNDER_WAY + encode_frame(DATA, END, 1), STREAM_STATE),
    "CANCEL twice": (HELLO + UNDER_WAY + encode_frame(CANCEL, 0, 1) * 2, (STREAM_STATE, None)),
    "RESPONSE from a client": (HELLO + UNDER_WAY + encode_frame(RESPONSE, END, 1), STREAM_STATE),
    "credit of 0": (HELLO + encode_frame(WINDOW), FLOW_CONTROL),
    "credit above the largest": (HELLO + encode_frame(WINDOW, argument=2**31), FLOW_CONTROL),
    "a connection's window above the largest": (HELLO + encode_frame(WINDOW, argument=2**31 - 1), FLOW_CONTROL),
    "a stream's window above the largest": (HELLO + UNDER_WAY + encode_frame(WINDOW, 0, 1, 2**31 - 1), FLOW_CONTROL),
    "SETTINGS above what a window holds": (
        PREFACE + encode_frame(SETTINGS, message=encode_settings({d.CONNECTION_WINDOW: 2**31 - 1}))
        + encode_frame(WINDOW, argument=1), FLOW_CONTROL),
    "a pair cut off": (HELLO + request(block=PATH + b"\x05\x01\x00ab"), METADATA),
    "a key of no bytes": (HELLO + request(block=PATH + b"\x00\x00\x00"), METADATA),
    "an upper-case key": (HELLO + request(block=PATH + encode_metadata([("Key", "v")])), METADATA),
    "a reserved key": (HELLO + request(block=PATH + encode_metadata([("grpc-x", "v")])), METADATA),
    "text that is not printable": (HELLO + request(block=PATH + encode_metadata([("k", b"\x07")])), METADATA),
    ":path twice": (HELLO + request(block=PATH + PATH), METADATA),
    ":path behind a user's key": (HELLO + request(block=encode_metadata([("k", "v")]) + PATH), METADATA),
    ":message in a request": (HELLO + request(block=PATH + encode_metadata([(":message", "v")])), METADATA),
    "a path without slashes": (HELLO + request(block=encode_metadata([(":path", "echo")])), METADATA),
    "too many pairs": (HELLO + request(block=PATH + encode_metadata([("k", "")] * 300)), METADATA),
    "pieces above their total": (HELLO + request(flags=MESSAGE | MORE, message=piece(9, b"12345"))
                                 + encode_frame(DATA, MESSAGE | END, 1, message=b"67890"), MESSAGE_),
    "pieces below their total": (HELLO + request(flags=MESSAGE | MORE, message=piece(9, b"123"))
                                 + encode_frame(DATA, MESSAGE | END, 1, message=b"4"), MESSAGE_),
    "an empty piece": (HELLO + request(flags=MESSAGE | MORE, message=piece(9, b"")), MESSAGE_),
    "a piece without its total": (HELLO + request(flags=MESSAGE | MORE, message=b"123"), MESSAGE_),
    "an END inside of a message": (HELLO + request(flags=MESSAGE | MORE, message=piece(9, b"123"))
                                   + encode_frame(DATA, END, 1), MESSAGE_),
    "a method that is not bound": (HELLO + request(method=7, block=b""), METHOD),
    "no method at all": (HELLO + request(method=0, block=b""), METHOD),
    "a method above the highest": (HELLO + request(method=1_000_000), METHOD),
    "a method bound twice": (HELLO + request() + request(stream=3), METHOD),
    "a flood of PINGs": (HELLO + encode_frame(PING) * 5000, LIMIT),
}

# What a server that knows no protocol for it closes without an answer.
FOREIGN = {
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + bytes(50),
    "zeros": bytes(64),
    "almost the magic": b"\xd1DT\n\r\x01\x00\x00",
    "a preface whose last byte is not 0": PREFACE[:7] + b"\x01",
    "noise": random.Random(SEED).randbytes(5000),
}


class BadBytes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Each test looks for its own line.
        cls.server = EchoServer(SERVER, "--log-repeats-max=1000000")
        cls.silent = cls.connect()  # says nothing, until test_zz_* looks at what became of it
        cls.silent_since = time.monotonic()
        cls.good = d.Client(cls.server.host, cls.server.port, timeout=PATIENCE)
        assert cls.good.call(ECHO, b"").status == 0

    @classmethod
    def tearDownClass(cls):
        cls.good.close()
        cls.silent.close()
        cls.server.close()

    @classmethod
    def connect(cls):
        return d.RawConnection(cls.server.host, cls.server.port, timeout=PATIENCE)

    def setUp(self):
        self.before = self.server.descriptors()

    def tearDown(self):
        self.expect_serves()
        self.server.wait_for_descriptors(self.before)

    def expect_serves(self):
        self.assertIsNone(self.server.process.poll(), self.server.log()[-3000:])
        self.assertEqual(0, self.good.call(ECHO, b"").status)
        with d.Client(self.server.host, self.server.port, timeout=PATIENCE) as client:
            self.assertEqual(echo_request("x"), client.call(ECHO, echo_request("x")).message)

    def say(self, data):
        """Sends, and reads until the server closes. Its frames, and this side's address."""
        with self.connect() as raw:
            name = "%s:%d" % raw.socket.getsockname()
            try:
                raw.send(data)
            except d.ConnectionLost:
                pass  # it has closed already
            raw.read_preface()
            return raw.read_until_close(), name

    def test_breaches_are_answered_with_their_reason(self):
        for what, (data, reason) in BREACHES.items():
            optional = isinstance(reason, tuple)
            with self.subTest(what):
                if optional:  # depends on what the server has done when the frame comes
                    data += encode_frame(9)
                    reason = (reason[0], PROTOCOL)
                else:
                    reason = (reason,)
                frames, name = self.say(data)
                self.assertEqual(GOAWAY, frames[-1].type)
                goaway = d.Goaway.read(frames[-1])
                self.assertIn(goaway.reason, reason, goaway)
                self.assertNotEqual("", goaway.text)
                self.assertEqual(1, sum(f.type == GOAWAY for f in frames))
                said = REASONS[goaway.reason] if goaway.reason != VERSION else "Dialtone/9.3"
                self.wait_for_line(name, said)
            self.expect_serves()

    def wait_for_line(self, peer, said):
        """Both in one line: an earlier connection may have had the same port, and another fault."""
        self.server.wait_for_log(re.escape(peer) + r"\b.*" + re.escape(said))

    def test_foreign_bytes_are_closed_without_an_answer(self):
        for what, data in FOREIGN.items():
            with self.subTest(what), self.connect() as raw:
                name = "%s:%d" % raw.socket.getsockname()
                raw.send(data)
                self.assertIsNone(raw.read_frame())
                self.assertEqual(b"", raw.inbox)
                self.wait_for_line(name, "no protocol")

    def test_what_ends_a_call_leaves_the_connection(self):
        large = PATH + encode_metadata([("k", "v" * 20000)])
        for what, data in {
                "metadata above the limit": request(block=large),
                "a message above the limit": request(flags=MESSAGE | MORE, message=piece(2**32 - 1, bytes(1000)))
                + encode_frame(DATA, MESSAGE | MORE, 1, message=bytes(60_000)) + encode_frame(CANCEL, 0, 1),
        }.items():
            with self.subTest(what), self.connect() as raw:
                raw.send(HELLO + data)
                raw.read_preface()
                self.assertEqual(SETTINGS, raw.read_frame().type)
                answer = raw.read_frame()
                self.assertEqual((RESPONSE, 1, RESOURCE_EXHAUSTED), (answer.type, answer.stream, answer.argument))
                self.assertRegex(dict(d.decode_metadata(answer.metadata))[":message"].decode(), r"limit.*\d{5}")
                raw.send(request(stream=3, block=b""))
                self.assertEqual((RESPONSE, 3, 0), (lambda f: (f.type, f.stream, f.argument))(raw.read_frame()))

    def test_connections_that_break_off(self):
        whole = HELLO + UNDER_WAY + request(stream=3, method=2, message=echo_request("x" * 100))
        for reset in (False, True):
            for length in (*range(0, 30), *range(30, len(whole), 7), len(whole)):
                with self.connect() as raw:
                    raw.send(whole[:length])
                    if reset:
                        raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def test_a_client_that_does_not_read(self):
        message = echo_request("", bytes(60_000))
        with self.connect() as raw:
            raw.socket.setblocking(False)
            requests = HELLO + b"".join(
                request(stream=2 * i + 1, block=b"" if i else PATH, message=message) for i in range(200))
            begun, sent = time.monotonic(), 0
            while time.monotonic() < begun + 1 and sent < len(requests):
                try:
                    sent += raw.socket.send(requests[sent:sent + 100_000])
                except BlockingIOError:
                    time.sleep(0.01)
            self.expect_serves()

    def test_mutations_of_a_good_exchange(self):
        good = (HELLO + request(block=PATH + encode_metadata([("key", "value"), ("key-bin", b"\x00\xff")]),
                                message=echo_request("hello", bytes(200), 9), flags=END | MESSAGE | DEADLINE,
                                time_prefix=struct.pack("<Q", 10**7))
                + request(stream=3, method=2, block=encode_metadata([(":path", SLEEP)]), message=sleep_request(0.01))
                + request(stream=5, block=b"", flags=MESSAGE | MORE, message=piece(300, bytes(100)))
                + request(stream=7, method=3, block=encode_metadata([(":path", FAIL)]),
                          message=fail_request(7, "no", [("type.googleapis.com/x.Y", b"z")]))
                + encode_frame(DATA, MESSAGE | MORE, 5, message=bytes(100)) + encode_frame(PING, argument=1)
                + encode_frame(WINDOW, 0, 0, 5000) + encode_frame(DATA, MESSAGE | END, 5, message=bytes(100))
                + encode_frame(CANCEL, 0, 3) + encode_frame(GOAWAY, message=bytes(4) + b"bye"))
        choose = random.Random(SEED)
        memory = None
        for round_ in range(MUTATIONS):
            data = mutate(choose, good)
            with self.subTest(seed=SEED, round=round_), self.connect() as raw:
                try:
                    for at in range(0, len(data), 97):
                        raw.send(data[at:at + 97])
                    raw.shutdown_write()
                except (d.ConnectionLost, OSError):
                    pass
                if raw.inbox or raw._wait(time.monotonic() + PATIENCE):
                    raw.read_preface()
                    raw.read_until_close()  # nothing but whole frames
            if round_ % 20 == 0:
                self.expect_serves()
            if round_ == MUTATIONS // 2:
                memory = self.server.resident_bytes()
        self.assertLess(self.server.resident_bytes(), memory + GROWTH_MAX)

    def test_the_same_breaches_again_and_again_cost_no_memory(self):
        after = []
        for _ in range(2):
            for _ in range(5):
                for data, _ in BREACHES.values():
                    with self.connect() as raw:
                        try:
                            raw.send(data)
                        except d.ConnectionLost:
                            pass
            self.server.wait_for_descriptors(self.before)
            after.append(self.server.resident_bytes())
        self.assertLess(after[1], after[0] + GROWTH_MAX)

    def test_zz_a_peer_that_says_nothing_is_hung_up_on(self):
        name = "%s:%d" % self.silent.socket.getsockname()
        self.assertIsNone(self.silent.read_frame())
        self.assertGreater(time.monotonic() - self.silent_since, 9)
        self.wait_for_line(name, "handshake timeout")

    def test_zzz_nothing_is_left_at_the_end(self):
        with EchoServer(SERVER) as server:
            before = server.descriptors()
            for data, _ in list(BREACHES.values()) + [(data, None) for data in FOREIGN.values()]:
                with d.RawConnection(server.host, server.port, timeout=PATIENCE) as raw:
                    try:
                        raw.send(data)
                    except d.ConnectionLost:
                        pass
            # Answered behind them all: none of them still waits to be accepted.
            with d.Client(server.host, server.port, timeout=PATIENCE) as good:
                self.assertEqual(0, good.call(ECHO, b"").status)
            server.wait_for_descriptors(before)
            server.terminate()
            self.assertEqual(0, server.exit_code())
            self.assertIn("draining: 0 calls under way", server.log())


def mutate(choose, data):
    """One to four small accidents."""
    data = bytearray(data)
    for _ in range(choose.randint(1, 4)):
        at = choose.randrange(8, len(data)) if choose.random() < 0.9 else choose.randrange(len(data))
        kind = choose.randrange(6)
        if kind == 0:
            data[at] ^= 1 << choose.randrange(8)
        elif kind == 1:
            data[at] = choose.choice((0, 1, 0x7F, 0x80, 0xFF, choose.randrange(256)))
        elif kind == 2:
            del data[at:at + choose.randint(1, 20)]
        elif kind == 3:
            data[at:at] = choose.randbytes(choose.randint(1, 20))
        elif kind == 4:
            data[at:at] = data[at:at + choose.randint(1, 60)]
        elif len(data) > 100:
            del data[max(at, 60):]
        if len(data) < 20:
            break
    return bytes(data)


if __name__ == "__main__":
    SERVER = sys.argv[1]
    unittest.main(argv=sys.argv[:1])
