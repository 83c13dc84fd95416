"""Calls that stream, on top of dialtone1_client.Client and from docs/protocol.md alone as well.

    with Client("127.0.0.1", 7000) as client, Stream(client, "/echo.Echo/Chat") as chat:
        chat.write(b"...")
        print(chat.read())
        chat.half_close()
        reply = chat.finish()

One shape for every kind: a method that streams one way only is given its one request as `request`, or writes and gets
its one reply from finish().
"""

import contextlib
import time

DEADLINE_PASSED = 1  # reason of a CANCEL


class Stream:
    """A call under way. Leaving its `with` before the end cancels it."""

    def __init__(self, client, path, request=None, timeout=None, metadata=()):
        """With a `request`, that is all that the client says. `timeout` is for the whole call: whatever waits longer
        cancels the call and raises TimeoutError."""
        self.client = client
        self.id = client.start(path, request, timeout, metadata, end=request is not None)
        client.hold_messages(self.id)
        self._state = client.streams[self.id]
        self._deadline = None if timeout is None else time.monotonic() + timeout

    @property
    def reply(self):
        """Metadata and status, as far as they have come. Its messages are those that nobody has read yet."""
        return self._state.reply

    @property
    def credit(self):
        """Bytes that write() could send now without waiting."""
        return min(self.client.credit, self._state.credit)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._is_open():
            self.cancel()
            self.client.wait(self.id)

    def __iter__(self):
        while (message := self.read()) is not None:
            yield message

    def read(self):
        """The next message; None when the server has ended the call, or it was cancelled."""
        while not self._state.cancelled:
            message = self.client.take(self.id) if self._is_open() else None
            if message is not None or self.reply.ended:
                return message
            self._pump()
        return None

    def read_initial_metadata(self):
        """Waits for them; empty where a message or the end has come instead."""
        while not (self.reply.ended or self.reply.initial_metadata or self.reply.messages):
            self._pump()
        return self.reply.initial_metadata

    def write(self, message):
        """Waits for credit. False: the call is over, and nobody will read the message."""
        assert not self._state.ended_here, "written behind END or CANCEL"
        if self.reply.ended:
            return False
        with self._watching_the_deadline():
            return self.client.send_message(self.id, message, deadline=self._deadline)

    def half_close(self):
        """Nothing more is to be written."""
        if not self._state.ended_here and not self.reply.ended:
            self.client.send_end(self.id)

    def cancel(self, reason=0):
        """What the server still sends is dropped; finish() gives the status with which it ends the call."""
        if not self._state.cancelled and not self.reply.ended:
            self.client.cancel(self.id, reason)

    def finish(self):
        """Half-closes, and waits for the end; messages that nobody has read stand in the reply."""
        if self._is_open():
            self.half_close()
            self.client.release_messages(self.id)
            while not self.reply.ended:
                self._pump()
            self.client.wait(self.id)
        return self.reply

    def _is_open(self):
        return self.id in self.client.streams

    def _pump(self):
        with self._watching_the_deadline():
            self.client.pump(self._deadline)

    @contextlib.contextmanager
    def _watching_the_deadline(self):
        """The document: when it passes, the client ends the call for its caller and sends CANCEL."""
        try:
            yield
        except TimeoutError:
            if self._deadline is not None and time.monotonic() >= self._deadline:
                self.cancel(DEADLINE_PASSED)
                self.client.wait(self.id)
            raise
