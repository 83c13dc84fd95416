"""Docker from the command line, for tests: commands with bounds on time, containers that end with a `with` block."""

import contextlib
import itertools
import json
import os
import subprocess
import time

import engine

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SERVER_IMAGE = "dialtone/echo-server"
CLIENT_IMAGE = "dialtone/echo-client"
# What a user gives a server that needs nothing.
LOCKED_UP = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges")
PORT = 7000
_numbers = itertools.count(1)


def run(*command, check=True, timeout=120, **options):
    """The finished process, its output as text. Fails with what it said."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=timeout, check=False, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} left with {done.returncode}:\n{(done.stdout + done.stderr)[-4000:]}")
    return done


def docker(*arguments, **options):
    return run(engine.client(), *arguments, **options)


def said(*arguments, **options):
    return docker(*arguments, **options).stdout.strip()


def wait_for(what, condition, seconds=30):
    """Returns the first true result."""
    until = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


class Container:
    """By its name or id."""

    def __init__(self, name):
        self.name = name

    def inspect(self, path):
        return json.loads(said("inspect", "--format", "{{json " + path + "}}", self.name))

    @property
    def ip(self):
        """On its only network."""
        networks = self.inspect(".NetworkSettings.Networks")
        return next(iter(networks.values()))["IPAddress"]

    @property
    def address(self):
        return f"{self.ip}:{PORT}"

    @property
    def pid(self):
        return self.inspect(".State.Pid")

    def health(self):
        return self.inspect(".State.Health.Status")

    def wait_healthy(self):
        wait_for(f"{self.name} is healthy", lambda: self.health() == "healthy")

    def log(self):
        done = docker("logs", self.name)
        return done.stdout + done.stderr

    def connections(self, peer=""):
        """How many are connected to the server's port (from that address): rows of TCP's table with state 01."""
        peer = "".join(f"{int(part):02X}" for part in reversed(peer.split("."))) if peer else ""
        with open(f"/proc/{self.pid}/net/tcp", encoding="utf-8") as file:
            rows = [line.split() for line in file.readlines()[1:]]
        return sum(row[1].endswith(f":{PORT:04X}") and row[2].startswith(peer) and row[3] == "01" for row in rows)

    def gateway(self):
        """What the host's connections come from."""
        return next(iter(self.inspect(".NetworkSettings.Networks").values()))["Gateway"]

    def wait_listening(self):
        wait_for(f"{self.name} listens", lambda: "listening on" in self.log())


@contextlib.contextmanager
def container(*arguments, image=SERVER_IMAGE, command=()):
    """A container that runs detached, and is removed at the end, whatever became of it."""
    name = f"dialtone-test-{os.getpid()}-{next(_numbers)}"
    docker("run", "--detach", "--name", name, *arguments, image, *command)
    try:
        yield Container(name)
    finally:
        docker("rm", "--force", "--volumes", name, check=False)


class HostClient:
    """The client's programs, taken out of their image: they are static, so they run on the host as they are."""

    def __init__(self, folder):
        self.folder = folder
        name = said("create", CLIENT_IMAGE)
        for program in ("echo_client", "echo_caller"):
            docker("cp", f"{name}:/{program}", os.path.join(folder, program))
        docker("rm", name)

    def path(self, program):
        return os.path.join(self.folder, program)

    def call(self, address, *arguments, **options):
        return run(self.path("echo_client"), address, *arguments, **options)

    @contextlib.contextmanager
    def begin(self, address, *arguments):
        """A call under way, in a process of its own."""
        process = subprocess.Popen([self.path("echo_client"), address, *arguments], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()
