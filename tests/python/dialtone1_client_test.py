#!/usr/bin/env python3
"""The independent client against docs/protocol.md's dumps and against a server that follows a script."""

import pathlib
import struct
import unittest

import dialtone1_client as d
from dialtone1_client import (CANCEL, DATA, DEADLINE, END, GOAWAY, MESSAGE, MORE, PING, REFUSED, REQUEST,
                              RESPONSE, SETTINGS, TIMES, WINDOW, encode_frame)
from scripted_server import Script, greet

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "protocol.md"


def dump(side):
    """What one side says in the document's examples, end to end."""
    data, inside = b"", False
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            inside = line == f"```hex {side}"
        elif inside:
            data += bytes.fromhex(line.split(";")[0])
    return data


def frames_of(data):
    frames = []
    while data:
        frame, size = d.decode_frame(data)
        assert frame is not None, "cut off"
        frames.append(frame)
        data = data[size:]
    return frames


class Document(unittest.TestCase):
    def test_builds_the_clients_bytes(self):
        left = struct.pack("<Q", 15_000_000)
        expected = d.PREFACE
        expected += encode_frame(SETTINGS, message=d.encode_settings(
            {d.MAX_MESSAGE_BYTES: 4 << 20, d.WANTS_TIMES: 1}))
        expected += encode_frame(REQUEST, END | MESSAGE | DEADLINE, 1, 1, left,
                                 d.encode_metadata([(":path", "/greeter.Greeter/Greet")]),
                                 b"\x0a\x03Ada")
        expected += encode_frame(REQUEST, END | MESSAGE | DEADLINE, 3, 1, left)
        expected += encode_frame(REQUEST, END | MESSAGE, 5, 1, message=b"\x0a\x03Bob")
        expected += encode_frame(CANCEL, 0, 5, 0)
        self.assertEqual(dump("client").hex(" "), expected.hex(" "))

    def test_reads_the_servers_bytes(self):
        data = dump("server")
        self.assertEqual(data[:8], d.PREFACE)
        settings, ok, failed, cancelled, goaway = frames_of(data[8:])
        self.assertEqual(d.decode_settings(settings.message)[d.MAX_STREAMS], 1024)
        self.assertEqual(ok.message, b"\x0a\x09hello Ada")
        self.assertEqual(struct.unpack("<II", ok.time), (12, 7))
        pairs = dict(d.decode_metadata(failed.metadata))
        self.assertEqual((failed.argument, pairs[":message"]), (3, b"name is empty"))
        self.assertEqual(d.decode_details(pairs[":details"]),
                         [("type.googleapis.com/greeter.BadName", b"\x0a\x04name")])
        self.assertEqual(cancelled.argument, 1)
        self.assertEqual(d.Goaway.read(goaway), d.Goaway(5, 0, "shutting down"))


def read_message(peer):
    """Frames up to the end of the first message: (all frames, the body)."""
    frames, body, total = [], b"", None
    while True:
        frame = peer.read_frame()
        if frame.type not in (REQUEST, DATA):
            continue
        frames.append(frame)
        part = frame.message
        if total is None and frame.flags & MORE:
            (total,), part = struct.unpack_from("<I", part), part[4:]
        body += part
        if not frame.flags & MORE:
            assert total is None or total == len(body)
            return frames, body


