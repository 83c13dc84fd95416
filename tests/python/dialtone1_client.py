#!/usr/bin/env python3
"""A client of Dialtone/1, written from docs/protocol.md alone, with nothing but the standard library.

It proves that the document suffices, and it lets tests say to a server what no well-behaved client says. Calls whose
messages come and go one by one are in dialtone1_stream.py, and messages that are compressed or have an attachment in
dialtone1_body.py, on top of this.

Longer than 400 lines because it is a whole client in one file, to be read or taken along.

    with Client("127.0.0.1", 7000) as client:
        reply = client.call("/greeter.Greeter/Greet", bytes.fromhex("0a03416461"), timeout=2.0)
        print(reply.status, reply.message.hex())

As a program:  dialtone1_client.py HOST PORT /package.Service/Method --hex 0a03416461
"""

import argparse
import collections
import select
import socket
import struct
import sys
import time

PREFACE = b"\xd1DT\r\n\x01\x00\x00"

SETTINGS, REQUEST, RESPONSE, DATA, CANCEL, WINDOW, PING, GOAWAY = range(1, 9)
TYPE_NAMES = ["?", "SETTINGS", "REQUEST", "RESPONSE", "DATA", "CANCEL", "WINDOW", "PING", "GOAWAY"]
END, MORE, MESSAGE, COMPRESSED, DEADLINE, REFUSED, ATTACHED = 1, 2, 4, 8, 16, 32, 64
TIMES = DEADLINE
SKIP = 0x80

(MAX_STREAMS, STREAM_WINDOW, CONNECTION_WINDOW, MAX_METHODS, MAX_METADATA_BYTES,
 MAX_MESSAGE_BYTES, WANTS_TIMES, FEATURES, COMPRESSIONS) = range(1, 10)
MINIMA = {MAX_STREAMS: 64, STREAM_WINDOW: 256 * 1024, CONNECTION_WINDOW: 1024 * 1024,
          MAX_METHODS: 64, MAX_METADATA_BYTES: 8 * 1024, MAX_MESSAGE_BYTES: 0, WANTS_TIMES: 0,
          FEATURES: 0, COMPRESSIONS: 0}

MAX_PIECE = 64 * 1024
MIN_PIECE = 1024
MIN_CHARGE = 16
MAX_WINDOW = 2**31 - 1
HEADER = struct.Struct("<IBBHII")

Frame = collections.namedtuple("Frame", "type flags stream argument time metadata message")
Frame.__doc__ = "time: the eight bytes of DEADLINE or TIMES, or b''. message: the rest of the payload."


def charge_of(part_bytes):
    """What a frame with such a message part costs in its windows."""
    return max(part_bytes, MIN_CHARGE)


class ProtocolError(Exception):
    """The peer said something that the protocol does not allow."""


class ConnectionLost(Exception):
    """The connection ended before what was waited for had come."""


def encode_frame(type_, flags=0, stream=0, argument=0, time_prefix=b"", metadata=b"", message=b""):
    """Judges nothing: what is illegal can be encoded, too."""
    payload = time_prefix + metadata + message
    return HEADER.pack(len(payload), type_, flags, len(metadata), stream, argument) + payload


def decode_frame(data):
    """(frame, bytes it took) from the beginning of `data`, or (None, 0) when it is not whole yet."""
    if len(data) < HEADER.size:
        return None, 0
    length, type_, flags, meta_length, stream, argument = HEADER.unpack_from(data)
    if length > 8 + 65535 + MAX_PIECE:
        raise ProtocolError(f"frame of {length} bytes")
    end = HEADER.size + length
    if len(data) < end:
        return None, 0
    prefix = 8 if flags & DEADLINE and type_ in (REQUEST, RESPONSE) else 0
    if prefix + meta_length > length:
        raise ProtocolError(f"payload of {length} bytes with {meta_length} of metadata")
    at = HEADER.size
    payload = bytes(data[at:end])
    return Frame(type_, flags, stream, argument, payload[:prefix],
                 payload[prefix:prefix + meta_length], payload[prefix + meta_length:]), end


def encode_settings(settings):
    return b"".join(struct.pack("<HI", i, value) for i, value in settings.items())


def decode_settings(payload):
    if len(payload) % 6:
        raise ProtocolError("SETTINGS that are no whole number of pairs")
    settings = dict(MINIMA)
    for at in range(0, len(payload), 6):
        id_, value = struct.unpack_from("<HI", payload, at)
        if id_ in MINIMA:
            if value < MINIMA[id_]:
                raise ProtocolError(f"setting {id_} is {value}, below its minimum")
            settings[id_] = value
    return settings


