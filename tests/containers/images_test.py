"""The echo server's image by itself: what is in it, and how it starts, answers, drains and ends in a container."""

import json
import os
import tarfile
import time
import unittest

import built
from docker_cli import CLIENT_IMAGE, LOCKED_UP, SERVER_IMAGE, container, docker, said, wait_for

SIZE_MAX = 6_000_000
# With one connection.
RESIDENT_KIB_MAX = 7 * 1024
# What the engine itself puts into every container.
ENGINES_OWN = (".dockerenv", "dev/console", "etc/hostname", "etc/hosts", "etc/resolv.conf")


def status_fields(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


class EchoServerImage(unittest.TestCase):
    def test_has_at_most_six_megabytes(self):
        sizes = {image: int(said("image", "inspect", "--format", "{{.Size}}", image))
                 for image in (SERVER_IMAGE, CLIENT_IMAGE)}
        print("image sizes:", ", ".join(f"{image} {size / 1e6:.2f} MB" for image, size in sizes.items()))
        self.assertLessEqual(sizes[SERVER_IMAGE], SIZE_MAX)

    def test_is_one_file_without_a_shell(self):
        name = said("create", SERVER_IMAGE)
        self.addCleanup(docker, "rm", name)
        path = os.path.join(built.folder, "export.tar")
        docker("export", "--output", path, name)
        with tarfile.open(path) as archive:
            files = [entry.name for entry in archive if entry.isreg() and entry.name not in ENGINES_OWN]
        self.assertEqual(["echo_server"], files)
        shell = docker("run", "--rm", "--entrypoint", "/bin/sh", SERVER_IMAGE, "-c", "true", check=False)
        self.assertNotEqual(0, shell.returncode)

    def test_says_what_it_is(self):
        config = json.loads(said("image", "inspect", "--format", "{{json .Config}}", SERVER_IMAGE))
        labels = {name.rsplit(".", 1)[1]: text for name, text in config["Labels"].items()}
        self.assertEqual({"title", "description", "version", "licenses"}, set(labels))
        self.assertEqual(built.version(), labels["version"])
        self.assertEqual(["CMD", "/echo_server", "--health-check"], config["Healthcheck"]["Test"])
        self.assertNotIn(config["User"].split(":")[0], ("", "0", "root"))

    def test_runs_read_only_without_any_rights_and_not_as_root(self):
        with container(*LOCKED_UP) as server:
            server.wait_listening()
            self.assertIn("hello", built.host.call(server.address, "echo", "hello").stdout)
            status = status_fields(server.pid)
            self.assertEqual({"65532"}, set(status["Uid"].split()))
            self.assertEqual(0, int(status["CapEff"], 16))
            self.assertEqual("1", status["NSpid"].split()[-1])

    def test_holds_at_most_seven_mebibytes_with_a_connection(self):
        with container(*LOCKED_UP) as server:
            server.wait_listening()
            with built.host.begin(server.address, "sleep", "5s"):
                wait_for("the call has begun", lambda: server.connections() > 0)
                resident = int(status_fields(server.pid)["VmRSS"].split()[0])
            print(f"resident with a connection and a call: {resident / 1024:.2f} MiB")
            self.assertLessEqual(resident, RESIDENT_KIB_MAX)


class AsProcess1(unittest.TestCase):
    def test_sigterm_drains_and_the_call_under_way_is_answered(self):
        with container(*LOCKED_UP) as server:
            server.wait_listening()
            with built.host.begin(server.address, "sleep", "2s") as call:
                wait_for("the call has begun", lambda: server.connections() > 0)
                begin = time.monotonic()
                docker("stop", "--time=30", server.name)
                took = time.monotonic() - begin
                self.assertEqual(0, call.wait(10), call.stderr.read())
                self.assertIn("slept 2s", call.stdout.read())
            self.assertEqual(0, server.inspect(".State.ExitCode"), server.log())
            self.assertIn("drained", server.log())
            self.assertLess(took, 8)

    def test_a_drain_that_takes_too_long_ends_with_4_and_names_the_call(self):
        with container("--env=DIALTONE_DRAIN_TIMEOUT=500ms") as server:
            server.wait_listening()
            with built.host.begin(server.address, "sleep", "60s", "--timeout=90s") as call:
                wait_for("the call has begun", lambda: server.connections() > 0)
                docker("stop", "--time=30", server.name)
                self.assertNotEqual(0, call.wait(10))
            self.assertEqual(4, server.inspect(".State.ExitCode"), server.log())
            self.assertIn("/echo.Echo/Sleep", server.log())

    def test_a_bad_variable_ends_it_with_2(self):
        with container("--env=DIALTONE_DRAIN_TIMEOUT=soon") as server:
            wait_for("it has ended", lambda: server.inspect(".State.Status") == "exited")
            self.assertEqual(2, server.inspect(".State.ExitCode"))
            self.assertIn("DIALTONE_DRAIN_TIMEOUT", server.log())


class Health(unittest.TestCase):
    def test_goes_from_starting_to_healthy_to_unhealthy_and_back(self):
        with container("--health-interval=1s", "--health-timeout=1s", "--health-retries=1") as server:
            self.assertEqual("starting", server.health())
            server.wait_healthy()
            # It runs, but answers nothing.
            docker("kill", "--signal=STOP", server.name)
            wait_for("it is unhealthy", lambda: server.health() == "unhealthy")
            docker("kill", "--signal=CONT", server.name)
            server.wait_healthy()

    def test_a_server_that_drains_is_not_healthy(self):
        with container() as server:
            server.wait_listening()
            self.assertEqual(0, docker("exec", server.name, "/echo_server", "--health-check").returncode)
            with built.host.begin(server.address, "sleep", "3s"):
                wait_for("the call has begun", lambda: server.connections() > 0)
                docker("kill", "--signal=TERM", server.name)
                wait_for("it drains", lambda: "draining" in server.log())
                check = docker("exec", server.name, "/echo_server", "--health-check", check=False)
                self.assertEqual(1, check.returncode, check.stderr)

    def test_a_service_that_is_unknown_is_not_healthy(self):
        with container() as server:
            server.wait_listening()
            for service, code in (("echo.Echo", 0), ("no.Such", 1)):
                check = docker("exec", server.name, "/echo_server", f"--health-check={service}", check=False)
                self.assertEqual(code, check.returncode, check.stderr)
