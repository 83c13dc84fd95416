#!/usr/bin/env python3
"""Writes the first inputs of each fuzz target's corpus: the connections that docs/protocol.md shows, frames of every
type, metadata and addresses of every kind, and scripts that lead a connection into each of its states. What the fuzzer
found later stands beside them, under other names.

  make_corpus.py           writes tests/fuzz/corpus/<target>/seed_<name>
  make_corpus.py --check   changes nothing, and fails where a file is not what would be written
"""

import os
import struct
import sys
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
DOCUMENT = os.path.join(HERE, "..", "..", "docs", "protocol.md")

PREFACE = b"\xD1DT\r\n\x01\x00\x00"
SETTINGS, REQUEST, RESPONSE, DATA, CANCEL, WINDOW, PING, GOAWAY = range(1, 9)
END, MORE, MESSAGE, COMPRESSED, DEADLINE, REFUSED, ATTACHED = 1, 2, 4, 8, 16, 32, 64


def document_side(side):
    """The bytes of one side in the examples of the protocol's page, all of them end to end."""
    data, inside = b"", False
    with open(DOCUMENT, encoding="utf-8") as document:
        for line in document:
            if line.startswith("```"):
                inside = line.strip() == "```hex " + side
            elif inside:
                data += bytes.fromhex(line.split(";")[0])
    return data


def pair(key, value):
    return struct.pack("<BH", len(key), len(value)) + key + value


def frame(kind, flags=0, stream=0, argument=0, metadata=b"", message=b"", time=b""):
    payload = time + metadata + message
    return struct.pack("<IBBHII", len(payload), kind, flags, len(metadata), stream, argument) + payload


# --- Frame codec: u8 mode, u32 slices, bytes ---

def frame_codec():
    raw = lambda data, mode=0: bytes([mode]) + struct.pack("<I", 0x01020306) + data
    settings = frame(SETTINGS, message=struct.pack("<HI", 1, 1024))
    yield "client_of_the_page", raw(document_side("client")[8:])
    yield "server_of_the_page", raw(document_side("server")[8:])
    yield "preface_first", raw(document_side("client"))
    for name, data in {
        "request": frame(REQUEST, END | MESSAGE | DEADLINE, 1, 1, pair(b":path", b"/a.B/C"), b"hello", bytes(8)),
        "pieces": frame(REQUEST, MESSAGE | MORE, 1, 1, b"", struct.pack("<I", 6) + b"abc")
                  + frame(DATA, MESSAGE | END, 1, 0, b"", b"def"),
        "response": frame(RESPONSE, END | MESSAGE | DEADLINE, 1, 0, pair(b"k", b"v"), b"hello", bytes(8)),
        "refused": frame(RESPONSE, END | REFUSED, 1, 14, pair(b":message", b"later")),
        "headers": frame(RESPONSE, 0, 1, 0, pair(b"k", b"v")),
        "attached": frame(REQUEST, END | MESSAGE | ATTACHED, 1, 1, b"", struct.pack("<I", 2) + b"abc"),
        "compressed": frame(DATA, END | MESSAGE | COMPRESSED, 1, 0, b"", b"\x01" + struct.pack("<I", 9) + b"abc"),
        "control": frame(PING, 0, 0, 7) + frame(PING, END, 0, 7) + frame(WINDOW, 0, 0, 9) + frame(CANCEL, 0, 1, 2),
        "goaway": frame(GOAWAY, 0, 0, 5, b"", struct.pack("<I", 11) + b"too many"),
        "skipped": frame(0x91, 3, 2, 1, b"", b"to be skipped") + frame(PING, 0, 0, 1),
        "unknown": frame(0x11),
        "even_stream": frame(REQUEST, END, 2),
        "too_long": struct.pack("<IBBHII", 131080, REQUEST, END, 0, 1, 0),
        "cut_off": frame(PING)[:9],
    }.items():
        yield name, raw(settings + data)
        yield name + "_features", raw(settings + data, 1)
    yield "no_settings", raw(frame(PING))
    yield "settings_twice", raw(settings + settings)
    # Frames made of steps: u8 broken?, type, flags, stream, argument, metadata, message.
    yield "made", raw(b"\x00" + step_frame(REQUEST, END | MESSAGE, 1, 1, b"\x01\x00", b"\x05hello")
                      + b"\x07\x01\x03" + step_frame(PING, 0, 0, 7), 2)
    yield "pieces_of_a_message", b"\xFF" + struct.pack("<7I", 150_000, 70_000, 1024, 65_536, 1, 131_071, 9)


