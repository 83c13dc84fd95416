"""Starts the servers and clients of bench/README.md's contract on the processors they belong on, and reads what they say."""

import contextlib
import json
import os
import pathlib
import selectors
import signal
import subprocess
import sys

# A server that is not there after so long will not come; a client may take its time and so much longer.
START_SECONDS = 20
SLACK_SECONDS = 60
NO_SUCH_MODE = 2


class CaseFailed(Exception):
    """A program did not do what its contract says; the text is for the report."""


class ModeMissing(CaseFailed):
    """A client knows no such mode: no failure, there is just nothing to measure."""


class Placement:
    """Where a round's servers and clients run."""

    def __init__(self, name, server, client, hot=False):
        self.name, self.server, self.client, self.hot = name, server, client, hot

    @contextlib.contextmanager
    def entered(self):
        """With `hot`, a process of the lowest priority spins on each processor meanwhile, so that none halts."""
        if not self.hot:
            yield
            return
        spinner = pathlib.Path(__file__).with_name("spinner.py")
        spinners = [subprocess.Popen([sys.executable, "-B", str(spinner), str(cpu)], stdin=subprocess.DEVNULL)
                    for cpu in sorted(self.server | self.client)]
        try:
            yield
        finally:
            for process in spinners:
                process.kill()
                process.wait()


def placements():
    """same, and with two processors cross and hot, on those that this process may use."""
    cpus = sorted(os.sched_getaffinity(0))
    first, second = {cpus[0]}, {cpus[-1]}
    if len(cpus) == 1:
        return [Placement("same", first, first)]
    return [Placement("same", first, first), Placement("cross", first, second),
            Placement("hot", first, second, hot=True)]


def _start(argv, cpus, **how):
    return subprocess.Popen([str(word) for word in argv], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            preexec_fn=lambda: os.sched_setaffinity(0, cpus), **how)


def _line(process, seconds, what):
    """One line of its output, or CaseFailed."""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if selector.select(seconds) else ""
    if not line:
        raise CaseFailed(f"{what} said nothing for {seconds} s")
    return line


def children(pid):
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Server:
    """A server that serves, until stop(). `counted_by`: a command that runs it as its child, and counts something."""

    def __init__(self, argv, cpus, log, counted_by=()):
        self.name, self.pid = pathlib.Path(argv[0]).name, None
        self.process = _start([*counted_by, *argv], cpus, stderr=log)
        try:
            line = _line(self.process, START_SECONDS, self.name)
            if not line.startswith("port "):
                raise CaseFailed(f"{self.name} said {line.strip()!r} instead of its port")
            self.port = int(line.split()[1])
            self.pid = children(self.process.pid)[0] if counted_by else self.process.pid
        except BaseException:
            self.kill()
            raise

    def kill(self):
        """At once: it, and what counts it."""
        for pid in (self.pid, self.process.pid):
            if pid is not None and self.process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def resident_bytes(self, peak=False):
        """Now, or the most that it ever was."""
        name = "VmHWM:" if peak else "VmRSS:"
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
        raise CaseFailed(f"{self.name} has no resident memory: it has ended")

    def cpu_nanoseconds(self):
        """What its threads that live have used so far."""
        return sum(int((task / "schedstat").read_text().split()[0])
                   for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir())

    def stop(self):
        """Ends it as its user would; it must leave with 0."""
        if self.process.poll() is None:
            os.kill(self.pid, signal.SIGTERM)
        try:
            code = self.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise CaseFailed(f"{self.name} did not end at SIGTERM") from None
        self.process.stdout.close()
        if code != 0:
            raise CaseFailed(f"{self.name} ended with {code}")


@contextlib.contextmanager
def serving(commands, cpus, log, counted_by=()):
    """Starts servers one after the other; "{address}" in a command is where the one before listens. Yields all."""
    servers = []
    try:
        for command in commands:
            before = servers[-1].address if servers else ""
            argv = [str(word).replace("{address}", before) for word in command]
            servers.append(Server(argv, cpus, log, counted_by))
        yield servers
    except BaseException:
        for server in servers:
            server.kill()
        raise
    for server in reversed(servers):
        server.stop()


def run_client(argv, cpus, seconds, log, counted_by=()):
    """The last line that it prints, parsed; it must leave with 0, and without errors."""
    name = pathlib.Path(argv[0]).name
    process = _start([*counted_by, *argv], cpus, stderr=log)
    try:
        output = process.communicate(timeout=seconds + SLACK_SECONDS)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise CaseFailed(f"{name} did not end") from None
    if process.returncode == NO_SUCH_MODE:
        raise ModeMissing(f"{name} knows no such mode")
    if process.returncode != 0:
        raise CaseFailed(f"{name} ended with {process.returncode}")
    return json.loads(output.splitlines()[-1])


class HoldingClient:
    """A client that opens connections, says so, and holds them until stop()."""

    def __init__(self, argv, cpus, log):
        self.process = _start(argv, cpus, stderr=log)
        try:
            self.opened = json.loads(_line(self.process, START_SECONDS + SLACK_SECONDS, argv[0]))
        except BaseException:
            self.stop()
            raise

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
