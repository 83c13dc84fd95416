"""docker/compose.yaml, up: its echo servers and callers of them, and what each call came to."""

import collections
import contextlib
import os
import re
import shutil
import struct
import time

import engine
from docker_cli import CLIENT_IMAGE, ROOT, Container, container, docker, run, said, wait_for

_FAILED = re.compile(r"failed id=(\d+) peer=(\S*) code=(\w+) began=([\d.]+) took_ms=([\d.]+) (.*)")
Failed = collections.namedtuple("Failed", "id peer code began took text")
Failed.__doc__ = "began: as time.time() has it; took: seconds."


class Fleet:
    """One compose project. `folder` is this run's own."""

    def __init__(self, folder):
        self.project = f"dialtonetest{os.getpid()}"
        self.journal_folder = os.path.join(folder, "journal")
        os.makedirs(self.journal_folder)
        os.chmod(self.journal_folder, 0o777)  # the servers are nobody in particular
        tool = [shutil.which("docker-compose")] if shutil.which("docker-compose") else [engine.client(), "compose"]
        self._compose = [*tool, "-p", self.project, "-f", os.path.join(ROOT, "docker/compose.yaml"), "-f",
                         os.path.join(ROOT, "tests/containers/compose.test.yaml")]

    def compose(self, *arguments):
        return run(*self._compose, *arguments, timeout=180, env=dict(os.environ, JOURNAL_FOLDER=self.journal_folder))

    def up(self, *arguments):
        self.compose("up", "--detach", "--no-build", "--no-recreate", *arguments)

    def down(self):
        self.compose("down", "--volumes", "--timeout", "5")

    def ids(self, service=None):
        labels = [f"label=com.docker.compose.project={self.project}"]
        if service:
            labels.append(f"label=com.docker.compose.service={service}")
        filters = [word for label in labels for word in ("--filter", label)]
        return said("ps", "--all", "--quiet", *filters).split()

    def servers(self):
        return [Container(name) for name in self.ids("echo")]

    def wait_healthy(self):
        for server in self.servers():
            server.wait_healthy()

    @property
    def network(self):
        return f"{self.project}_default"

    def client(self, *arguments):
        """One echo_client, in a container beside the servers."""
        return docker("run", "--rm", "--network", self.network, CLIENT_IMAGE, *arguments)

    @contextlib.contextmanager
    def caller(self, *flags):
        """One echo_caller, in a container beside the servers, which runs meanwhile."""
        with container("--network", self.network, "--entrypoint", "/echo_caller", image=CLIENT_IMAGE,
                       command=("dns:///echo:7000", "--refresh=1s", *flags)) as made:
            yield Caller(made)

    def executed(self):
        """Counter: how often each id was begun to be run, by whichever server."""
        with open(os.path.join(self.journal_folder, "ids"), "rb") as file:
            return collections.Counter(number for (number,) in struct.iter_unpack("=q", file.read()))


def answered_by(line):
    """{peer: calls} of a line of echo_caller."""
    return {peer: int(calls) for peer, calls in re.findall(r"(\d+\.\d+\.\d+\.\d+:\d+)=(\d+)", line)}


class Caller:
    def __init__(self, made):
        self.container = made

    def lines(self):
        return [line for line in self.container.log().splitlines() if line.startswith("calls=")]

    def wait_for_answers_of(self, servers, seconds=30):
        """Until a line names all of them."""
        addresses = {server.address for server in servers}
        wait_for(f"answers from {sorted(addresses)}",
                 lambda: any(addresses <= set(answered_by(line)) for line in self.lines()[-2:]), seconds)

    def stop(self):
        docker("kill", "--signal=TERM", self.container.name, check=False)
        return self.finish()

    def finish(self, seconds=60):
        """(calls in all, {peer: calls answered}, [Failed])."""
        wait_for("the caller has ended", lambda: self.container.inspect(".State.Status") == "exited", seconds)
        log = self.container.log()
        total = [line for line in log.splitlines() if line.startswith("total: ")]
        assert len(total) == 1, log[-2000:]
        failed = [Failed(int(id_), peer, code, float(began), float(took) / 1000, text)
                  for id_, peer, code, began, took, text in _FAILED.findall(log)]
        counts = re.match(r"total: calls=(\d+) failed=(\d+)", total[0])
        assert int(counts.group(2)) == len(failed), total[0]
        assert self.container.inspect(".State.ExitCode") == (1 if failed else 0)
        return int(counts.group(1)), answered_by(total[0]), failed


def restart(server):
    """By SIGTERM, as the engine does it; returns how long it was on its way out."""
    begin = time.monotonic()
    docker("stop", "--time=30", server.name)
    took = time.monotonic() - begin
    code = server.inspect(".State.ExitCode")
    assert code == 0, f"{server.name} left with {code}: {server.log()[-2000:]}"
    return took