# --- Compression: u8 mode, then u16 declared size and packed bytes; or u8 level, u16 place, u8 damage, a message ---

def compression():
    def gzip_member(message, size=None):
        """With its data in one stored block: the same bytes whichever zlib there is."""
        block = b"\x01" + struct.pack("<HH", len(message), len(message) ^ 0xFFFF) + message
        trailer = struct.pack("<II", zlib.crc32(message), len(message) if size is None else size)
        return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + block + trailer

    def zstd_frame(message, repeat=0, size=None):
        """With its data in one raw block; or one byte of it, repeated."""
        count = repeat or len(message)
        head = b"" if size == 0 else struct.pack("<I", count if size is None else size)
        descriptor = bytes([0xA0]) if head else b"\x00\x58"  # a single segment of a stated size; or a window
        block = struct.pack("<I", count << 3 | (2 if repeat else 0) | 1)[:3]
        return b"\x28\xb5\x2f\xfd" + descriptor + head + block + message

    for name, zstd, packed, declared in (
            ("gzip", 0, gzip_member(b"hello"), 5),
            ("gzip_empty", 0, gzip_member(b""), 0),
            ("gzip_lies", 0, gzip_member(b"hello" * 100, 5), 5),
            ("gzip_behind_its_end", 0, gzip_member(b"hello") + b"x", 5),
            ("gzip_twice", 0, gzip_member(b"hello") * 2, 10),
            ("zstd", 1, zstd_frame(b"hello"), 5),
            ("zstd_empty", 1, zstd_frame(b""), 0),
            ("zstd_no_size", 1, zstd_frame(b"hello", size=0), 5),
            ("zstd_bomb", 1, zstd_frame(b"x", 120_000), 10),
            ("zstd_lies", 1, zstd_frame(b"x", 120_000, 10), 10),
            ("zstd_bomb_no_size", 1, zstd_frame(b"x", 120_000, 0), 10),
            ("zstd_skippable", 1, b"\x50\x2a\x4d\x18\x04\0\0\0none" + zstd_frame(b"hello"), 5)):
        yield name, bytes([zstd]) + struct.pack("<H", declared) + packed
        yield name + "_cut_off", bytes([zstd]) + struct.pack("<H", declared) + packed[:-1]
    for zstd in (0, 1):
        for level in (0, 1, 9, 22, 255):
            yield f"packed_{zstd}_{level}", bytes([zstd | 2, level, 7, 0, 1]) + b"some text, and some text " * 20


# --- Metadata: u8 mode, then a block, or what a block is to be made of ---

def metadata():
    path = pair(b":path", b"/greeter.Greeter/Greet")
    detail = struct.pack("<H", 3) + b"url" + struct.pack("<H", 2) + b"\x00\x01"
    for place, blocks in enumerate((
        {"path": path, "path_and_users": path + pair(b"a", b"1") + pair(b"b-bin", b"\x00\xFF"),
         "path_late": pair(b"a", b"1") + path, "path_twice": path + path, "users": pair(b"a.b-c_9", b"x y"),
         "unknown": pair(b":later", b"1") + pair(b"a", b"1"), "many": pair(b"k", b"") * 257},
        {"users": pair(b"a", b"1") * 3, "reserved": pair(b"grpc-x", b"1"), "upper": pair(b"A", b"1"),
         "not_printable": pair(b"a", b"\x00")},
        {"message": pair(b":message", "grüße".encode()), "details": pair(b":details", detail + detail),
         "all": pair(b":message", b"m") + pair(b":details", detail) + pair(b":pushback", b"1") + pair(b"u", b"1"),
         "bad_details": pair(b":details", detail[:-1]), "cut_off": pair(b":message", b"abc")[:-1]})):
        for name, block in blocks.items():
            yield "%d_%s" % (place, name), bytes([place]) + block
    short = lambda data: bytes([len(data)]) + data
    for limit in (0, 20, 60, 8192):
        yield "trailer_%d" % limit, (b"\x04\x02" + short(b"key") + short(b"value") + short(b"x-bin") + short(b"\x00\x01")
                                     + struct.pack("<H", limit) + short(b"url") + short(b"detail") + b"what went wrong")


