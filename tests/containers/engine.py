"""The Docker engine of a test run: the one that answers, or else one that is started for the run alone, on a socket and
a data root of its own, and taken away with all that it did to the machine."""

import os
import shutil
import subprocess
import tempfile
import time

import traces

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60


class EngineError(Exception):
    """There is no engine; the text says why."""


def client():
    """The engine's own client, not a newer one that may stand before it on the PATH."""
    return "/usr/bin/docker" if os.path.exists("/usr/bin/docker") else "docker"


def _answers():
    try:
        return subprocess.run([client(), "info"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20,
                              check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


class Engine:
    """Entered: an engine answers at this process's DOCKER_HOST. `started`: it is this run's own."""

    def __init__(self):
        self.started = False
        self.left = []  # what is still there after the end, and should not be
        self._process = None
        self._folder = None
        self._before = None
        self._environment = dict(os.environ)

    def __enter__(self):
        os.environ["DOCKER_BUILDKIT"] = "1"
        # docker-compose calls `docker`, too.
        os.environ["PATH"] = os.path.dirname(client()) + os.pathsep + os.environ["PATH"]
        if not _answers():
            self._start()
        return self

    def __exit__(self, *_):
        if self.started:
            self._stop()
        os.environ.clear()
        os.environ.update(self._environment)

    def _start(self):
        if os.geteuid() != 0:
            raise EngineError("no Docker engine answers, and only root can start one")
        if not shutil.which("dockerd"):
            raise EngineError("no Docker engine answers, and there is no dockerd (Debian: docker.io)")
        self._before = traces.look()
        self.started = True
        self._folder = tempfile.mkdtemp(prefix="dialtone-engine-")
        socket = f"unix://{self._folder}/docker.sock"
        self._log = open(os.path.join(self._folder, "log"), "w+", encoding="utf-8")
        self._process = subprocess.Popen(
            ["dockerd", "--host", socket, "--data-root", f"{self._folder}/data", "--exec-root", f"{self._folder}/exec",
             "--pidfile", f"{self._folder}/pid"], stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)
        os.environ["DOCKER_HOST"] = socket
        until = time.monotonic() + START_SECONDS_MAX
        while not _answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self._log.seek(0)
                said = self._log.read()[-3000:]
                self._stop()
                raise EngineError(f"dockerd did not start:\n{said}")
            time.sleep(0.2)

    def _stop(self):
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        self._end_children()
        traces.remove(self._before)
        shutil.rmtree(self._folder, ignore_errors=True)
        self.left = traces.left(self._before, traces.look())
        if os.path.exists(self._folder):
            self.left.append(f"files: {self._folder}")

    def _end_children(self):
        """A killed dockerd leaves its containerd: it is known by our folder in its command line."""
        for _, pid in traces.look()["processes"] - self._before["processes"]:
            try:
                with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
                    ours = self._folder in file.read()
                if ours:
                    os.kill(pid, 9)
            except OSError:
                continue  # it has ended by itself
