"""A server that follows a script, for tests of the independent client."""

import socket
import threading

import dialtone1_client as d
from dialtone1_client import SETTINGS, encode_frame


class Script(threading.Thread):
    """A server of one connection: `play(peer)` is given the other end, as a RawConnection."""

    def __init__(self, play):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.play = play
        self.error = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.join(20)
        self.listener.close()
        if self.error is not None:
            raise self.error

    def run(self):
        try:
            self.listener.settimeout(10)
            connection, _ = self.listener.accept()
            connection.setblocking(False)
            peer = object.__new__(d.RawConnection)
            peer.socket, peer.timeout, peer.inbox, peer.peer_closed = connection, 10.0, bytearray(), False
            with peer:
                self.play(peer)
        except Exception as error:  # told to the test's thread
            self.error = error


def greet(peer, settings=None):
    """The server's beginning; returns after the client's SETTINGS."""
    assert peer.read_preface() == d.PREFACE
    peer.send(d.PREFACE + encode_frame(SETTINGS, message=d.encode_settings(settings or {})))
    first = peer.read_frame()
    assert first.type == SETTINGS, first