class Calls(unittest.TestCase):
    def test_methods_are_bound_once_and_replies_are_taken(self):
        def play(peer):
            greet(peer)
            paths = []
            for _ in range(2):
                request = peer.read_frame()
                paths.append(dict(d.decode_metadata(request.metadata)).get(":path"))
                peer.send(encode_frame(RESPONSE, END | MESSAGE | TIMES, request.stream, 0,
                                       struct.pack("<II", 5, 6), b"", request.message[::-1]))
            assert paths == [b"/a.B/C", None], paths

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            first = client.call("/a.B/C", b"abc", timeout=5)
            second = client.call("/a.B/C", b"", timeout=5)
        self.assertEqual((first.status, first.message, first.times), (0, b"cba", (5, 6)))
        self.assertEqual((second.status, second.message), (0, b""))

    def test_details_that_are_cut_off_are_left_out(self):
        whole = d.encode_details([("u", b"v"), ("w", b"x")])
        self.assertEqual([0] * 6 + [1] * 6 + [2], [len(d.decode_details(whole[:n])) for n in range(len(whole) + 1)])

    def test_a_failure_has_text_details_and_metadata(self):
        def play(peer):
            greet(peer)
            request = peer.read_frame()
            peer.send(encode_frame(RESPONSE, 0, request.stream, metadata=d.encode_metadata([("early", "1")])))
            block = d.encode_metadata([(":message", "no"), (":details", d.encode_details([("u", b"v")])),
                                       ("late-bin", b"\x00\xff")])
            peer.send(encode_frame(RESPONSE, END | REFUSED, request.stream, 14, metadata=block))

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            reply = client.call("/a.B/C", b"", timeout=5)
        self.assertEqual((reply.status, reply.status_text, reply.details), (14, "no", [("u", b"v")]))
        self.assertTrue(reply.refused)
        self.assertEqual(reply.initial_metadata, [("early", b"1")])
        self.assertEqual(reply.trailing_metadata, [("late-bin", b"\x00\xff")])

    def test_large_messages_go_in_pieces_within_both_windows(self):
        body = bytes(range(256)) * 8192  # 2 MiB

        def play(peer):
            greet(peer)
            stream_credit, connection_credit, received, total, charge = 256 * 1024, 1 << 20, b"", None, 0
            while total is None or len(received) < total:
                frame = peer.read_frame()
                if frame.type == WINDOW:
                    continue
                assert len(frame.message) <= d.MAX_PIECE
                charge = d.charge_of(len(frame.message))
                stream_credit -= charge
                connection_credit -= charge
                assert stream_credit >= 0 and connection_credit >= 0
                part = frame.message
                if total is None:
                    (total,), part = struct.unpack_from("<I", part), part[4:]
                received += part
                if stream_credit < 1500:
                    peer.send(encode_frame(WINDOW, 0, frame.stream, 200_000))
                    stream_credit += 200_000
                if connection_credit < 1500:
                    peer.send(encode_frame(WINDOW, 0, 0, 900_000))
                    connection_credit += 900_000
            assert received == body
            self.reply_in_pieces(peer, frame.stream, body)

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            reply = client.call("/a.B/C", body, timeout=15)
        self.assertEqual(reply.status, 0)
        self.assertEqual(reply.message, body)

    def reply_in_pieces(self, peer, stream, body):
        """Waits for the client's credit, as a server would."""
        credit = {0: 1 << 20, stream: 256 * 1024}
        sent = 0
        while sent < len(body):
            part = body[sent:sent + 60_000]
            prefix = struct.pack("<I", len(body)) if sent == 0 else b""
            charge = d.charge_of(len(prefix) + len(part))
            while min(credit.values()) < charge:
                frame = peer.read_frame()
                if frame.type == WINDOW:
                    credit[frame.stream] += frame.argument
            credit = {window: left - charge for window, left in credit.items()}
            sent += len(part)
            last = sent == len(body)
            peer.send(encode_frame(RESPONSE if last else DATA, MESSAGE | (END if last else MORE), stream,
                                   message=prefix + part))

    def test_an_empty_message_costs_sixteen_bytes_of_credit(self):
        fits = 256 * 1024 // 16

        def play(peer):
            greet(peer)
            stream = peer.read_frame().stream
            for _ in range(fits):
                frame = peer.read_frame()
                assert (frame.type, frame.flags, frame.message) == (DATA, MESSAGE, b"")
            peer.send(encode_frame(PING, argument=7))
            assert peer.read_frame().type == PING, "the client had no credit for one more"
            peer.send(encode_frame(WINDOW, 0, stream, 15))
            peer.send(encode_frame(PING, argument=8))
            assert peer.read_frame().type == PING, "15 bytes are not enough"
            peer.send(encode_frame(WINDOW, 0, stream, 1))
            assert peer.read_frame().flags == MESSAGE | END
            for _ in range(fits // 2):
                peer.send(encode_frame(DATA, MESSAGE, stream))
            window = peer.read_frame()
            assert (window.type, window.stream, window.argument) == (WINDOW, stream, 128 * 1024)
            peer.send(encode_frame(RESPONSE, END, stream))

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            stream = client.start("/a.B/C", end=False)
            for i in range(fits + 1):
                client.send_message(stream, b"", end=i == fits)
            reply = client.wait(stream, 10)
        self.assertEqual((reply.status, len(reply.messages)), (0, fits // 2))

    def test_settings_raise_the_windows_of_open_streams(self):
        def play(peer):
            greet(peer, {d.STREAM_WINDOW: 1 << 22, d.CONNECTION_WINDOW: 1 << 22})
            frames, body = read_message(peer)
            assert len(body) == 3_000_000 and len(frames) > 40
            peer.send(encode_frame(RESPONSE, END | MESSAGE, frames[0].stream))

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            self.assertEqual(client.call("/a.B/C", bytes(3_000_000), timeout=10).status, 0)

    def test_a_missed_deadline_sends_cancel_and_waits_for_the_end(self):
        seen = []

        def play(peer):
            greet(peer)
            request = peer.read_frame()
            seen.append(struct.unpack("<Q", request.time)[0])
            cancel = peer.read_frame()
            seen.append((cancel.type, cancel.stream, cancel.argument))
            peer.send(encode_frame(RESPONSE, END, request.stream, 4))

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            with self.assertRaises(TimeoutError):
                client.call("/a.B/C", b"", timeout=0.05)
        self.assertEqual(seen, [50_000, (CANCEL, 1, 1)])

    def test_pings_are_answered_and_asked(self):
        def play(peer):
            greet(peer)
            peer.send(encode_frame(PING, 0, 0, 7))
            seen = [peer.read_frame(), peer.read_frame()]
            question = next(f for f in seen if not f.flags & END)
            answer = [f for f in seen if f.flags & END]
            peer.send(encode_frame(PING, END, 0, question.argument))
            answer = answer or [peer.read_frame()]
            assert answer[0].argument == 7

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            self.assertGreater(client.ping(1234), 0)

    def test_goaway_ends_the_calls_that_were_not_taken(self):
        def play(peer):
            greet(peer)
            peer.read_frame()
            peer.read_frame()
            peer.send(encode_frame(GOAWAY, 0, 0, 1, message=struct.pack("<I", 0) + b"bye"))
            peer.send(encode_frame(RESPONSE, END | MESSAGE, 1, message=b"done"))
            peer.shutdown_write()
            assert peer.read_until_close() == []

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            first, second = client.start("/a.B/C", b""), client.start("/a.B/C", b"")
            refused = client.wait(second, 5)
            self.assertTrue(refused.refused)
            self.assertEqual(client.wait(first, 5).message, b"done")
            self.assertEqual(client.goaways, [d.Goaway(1, 0, "bye")])
            client.finish()

    def test_frames_to_be_skipped_are_and_others_are_not(self):
        def play(peer):
            greet(peer)
            request = peer.read_frame()
            peer.send(encode_frame(0x91, 0xFF, 2, 3, b"", b"m", b"whatever"))
            peer.send(encode_frame(RESPONSE, END | MESSAGE, request.stream))
            peer.read_frame()
            peer.send(encode_frame(0x11))

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            self.assertEqual(client.call("/a.B/C", b"", timeout=5).status, 0)
            with self.assertRaises(d.ProtocolError):
                client.call("/a.B/C", b"", timeout=5)

    def test_a_peer_of_another_kind_is_quoted(self):
        def play(peer):
            peer.read_exactly(8)
            peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        with Script(play) as server, d.Client("127.0.0.1", server.port) as client:
            with self.assertRaisesRegex(d.ProtocolError, "48 54 54 50"):
                client.call("/a.B/C", b"", timeout=5)

    def test_raw_connections_say_anything_and_read_the_answer(self):
        def play(peer):
            peer.read_exactly(16)
            peer.send(d.PREFACE + encode_frame(GOAWAY, message=struct.pack("<I", 1) + b"garbage"))

        with Script(play) as server, d.RawConnection("127.0.0.1", server.port) as raw:
            raw.send(b"\xee" * 16)
            raw.read_preface()
            frames = raw.read_until_close()
        self.assertEqual([d.Goaway.read(f).reason for f in frames], [1])


if __name__ == "__main__":
    unittest.main()