def encode_metadata(pairs):
    block = b""
    for key, value in pairs:
        key = key.encode("ascii")
        value = value if isinstance(value, bytes) else value.encode("utf-8")
        block += struct.pack("<BH", len(key), len(value)) + key + value
    return block


def decode_metadata(block):
    """A list of (key, value): str, bytes."""
    pairs, at = [], 0
    while at < len(block):
        if len(block) - at < 3:
            raise ProtocolError("metadata ends inside a pair")
        key_length, value_length = struct.unpack_from("<BH", block, at)
        at += 3
        end = at + key_length + value_length
        if key_length == 0 or end > len(block):
            raise ProtocolError("metadata pair longer than its block")
        pairs.append((block[at:at + key_length].decode("ascii"), block[at + key_length:end]))
        at = end
    return pairs


def encode_details(details):
    return b"".join(struct.pack("<H", len(part)) + part
                    for url, value in details for part in (url.encode("utf-8"), value))


def decode_details(value):
    """Those that are whole."""
    parts, at = [], 0
    while len(value) - at >= 2:
        (length,) = struct.unpack_from("<H", value, at)
        at += 2
        if at + length > len(value):
            break
        parts.append(value[at:at + length])
        at += length
    return [(parts[i].decode("utf-8", "replace"), parts[i + 1]) for i in range(0, len(parts) - 1, 2)]