# --- Addresses ---

def address():
    for number, text in enumerate((
            "127.0.0.1:80", "0.0.0.0:0", "[::1]:80", "[fe80::1%2]:80", "[::ffff:1.2.3.4]:65535", "[::]:0", "unix:/a/b",
            "unix:", "127.0.0.1", "127.0.0.1:70000", "[::1:80", "1.2.3.4.5:6", "localhost:80", "", ":", "[]:1",
            "01.2.3.4:5", "unix:" + "x" * 108, "1.2.3.4:+5", "[1:2:3:4:5:6:7:8]:9", "[1::2::3]:4")):
        yield "%02d" % number, text.encode()


# --- Connections: u8 seed, u8 network, then steps (connection_script.cc) ---

(SEND_BYTES, SEND_PREFACE, SEND_SETTINGS, SEND_FRAME, SEND_BROKEN, PASS_MICROS, PASS_MILLIS, PASS_SECONDS, SET_SLICE,
 END_WRITING, CLOSE, STOP_READING, GO_ON_READING, RESET, PARTITION, REPEAT_FRAME) = range(16)
SHARED = 16
# server_connection_fuzz.cc
S_REQUEST, S_CANCEL, S_RECONNECT, S_SHUTDOWN, S_OPEN_GATE, S_OPEN_STREAM, S_DATA = range(SHARED, SHARED + 7)
# client_connection_fuzz.cc
(C_CALL, C_CANCEL, C_DROP, C_ANSWER, C_GREET, C_REPLACE_CHANNEL, C_STREAM, C_CANCEL_STREAM,
 C_REPLY) = range(SHARED, SHARED + 9)


def step_frame(kind, flags=0, stream=0, argument=0, metadata=b"\x00", message=b"\x00", time=b""):
    """Kinds of metadata: bits of frame_maker.cc's AnyMetadata; of a message: its AnyMessage."""
    small = lambda n: bytes([n]) if n < 255 else b"\xFF" + struct.pack("<I", n)
    return bytes([kind, flags]) + small(stream) + small(argument) + time + metadata + message


def sent(*args, **more):
    return bytes([SEND_FRAME]) + step_frame(*args, **more)


def raw_bytes(data):
    """Bytes as they are, in steps of at most 255."""
    return b"".join(bytes([SEND_BYTES, len(data[at:at + 255])]) + data[at:at + 255] for at in range(0, len(data), 255))


HELLO = bytes([SEND_PREFACE, SEND_SETTINGS, 0])
WAIT = bytes([PASS_MILLIS, 5])
TEXT = lambda text: b"\xFD" + bytes([len(text)]) + text  # a message of the test service
PATH = lambda number: b"\x01" + bytes([number])
DOWN, UP, CHAT = 4, 5, 6  # frame_maker.cc's PathOf


