"""Messages that are compressed by gzip, and attachments, on top of dialtone1_client.Client and from docs/protocol.md
alone as well.

    with BodyClient("127.0.0.1", 7000) as client:
        client.compress, client.attach = True, b"beside the next messages"
        reply = client.call("/echo.Echo/Echo", b"...")
        print(reply.messages, reply.attachments, client.compressed_replies)
"""

import gzip
import struct
import zlib

import dialtone1_client as d

ACCEPTS_COMPRESSED, ACCEPTS_ATTACHED = 1, 2
GZIP = 2
GZIP_BIT = 1 << (GZIP - 1)
GZIP_WINDOW = 16 + zlib.MAX_WBITS


def unpack(packed, original_size):
    """One whole member, which becomes so many bytes; never more of them are made."""
    inflate = zlib.decompressobj(GZIP_WINDOW)
    message = inflate.decompress(packed, original_size) if original_size else b""
    message += inflate.decompress(inflate.unconsumed_tail or (b"" if original_size else packed), 1)
    if len(message) != original_size or not inflate.eof or inflate.unused_data or inflate.unconsumed_tail:
        raise d.ProtocolError("a compressed message that is not what was declared")
    return message


class BodyClient(d.Client):
    """Says that it accepts both; uses them as its attributes say, if the server accepts them."""

    def __init__(self, host, port, timeout=10.0, settings=None):
        said = {d.FEATURES: ACCEPTS_COMPRESSED | ACCEPTS_ATTACHED, d.COMPRESSIONS: GZIP_BIT}
        super().__init__(host, port, timeout, dict(said, **(settings or {})))
        self.compress = False
        self.attach = b""
        self.compressed_replies = 0
        while not self.server_settings_seen:
            self._pump()

    def _dress(self, message):
        flags, prefix = 0, b""
        features = self.server[d.FEATURES]
        if self.compress and features & ACCEPTS_COMPRESSED and self.server[d.COMPRESSIONS] & GZIP_BIT:
            flags |= d.COMPRESSED
            prefix += struct.pack("<BI", GZIP, len(message))
            message = gzip.compress(message)
        if self.attach and features & ACCEPTS_ATTACHED:
            flags |= d.ATTACHED
            prefix += struct.pack("<I", len(message))
            message += self.attach
        return flags, prefix, message

    def _read_prefix(self, flags, part):
        original_size = message_size = None
        if flags & d.COMPRESSED:
            algorithm, original_size = struct.unpack_from("<BI", part)
            if algorithm != GZIP:
                raise d.ProtocolError(f"algorithm {algorithm} was not announced")
            part = part[5:]
        if flags & d.ATTACHED:
            (message_size,) = struct.unpack_from("<I", part)
            part = part[4:]
        return (original_size, message_size), part

    def _keep(self, stream, body):
        original_size, message_size = stream.traits
        if message_size is not None and message_size > len(body):
            raise d.ProtocolError("an attachment that begins behind the message's end")
        message, attachment = (body, b"") if message_size is None else (body[:message_size], body[message_size:])
        if original_size is not None:
            message = unpack(message, original_size)
            self.compressed_replies += 1
        stream.reply.messages.append(message)
        stream.reply.attachments.append(attachment)
