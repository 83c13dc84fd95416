"""echo_server as a process that a test looks at from outside, and the messages of echo.Echo by hand."""

import os
import re
import signal
import subprocess
import tempfile
import time

PATIENCE = 60  # seconds; for what takes milliseconds on a machine that has nothing else to do

ECHO, SLEEP, FAIL = "/echo.Echo/Echo", "/echo.Echo/Sleep", "/echo.Echo/Fail"
REPEAT, COLLECT, CHAT = "/echo.Echo/Repeat", "/echo.Echo/Collect", "/echo.Echo/Chat"


# --- Messages: proto/echo/echo.proto ---

def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def text_field(number, value):
    value = value if isinstance(value, bytes) else value.encode("utf-8")
    return varint(number << 3 | 2) + varint(len(value)) + value


def number_field(number, value):
    return varint(number << 3) + varint(value)


def echo_request(text, payload=b"", id_=0):
    """An EchoReply to it has the same bytes."""
    return ((text_field(1, text) if text else b"") + (text_field(2, payload) if payload else b"")
            + (number_field(3, id_) if id_ else b""))


def duration(seconds):
    whole = int(seconds)
    return number_field(1, whole) + number_field(2, int((seconds - whole) * 1e9))


def sleep_request(seconds):
    return text_field(1, duration(seconds))


def repeat_request(count, text="", payload=b"", interval=0):
    return ((text_field(1, text) if text else b"") + (text_field(2, payload) if payload else b"")
            + number_field(3, count) + text_field(4, duration(interval)))


def collect_reply(text, count, payload_bytes=0):
    return ((text_field(1, text) if text else b"") + (number_field(2, count) if count else b"")
            + (number_field(3, payload_bytes) if payload_bytes else b""))


def fail_request(code, message="", details=()):
    return (number_field(1, code) + text_field(2, message)
            + b"".join(text_field(3, text_field(1, url) + text_field(2, value)) for url, value in details))


# --- The process ---

class EchoServer:
    """Listens on a port of its own choice. Killed at the end if it still runs."""

    def __init__(self, program, *arguments):
        self._log = tempfile.TemporaryFile()
        # The address sanitizer keeps freed memory for a while; the tests look at how much there is.
        options = os.environ.get("ASAN_OPTIONS", "")
        environment = dict(os.environ, ASAN_OPTIONS=f"{options}:quarantine_size_mb=1".lstrip(":"))
        self.process = subprocess.Popen([program, "--listen", "127.0.0.1:0", *arguments], env=environment,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._log, text=True)
        line = self.process.stdout.readline()
        match = re.fullmatch(r"listening on (127\.0\.0\.1):(\d+)\n", line)
        if match is None:
            self.close()
            raise AssertionError(f"no address in {line!r}")
        self.host, self.port = match[1], int(match[2])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self._log.close()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def exit_code(self):
        return self.process.wait(PATIENCE)

    def log(self):
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace")

    def wait_for_log(self, pattern):
        """The line in which `pattern` was found."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for line in self.log().splitlines():
                if re.search(pattern, line):
                    return line
            time.sleep(0.01)
        raise AssertionError(f"no {pattern!r} in the log:\n{self.log()[-3000:]}")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def wait_for_descriptors(self, most):
        """Until no more than so many are open."""
        deadline = time.monotonic() + PATIENCE
        while (now := self.descriptors()) > most:
            if time.monotonic() > deadline:
                raise AssertionError(f"{now} descriptors instead of {most}")
            time.sleep(0.02)

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1]) * 1024