class RawConnection:
    """A connection on which anything may be said. Reads whole frames; never stops reading to write."""

    def __init__(self, host, port, timeout=10.0):
        self.socket = socket.create_connection((host, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.timeout = timeout
        self.inbox = bytearray()
        self.peer_closed = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        """Sends all of it. What arrives meanwhile is kept, so two full pipes cannot block each other."""
        view = memoryview(data)
        deadline = time.monotonic() + self.timeout
        while view:
            readable, writable, _ = select.select(
                [] if self.peer_closed else [self.socket], [self.socket], [],
                max(0, deadline - time.monotonic()))
            if readable:
                self._receive()
            if writable:
                try:
                    view = view[self.socket.send(view):]
                except BlockingIOError:
                    pass
                except OSError as error:
                    raise ConnectionLost(str(error)) from error
            elif not readable:
                raise TimeoutError("send")

    def shutdown_write(self):
        self.socket.shutdown(socket.SHUT_WR)

    def _receive(self):
        try:
            data = self.socket.recv(256 * 1024)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.inbox += data
        else:
            self.peer_closed = True

    def _wait(self, deadline):
        """Waits for more bytes. False: the peer has closed."""
        if self.peer_closed:
            return False
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.socket], [], [], left)[0]:
            raise TimeoutError("read")
        self._receive()
        return not self.peer_closed

    def read_exactly(self, count, timeout=None):
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while len(self.inbox) < count:
            if not self._wait(deadline):
                raise ConnectionLost(f"closed after {len(self.inbox)} of {count} bytes")
        data = bytes(self.inbox[:count])
        del self.inbox[:count]
        return data

    def read_preface(self):
        preface = self.read_exactly(len(PREFACE))
        if preface[:5] != PREFACE[:5]:
            raise ProtocolError(f"no preface but {preface.hex(' ')}")
        return preface

    def read_frame(self, timeout=None):
        """The next frame, of any type; None when the peer has closed behind a whole frame."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            frame, size = decode_frame(self.inbox)
            if frame is not None:
                del self.inbox[:size]
                return frame
            if not self._wait(deadline):
                if self.inbox:
                    raise ConnectionLost("closed inside a frame")
                return None

    def read_until_close(self, timeout=None):
        """Every frame until the peer closes; then they say why it did."""
        frames = []
        while (frame := self.read_frame(timeout)) is not None:
            frames.append(frame)
        return frames


class Goaway(collections.namedtuple("Goaway", "last_stream reason text")):
    @staticmethod
    def read(frame):
        (reason,) = struct.unpack_from("<I", frame.message)
        return Goaway(frame.argument, reason, frame.message[4:].decode("utf-8", "replace"))


class Reply:
    """How a call ended, and all that came before."""

    def __init__(self):
        self.ended = False
        self.status = None
        self.status_text = ""
        self.details = []
        self.refused = False
        self.initial_metadata = []
        self.trailing_metadata = []
        self.messages = []
        self.attachments = []  # one for each message; b"": none
        self.times = None  # (queue, handler) in microseconds

    @property
    def message(self):
        return self.messages[0] if self.messages else None


class _Stream:
    def __init__(self, credit):
        self.reply = Reply()
        self.credit = credit
        self.owed = 0
        self.untaken = None  # a deque, where messages wait to be taken: what each is charged with until then
        self.partial = None
        self.total = 0
        self.traits = None  # of the message in `partial`
        self.ended_here = False  # END or CANCEL sent
        self.cancelled = False


class Client(RawConnection):
    """Calls, as many at once as the server allows. One thread; the methods that wait read what comes."""

    def __init__(self, host, port, timeout=10.0, settings=None):
        super().__init__(host, port, timeout)
        self.settings = dict(MINIMA, **{})
        self.settings.update({MAX_MESSAGE_BYTES: 4 * 1024 * 1024} if settings is None else settings)
        self.server = dict(MINIMA)
        self.server_preface = None
        self.server_settings_seen = False
        self.goaways = []
        self.pongs = []
        self.streams = {}
        self.next_stream = 1
        self.methods = {}
        self.credit = MINIMA[CONNECTION_WINDOW]
        self.owed = 0
        said = {i: v for i, v in self.settings.items() if v != MINIMA[i]}
        self.send(PREFACE + encode_frame(SETTINGS, message=encode_settings(said)))

    # --- Calls ---

    def call(self, path, request, timeout=None, metadata=()):
        """A unary call, from its request to its end."""
        stream = self.start(path, request, timeout=timeout, metadata=metadata)
        return self.wait(stream, timeout)

    def start(self, path, request=None, timeout=None, metadata=(), end=True):
        """Opens a stream, with a first message unless it is None. Returns the stream's id."""
        while self._open_calls() >= self.server[MAX_STREAMS]:
            self._pump()
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        self.streams[stream] = _Stream(self.server[STREAM_WINDOW])
        method, pairs = self._bind(path)
        prefix = b"" if timeout is None else struct.pack("<Q", int(timeout * 1e6))
        head = dict(argument=method, time_prefix=prefix, metadata=encode_metadata(pairs + list(metadata)))
        if request is None:
            self._send_frame(REQUEST, END if end else 0, stream, **head)
        else:
            self._send_message(stream, request, end, REQUEST, head)
        return stream

    def send_message(self, stream, message, end=False, deadline=None):
        """False: the call has ended before the message was sent whole."""
        return self._send_message(stream, message, end, DATA, {}, deadline)

    def send_end(self, stream):
        self.streams[stream].ended_here = True
        self._send_frame(DATA, END, stream)

    def hold_messages(self, stream):
        """From here on the stream's messages count against its window until take() hands them out, or
        release_messages() leaves them in the reply."""
        self.streams[stream].untaken = collections.deque()

    def release_messages(self, stream):
        state = self.streams[stream]
        held, state.untaken = state.untaken or (), None
        self._credit_stream(stream, state, sum(held))

    def take(self, stream):
        """The oldest message that is held; None if there is none."""
        state = self.streams[stream]
        if not state.untaken:
            return None
        self._credit_stream(stream, state, state.untaken.popleft())
        return state.reply.messages.pop(0)

    def cancel(self, stream, reason=0):
        """The call's RESPONSE with END still comes: wait() for it."""
        self.streams[stream].ended_here = self.streams[stream].cancelled = True
        self._send_frame(CANCEL, 0, stream, argument=reason)

    def wait(self, stream, timeout=None):
        """The reply of a call. When `timeout` passes first: cancels it, waits for its end, raises TimeoutError."""
        deadline = None if timeout is None else time.monotonic() + timeout
        reply = self.streams[stream].reply
        try:
            while not reply.ended:
                self.pump(deadline)
        except TimeoutError:
            if deadline is None:
                raise
            self.cancel(stream, reason=1)
            self.wait(stream)
            raise
        del self.streams[stream]
        return reply

    def pump(self, deadline=None):
        """Takes one frame. TimeoutError: none came until then (a time of time.monotonic())."""
        self._pump(None if deadline is None else max(0.001, deadline - time.monotonic()))

    def ping(self, token=0):
        """Returns the seconds that the answer took."""
        begun = time.monotonic()
        self.send(encode_frame(PING, argument=token))
        while token not in self.pongs:
            self._pump()
        self.pongs.remove(token)
        return time.monotonic() - begun

    def finish(self):
        """Leaves as the document asks: no new calls, half-close, read to the end."""
        self.shutdown_write()
        try:
            while True:
                self._pump()
        except ConnectionLost:
            pass
        self.close()

    # --- What goes out ---

    def _open_calls(self):
        return sum(1 for s in self.streams.values() if not s.reply.ended)

    def _bind(self, path):
        if path in self.methods:
            return self.methods[path], []
        if len(self.methods) >= self.server[MAX_METHODS]:
            return 0, [(":path", path)]
        self.methods[path] = len(self.methods) + 1
        return self.methods[path], [(":path", path)]

    def _send_frame(self, type_, flags, stream, argument=0, time_prefix=b"", metadata=b"", message=b""):
        if time_prefix:
            flags |= DEADLINE
        self.send(encode_frame(type_, flags, stream, argument, time_prefix, metadata, message))

    def _send_message(self, stream, message, end, type_, head, deadline=None):
        """In one frame if it fits, in pieces otherwise; waits for credit, until `deadline`; False when the call
        has ended before all was sent."""
        state = self.streams[stream]
        state.ended_here = end
        dress, own_prefix, message = self._dress(message)
        sent, first = 0, True
        while not state.reply.ended:
            credit = min(self.credit, state.credit, MAX_PIECE)
            left = len(message) - sent
            if credit < MIN_CHARGE:
                self.pump(deadline)
                continue
            prefix = own_prefix if first else b""
            if charge_of(len(prefix) + left) <= credit:
                part, flags = message[sent:], MESSAGE | (END if end else 0)
            else:
                prefix = struct.pack("<I", len(message)) + prefix if first else b""
                size = min(credit - len(prefix), left - 1)
                if size < min(MIN_PIECE, left - 1):
                    self.pump(deadline)
                    continue
                part, flags = message[sent:sent + size], MESSAGE | MORE
            flags |= dress if first else 0
            charge = charge_of(len(prefix) + len(part))
            self.credit -= charge
            state.credit -= charge
            self._send_frame(type_, flags, stream, message=prefix + part, **head)
            type_, head, first = DATA, {}, False
            sent += len(part)
            if not flags & MORE:
                return True
        return False

    def _dress(self, message):
        """Flags, prefix and body of a message."""
        return 0, b"", message

    # --- What comes in ---

    def _pump(self, timeout=None):
        """Takes one frame."""
        if self.server_preface is None:
            self.server_preface = self.read_preface()
            if self.server_preface[5] != PREFACE[5]:
                raise ProtocolError(f"the server speaks major version {self.server_preface[5]}")
        frame = self.read_frame(timeout)
        if frame is None:
            raise ConnectionLost(f"the server has closed; it said {self.goaways}")
        if not self.server_settings_seen and frame.type not in (SETTINGS, GOAWAY):
            raise ProtocolError("the first frame is not SETTINGS")
        handler = {SETTINGS: self._on_settings, RESPONSE: self._on_call_frame, DATA: self._on_call_frame,
                   WINDOW: self._on_window, PING: self._on_ping, GOAWAY: self._on_goaway}.get(frame.type)
        if handler is not None:
            handler(frame)
        elif not frame.type & SKIP:
            raise ProtocolError(f"a frame of type {frame.type}")

    def _on_settings(self, frame):
        if self.server_settings_seen:
            raise ProtocolError("SETTINGS twice")
        self.server_settings_seen = True
        self.server = decode_settings(frame.message)
        self.credit += self.server[CONNECTION_WINDOW] - MINIMA[CONNECTION_WINDOW]
        for stream in self.streams.values():
            stream.credit += self.server[STREAM_WINDOW] - MINIMA[STREAM_WINDOW]

    def _on_ping(self, frame):
        if frame.flags & END:
            self.pongs.append(frame.argument)
        else:
            self.send(encode_frame(PING, END, argument=frame.argument))

    def _on_goaway(self, frame):
        goaway = Goaway.read(frame)
        self.goaways.append(goaway)
        for id_, stream in self.streams.items():
            if id_ > goaway.last_stream and not stream.reply.ended:
                stream.reply.ended, stream.reply.refused, stream.reply.status = True, True, 14

    def _on_window(self, frame):
        if frame.stream == 0:
            self.credit += frame.argument
            if self.credit > MAX_WINDOW:
                raise ProtocolError("connection window overflows")
        elif frame.stream in self.streams:
            self.streams[frame.stream].credit += frame.argument

    def _on_call_frame(self, frame):
        stream = self.streams.get(frame.stream)
        if stream is None or stream.reply.ended:
            raise ProtocolError(f"{TYPE_NAMES[frame.type]} on stream {frame.stream}, which is closed")
        if frame.type == RESPONSE:
            self._on_response(stream.reply, frame)
        if frame.flags & MESSAGE:
            self._credit_connection(charge_of(len(frame.message)))
            if not stream.cancelled:
                self._on_message_part(frame, stream)

    def _on_message_part(self, frame, stream):
        if self._on_piece(stream, frame) and stream.untaken is not None:
            stream.untaken.append(charge_of(len(frame.message)))
        else:
            self._credit_stream(frame.stream, stream, charge_of(len(frame.message)))

    def _credit_connection(self, charge):
        """On arrival, whatever becomes of the bytes."""
        self.owed += charge
        if self.owed >= self.settings[CONNECTION_WINDOW] // 2:
            self.send(encode_frame(WINDOW, 0, 0, self.owed))
            self.owed = 0

    def _credit_stream(self, stream_id, stream, charge):
        """When a message is taken, and before that for those of its bytes that came while it was not whole."""
        stream.owed += charge
        if stream.owed >= self.settings[STREAM_WINDOW] // 2 and not stream.reply.ended:
            self.send(encode_frame(WINDOW, 0, stream_id, stream.owed))
            stream.owed = 0

    def _on_piece(self, stream, frame):
        """True: the message is whole."""
        body, more = frame.message, bool(frame.flags & MORE)
        if stream.partial is None:
            if more:
                (stream.total,) = struct.unpack_from("<I", body)
                body = body[4:]
            stream.traits, body = self._read_prefix(frame.flags, body)
            if not more:
                self._keep(stream, body)
                return True
            stream.partial = b""
        elif frame.flags & (COMPRESSED | ATTACHED):
            raise ProtocolError("COMPRESSED or ATTACHED on a piece that is not the first")
        stream.partial += body
        if (len(stream.partial) == stream.total) == more or len(stream.partial) > stream.total:
            raise ProtocolError("pieces that are not the declared message")
        if not more:
            self._keep(stream, stream.partial)
            stream.partial = None
        return not more

    def _read_prefix(self, flags, part):
        """What the first piece says of its message, and the rest of the piece."""
        if flags & (COMPRESSED | ATTACHED):
            raise ProtocolError("a feature that was not announced")
        return None, part

    def _keep(self, stream, body):
        """A whole message, whose traits are the stream's."""
        stream.reply.messages.append(body)
        stream.reply.attachments.append(b"")

    def _on_response(self, reply, frame):
        pairs = decode_metadata(frame.metadata)
        if not frame.flags & END:
            reply.initial_metadata = pairs
            return
        own = dict((k, v) for k, v in pairs if k.startswith(":"))
        reply.trailing_metadata = [(k, v) for k, v in pairs if not k.startswith(":")]
        reply.status = frame.argument
        reply.status_text = own.get(":message", b"").decode("utf-8", "replace")
        reply.details = decode_details(own.get(":details", b""))
        reply.refused = bool(frame.flags & REFUSED)
        if frame.flags & TIMES:
            reply.times = struct.unpack("<II", frame.time)
        reply.ended = True


def main():
    parser = argparse.ArgumentParser(description="Makes one unary call over Dialtone/1.")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("path", help="/package.Service/Method")
    parser.add_argument("--hex", default="", help="the request's bytes")
    parser.add_argument("--timeout", type=float, default=15.0, help="seconds")
    parser.add_argument("--metadata", action="append", default=[], metavar="KEY=VALUE")
    arguments = parser.parse_args()
    pairs = [tuple(pair.split("=", 1)) for pair in arguments.metadata]
    try:
        with Client(arguments.host, arguments.port) as client:
            reply = client.call(arguments.path, bytes.fromhex(arguments.hex), arguments.timeout, pairs)
    except (OSError, ProtocolError, ConnectionLost) as error:
        print(f"failed: {error or type(error).__name__}", file=sys.stderr)
        return 2
    print(f"status {reply.status} {reply.status_text}".rstrip())
    for url, value in reply.details:
        print(f"detail {url} {value.hex()}")
    for key, value in reply.initial_metadata + reply.trailing_metadata:
        print(f"metadata {key} {value!r}")
    if reply.message is not None:
        print(f"message {reply.message.hex()}")
    return 0 if reply.status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