def server_connection():
    network = bytes([1, 0])
    request = lambda text, path=0, what=0: bytes([S_REQUEST, path, what, len(text)]) + text
    data = lambda which, text, what=0: bytes([S_DATA, which, what, len(text)]) + text
    scripts = {
        "calls": HELLO + request(b"a") + request(b"b", 1) + request(b"c", 2) + WAIT,
        "page": raw_bytes(document_side("client")) + WAIT,
        "bound_method": HELLO + sent(REQUEST, END | MESSAGE, 1, 1, PATH(0), TEXT(b"x"))
                        + sent(REQUEST, END | MESSAGE, 3, 1, message=TEXT(b"y")) + WAIT,
        "deadline": HELLO + sent(REQUEST, END | MESSAGE | DEADLINE, 1, 0, PATH(0), TEXT(b"h"),
                                 time=struct.pack("<I", 3000)) + WAIT + bytes([PASS_MILLIS, 50]),
        "pieces": HELLO + sent(REQUEST, MESSAGE | MORE, 1, 0, PATH(0), b"\xFC\x08\x03\x0a\x06a") + WAIT
                  + sent(DATA, MESSAGE | END, 1, 0, message=b"\x05bcdef") + WAIT,
        "too_large": HELLO + sent(REQUEST, MESSAGE | MORE, 1, 0, PATH(0), b"\xFB" + struct.pack("<IH", 500_000, 9)) + WAIT,
        "cancel": HELLO + request(b"h") + WAIT + bytes([S_CANCEL, 0]) + WAIT,
        "cancel_ignored": HELLO + request(b"i") + WAIT + bytes([S_CANCEL, 0]) + WAIT + bytes([S_OPEN_GATE]),
        "large_reply": HELLO + request(b"b" * 40) + bytes([STOP_READING]) + WAIT + request(b"b" * 100)
                       + WAIT + bytes([GO_ON_READING]) + WAIT,
        "window": HELLO + request(b"b" * 100) + WAIT + sent(WINDOW, 0, 0, 1_000_000) + sent(WINDOW, 0, 1, 2_000_000) + WAIT,
        "fails": HELLO + request(b"f") + request(b"t") + request(b"x", 0, 1) + WAIT,
        "open": HELLO + request(b"q", 0, 2) + WAIT + sent(DATA, END, 1) + WAIT,
        "drain": HELLO + request(b"h") + WAIT + bytes([S_SHUTDOWN, 100]) + request(b"a") + WAIT,
        "reconnect": HELLO + request(b"a") + WAIT + bytes([S_RECONNECT]) + HELLO + request(b"b") + WAIT,
        "cut": HELLO + request(b"h") + WAIT + bytes([RESET, S_RECONNECT]) + HELLO + request(b"b") + WAIT,
        "half_closed": HELLO + request(b"h") + bytes([END_WRITING]) + WAIT + bytes([S_OPEN_GATE]),
        "ping_flood": HELLO + bytes([REPEAT_FRAME, 100]) + step_frame(PING, 0, 0, 1) + WAIT,
        "window_flood": HELLO + bytes([REPEAT_FRAME, 100]) + step_frame(WINDOW, 0, 0, 1) + WAIT,
        "empty_flood": HELLO + sent(REQUEST, MESSAGE | MORE, 1, 0, PATH(0), b"\xFC\xFE\x01x")
                       + bytes([REPEAT_FRAME, 100]) + step_frame(DATA, MESSAGE, 1) + WAIT,
        "one_byte_at_a_time": bytes([SET_SLICE, 1]) + HELLO + request(b"a") + WAIT,
        "silent": bytes([PASS_SECONDS, 12]),
        "half_a_preface": raw_bytes(PREFACE[:4]) + bytes([PASS_SECONDS, 12]),
        "http": raw_bytes(b"GET / HTTP/1.1\r\n\r\n") + WAIT,
        "other_major": raw_bytes(PREFACE[:5] + b"\x02\x00\x00") + WAIT,
        "broken": HELLO + bytes([SEND_BROKEN, 1, 200]) + step_frame(REQUEST, END | MESSAGE, 1, 0, PATH(0), TEXT(b"x")) + WAIT,
        "goaway": HELLO + request(b"h") + sent(GOAWAY, 0, 0, 0, message=b"\x04" + bytes(4)) + WAIT,
        "partition": HELLO + request(b"a") + bytes([PARTITION, 200]) + WAIT,
        "many": HELLO + b"".join(request(b"h") for _ in range(70)) + WAIT + bytes([S_OPEN_GATE]) + WAIT,
        "stream_down": HELLO + request(b"abc", DOWN) + WAIT,
        "stream_down_slow": HELLO + request(b"b" * 100, DOWN) + bytes([STOP_READING]) + WAIT + bytes([GO_ON_READING]) + WAIT
                            + sent(WINDOW, 0, 1, 200_000) + sent(WINDOW, 0, 0, 200_000) + WAIT,
        "stream_up": HELLO + bytes([S_OPEN_STREAM, UP]) + data(0, b"a") + data(0, b"b") + data(0, b"c", 1) + WAIT,
        "stream_chat": HELLO + bytes([S_OPEN_STREAM, CHAT]) + data(0, b"a") + WAIT + data(0, b"b", 2)
                       + sent(DATA, END, 1) + WAIT,
        "stream_kept": HELLO + bytes([S_OPEN_STREAM, CHAT]) + data(0, b"h") + data(0, b"a", 2) * 4 + data(0, b"z", 3)
                       + WAIT + bytes([S_OPEN_GATE]) + WAIT,
        "stream_overrun": HELLO + bytes([S_OPEN_STREAM, CHAT]) + data(0, b"h") + data(0, b"a", 254) * 7 + WAIT,
        "stream_ended_early": HELLO + bytes([S_OPEN_STREAM, CHAT]) + data(0, b"f") + WAIT + data(0, b"late")
                              + sent(DATA, END, 1) + WAIT,
        "stream_cancelled": HELLO + bytes([S_OPEN_STREAM, CHAT]) + data(0, b"h") + data(0, b"a") + WAIT
                            + bytes([S_CANCEL, 0]) + WAIT,
        "stream_pieces": HELLO + bytes([S_OPEN_STREAM, CHAT])
                         + sent(DATA, MESSAGE | MORE, 1, 0, message=b"\xFC\x08\x03\x0a\x06a") + WAIT
                         + sent(DATA, MESSAGE, 1, 0, message=b"\x05bcdef") + data(0, b"x", 1) + WAIT,
        "stream_bad_message": HELLO + bytes([S_OPEN_STREAM, UP]) + sent(DATA, MESSAGE, 1, 0, message=b"\x03abc") + WAIT,
        "stream_cut": HELLO + bytes([S_OPEN_STREAM, CHAT]) + data(0, b"h") + data(0, b"a") + bytes([RESET]) + WAIT,
        "stream_drain": HELLO + bytes([S_OPEN_STREAM, CHAT]) + data(0, b"a") + WAIT + bytes([S_SHUTDOWN, 50]) + WAIT,
        "stream_after_end": HELLO + bytes([S_OPEN_STREAM, UP]) + data(0, b"a", 1) + data(0, b"b") + WAIT,
        "users_metadata": HELLO + sent(REQUEST, END | MESSAGE, 1, 0, b"\x19\x00\x03abc\x02vw\x02\x00\xFF", TEXT(b"x")) + WAIT,
    }
    for name, script in scripts.items():
        yield name, network + script
        if name in ("calls", "pieces", "large_reply", "cut", "stream_chat", "stream_down_slow"):
            yield name + "_rough", bytes([7, 7]) + script


