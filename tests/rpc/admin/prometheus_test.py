"""The real Prometheus scrapes an echo server's admin port, and its promtool finds nothing to complain of, nor in what channels tell.

  prometheus_test.py <echo_server> <channels_text> <tests/python> <folder that ./run unpacks Prometheus in>

Fails where there is no Prometheus: `./run install-deps` fetches it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

ECHO_SERVER, CHANNELS_TEXT, PYTHON_PEERS, UNPACKED = (os.path.abspath(path) for path in sys.argv[1:5])
del sys.argv[1:5]
sys.path.insert(0, PYTHON_PEERS)

from dialtone1_client import Client  # noqa: E402
from echo_process import ECHO, PATIENCE, EchoServer, echo_request  # noqa: E402

CONFIG = """
global:
  scrape_interval: 200ms
  scrape_timeout: 200ms
scrape_configs:
  - job_name: echo
    static_configs:
      - targets: ["{target}"]
"""


def program(name):
    unpacked = os.path.join(UNPACKED, "usr", "bin", name)
    found = shutil.which(name) or (unpacked if os.access(unpacked, os.X_OK) else None)
    if found is None:
        raise AssertionError(f"no {name}: ./run install-deps fetches Debian's package prometheus")
    return found


def eventually(look):
    """What `look` returns once that is something; asked for a time that no healthy machine needs."""
    until = time.monotonic() + PATIENCE
    while True:
        found = look()
        if found or time.monotonic() > until:
            return found
        time.sleep(0.05)


def fetch(url):
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return answer.read().decode("utf-8")


def complaints(text):
    """Of promtool's; its exit code first."""
    checked = subprocess.run([program("promtool"), "check", "metrics"], input=text, capture_output=True, text=True,
                             timeout=PATIENCE, check=False)
    return checked.returncode, checked.stdout, checked.stderr


class Prometheus:
    """On a port of its own choice."""

    def __init__(self, folder, target):
        config = os.path.join(folder, "prometheus.yml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(target=target))
        self._log = open(os.path.join(folder, "log"), "w+", encoding="utf-8")  # pylint: disable=consider-using-with
        self._process = subprocess.Popen(
            [program("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={os.path.join(folder, 'data')}",
             "--web.listen-address=127.0.0.1:0", "--log.level=info"],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, cwd=folder)
        self._address = None

    def log(self):
        self._log.flush()
        self._log.seek(0)
        return self._log.read()

    def _find_address(self):
        match = re.search(r'msg="Listening on" address=(127\.0\.0\.1:\d+)', self.log())
        return match and match[1]

    def query(self, expression):
        """The values of an instant query."""
        if self._address is None:
            self._address = eventually(self._find_address)
            if not self._address:
                raise AssertionError(f"Prometheus does not listen: {self.log()}")
        try:
            answer = json.loads(fetch(f"http://{self._address}/api/v1/query?"
                                      + urllib.parse.urlencode({"query": expression})))
        except (urllib.error.URLError, ConnectionError):
            return []  # it has just begun to listen
        return [float(result["value"][1]) for result in answer["data"]["result"]]

    def close(self):
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


class RealPrometheus(unittest.TestCase):
    def setUp(self):
        self.server = EchoServer(ECHO_SERVER, "--admin-listen=127.0.0.1:0")
        self.addCleanup(self.server.close)
        self.admin = eventually(lambda: re.search(r"admin port: listening on (127\.0\.0\.1:\d+)", self.server.log()))[1]
        with Client(self.server.host, self.server.port) as client:
            for i in range(5):
                self.assertEqual(0, client.call(ECHO, echo_request(f"call {i}")).status)

    def test_promtool_finds_nothing_wrong(self):
        text = fetch(f"http://{self.admin}/metrics")
        self.assertIn('rpc_method="Echo"', text)
        self.assertEqual((0, "", ""), complaints(text))

    def test_the_counters_are_scraped(self):
        folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(folder.cleanup)
        prometheus = Prometheus(folder.name, self.admin)
        self.addCleanup(prometheus.close)
        method = 'rpc_service="echo.Echo",rpc_method="Echo"'
        ok = f'dialtone_server_calls_total{{{method},rpc_response_status_code="OK"}}'
        self.assertTrue(eventually(lambda: prometheus.query(ok) == [5]), prometheus.log())
        self.assertEqual([1], prometheus.query("up"))
        self.assertEqual([1], prometheus.query("dialtone_server_serving"))
        self.assertEqual([5], prometheus.query(f"rpc_server_call_duration_seconds_count{{{method}}}"))
        median = prometheus.query(f"histogram_quantile(0.5, rpc_server_call_duration_seconds_bucket{{{method}}})")
        self.assertEqual(1, len(median))
        self.assertTrue(0 < median[0] < 10, median)


class Channels(unittest.TestCase):
    def test_promtool_finds_nothing_wrong_with_several_channels(self):
        text = subprocess.run([CHANNELS_TEXT], stdout=subprocess.PIPE, text=True, timeout=PATIENCE, check=True).stdout
        self.assertIn('dialtone_client_connections{target="127.0.0.1:1",channel="2"} 0', text)
        self.assertEqual((0, "", ""), complaints(text))


if __name__ == "__main__":
    unittest.main()