def client_connection():
    network = bytes([1, 0])
    call = lambda text=b"x", kind=0, timeout=0: bytes([C_CALL, kind, timeout, len(text)]) + text
    answer = lambda stream, text=b"y", status=0: bytes([C_ANSWER, stream, status, len(text)]) + text
    begin = call() + bytes([PASS_MILLIS, 2, C_GREET]) + WAIT
    # A stream of a kind (DOWN 0, UP 1, CHAT 2), that begins a connection.
    stream = lambda kind, text=b"abc", timeout=0: (bytes([C_STREAM, kind, timeout, len(text)]) + text
                                                   + bytes([PASS_MILLIS, 2, C_GREET]) + WAIT)
    reply = lambda text=b"y", status=0: bytes([C_REPLY, 1, status, len(text)]) + text
    scripts = {
        "answered": begin + answer(1) + WAIT,
        "page": call() + bytes([PASS_MILLIS, 2]) + raw_bytes(document_side("server")) + WAIT,
        "failed": begin + answer(1, status=5) + WAIT,
        "unknown_status": begin + answer(1, status=17) + WAIT,
        "refused": begin + sent(RESPONSE, END | REFUSED, 1, 14, b"\x02\x05later") + WAIT,
        "details": begin + sent(RESPONSE, END, 1, 3, b"\x06\x03bad\x03url\x02xy") + WAIT,
        "headers": begin + sent(RESPONSE, 0, 1, 0, b"\x08\x01a\x01b") + WAIT + answer(1) + WAIT,
        "times": begin + sent(RESPONSE, END | MESSAGE | DEADLINE, 1, 0, message=TEXT(b"z"), time=bytes(4)) + WAIT,
        "pieces": begin + sent(DATA, MESSAGE | MORE, 1, 0, message=b"\xFC\x05\x03\x0a\x03a") + WAIT
                  + sent(RESPONSE, END | MESSAGE, 1, 0, message=b"\x02bc") + WAIT,
        "too_large": begin + sent(DATA, MESSAGE | MORE, 1, 0, message=b"\xFB" + struct.pack("<IH", 900_000, 9)) + WAIT
                     + answer(1) + WAIT,
        "two_messages": begin + sent(DATA, MESSAGE, 1, 0, message=TEXT(b"z")) * 2 + answer(1) + WAIT,
        "not_a_message": begin + sent(RESPONSE, END | MESSAGE, 1, 0, message=b"\x03abc") + WAIT,
        "timeout": call(timeout=3) + bytes([C_GREET, PASS_MILLIS, 60]) + answer(1) + WAIT,
        "cancelled": begin + bytes([C_CANCEL, 0]) + WAIT + answer(1, status=1) + WAIT,
        "dropped": call(kind=16) + bytes([C_GREET]) + WAIT + bytes([C_DROP, 0]) + WAIT + answer(1) + WAIT,
        "many": begin + b"".join(call() for _ in range(40)) + WAIT + answer(3) + answer(1) + WAIT,
        "wait_for_ready": call(kind=2) + bytes([CLOSE]) + WAIT + call(kind=2, timeout=200) + bytes([PASS_SECONDS, 3]),
        "large_request": begin + call(kind=1) * 8 + WAIT + sent(WINDOW, 0, 0, 1_000_000) + WAIT,
        "goaway": begin + call() + sent(GOAWAY, 0, 0, 1, message=b"\x04" + bytes(4)) + WAIT + answer(1) + WAIT,
        "goaway_error": begin + sent(GOAWAY, 0, 0, 0, message=b"\x06\x0B\x00\x00\x00no") + WAIT,
        "reset": begin + bytes([RESET]) + WAIT + call() + bytes([PASS_SECONDS, 1, C_GREET]) + WAIT + answer(1) + WAIT,
        "end": begin + bytes([END_WRITING]) + WAIT,
        "silent": call() + bytes([PASS_SECONDS, 20]),
        "foreign": call() + bytes([PASS_MILLIS, 2]) + raw_bytes(b"HTTP/1.1 400 Bad Request\r\n") + WAIT,
        "other_major": call() + bytes([PASS_MILLIS, 2]) + raw_bytes(PREFACE[:5] + b"\x02\x00\x00") + WAIT,
        "one_byte_at_a_time": call() + bytes([PASS_MILLIS, 2, SET_SLICE, 1, C_GREET]) + answer(1) + WAIT,
        "stream_not_opened": begin + answer(7) + WAIT,
        "ping_flood": begin + bytes([REPEAT_FRAME, 100]) + step_frame(PING, 0, 0, 1) + WAIT,
        "replaced": begin + bytes([C_REPLACE_CHANNEL]) + call() + bytes([PASS_MILLIS, 2, C_GREET]) + WAIT + answer(1) + WAIT,
        "stream_down": stream(0) + reply() * 3 + WAIT + reply(status=1) + WAIT,
        "stream_down_some": stream(16, b"a") + reply() * 3 + reply(status=1) + WAIT,
        "stream_up": stream(1) + answer(1) + WAIT,
        "stream_up_without_reply": stream(1) + reply(status=1) + WAIT,
        "stream_chat": stream(2) + reply() + WAIT + reply() + reply(status=6) + WAIT,
        "stream_last": stream(2, b"abz") + reply(status=1) + WAIT,
        "stream_large": stream(10, b"abcdefghij") + sent(WINDOW, 0, 1, 300_000) + WAIT + reply() + reply(status=1) + WAIT,
        "stream_destroyed": stream(50, b"") + reply() + WAIT,
        "stream_cancelled": stream(2) + reply() + bytes([C_CANCEL_STREAM, 0]) + WAIT + reply(status=2) + WAIT,
        "stream_timeout": stream(2, timeout=2) + reply() + bytes([PASS_MILLIS, 50]) + reply() + WAIT,
        "stream_cut": stream(2) + reply() + bytes([RESET]) + WAIT,
        "stream_goaway": stream(2) + sent(GOAWAY, 0, 0, 0, message=b"\x04" + bytes(4)) + WAIT,
        "stream_refused": stream(0) + sent(RESPONSE, END | REFUSED, 1, 14) + WAIT,
        "stream_pieces": stream(0) + sent(DATA, MESSAGE | MORE, 1, 0, message=b"\xFC\x05\x03\x0a\x03a") + WAIT
                         + sent(DATA, MESSAGE, 1, 0, message=b"\x02bc") + reply(status=1) + WAIT,
        "stream_unread": stream(48, b"") + reply() * 5 + WAIT,
        "stream_overrun": stream(2, b"") + sent(DATA, MESSAGE, 1, 0, message=b"\xFE") * 5 + WAIT,
        "stream_bad_message": stream(2) + sent(DATA, MESSAGE, 1, 0, message=b"\x03abc") + WAIT,
        "stream_replaced": stream(2) + reply() + bytes([C_REPLACE_CHANNEL]) + WAIT,
        "low_settings": call() + bytes([PASS_MILLIS, 2, SEND_PREFACE, SEND_SETTINGS, 1, 1]) + struct.pack("<I", 1) + WAIT,
        "high_settings": call() + bytes([PASS_MILLIS, 2, SEND_PREFACE, SEND_SETTINGS, 2, 2]) + struct.pack("<I", 1 << 30)
                         + b"\x06" + struct.pack("<I", 100) + WAIT + call(kind=1) + answer(1) + WAIT,
    }
    for name, script in scripts.items():
        yield name, network + script
        if name in ("answered", "pieces", "large_request", "reset", "stream_chat", "stream_large"):
            yield name + "_rough", bytes([7, 7]) + script


TARGETS = (address, metadata, frame_codec, compression, server_connection, client_connection)


def main():
    check = sys.argv[1:] == ["--check"]
    wrong = []
    for target in TARGETS:
        folder = os.path.join(HERE, "corpus", target.__name__)
        os.makedirs(folder, exist_ok=True)
        wanted = {"seed_" + name: data for name, data in target()}
        there = {name for name in os.listdir(folder) if name.startswith("seed_")}
        for name in sorted(there - wanted.keys()):
            wrong.append(os.path.join(folder, name) + ": is not written by make_corpus.py")
        for name, data in wanted.items():
            path = os.path.join(folder, name)
            if not check:
                with open(path, "wb") as file:
                    file.write(data)
                continue
            try:
                with open(path, "rb") as file:
                    same = file.read() == data
            except FileNotFoundError:
                same = False
            if not same:
                wrong.append(path + ": is not what make_corpus.py writes")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
