"""The Debian packages and the recipe, on containers that have nothing else of Dialtone."""

import os
import subprocess
import sys
import unittest

import built
from docker_cli import ROOT, Container, container, docker, said

sys.path.insert(0, os.path.join(ROOT, "tests/consumer"))
import consumer_test  # noqa: E402

README_SCRIPT = """\
set -e
cmake -S /project -B /tmp/build -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build /tmp/build --target greeter_server greeter_client
/tmp/build/greeter_server & server=$!
for attempt in $(seq 100); do /tmp/build/greeter_client 2>/dev/null && break; sleep 0.1; done
kill -TERM $server
wait $server
"""


def package(name):
    found = [file for file in os.listdir(built.packages) if file.startswith(name + "_")]
    assert len(found) == 1, f"{name}: {found}"
    return os.path.join(built.packages, found[0])


def field(name, what):
    return subprocess.run(["dpkg-deb", "--field", package(name), what], stdout=subprocess.PIPE, text=True,
                          check=True).stdout.strip()


class Packages(unittest.TestCase):
    def test_say_what_they_need(self):
        self.assertEqual(built.version(), field("dialtone-dev", "Version"))
        needed = field("dialtone-dev", "Depends")
        for other in ("libabsl-dev", "libprotobuf-dev", "protobuf-compiler", "libc-ares-dev", "zlib1g-dev", "libzstd-dev"):
            self.assertIn(other, needed)
        self.assertEqual("", field("dialtone", "Depends"))  # its programs are static

    def test_readmes_project_builds_on_a_clean_container_and_runs(self):
        """The container has a compiler, CMake and dialtone-dev, installed by apt, and was never told of Dialtone."""
        project = os.path.join(built.folder, "readme")
        os.makedirs(project)
        consumer_test.write_project(ROOT, project, 7000)
        done = docker("run", "--rm", "--volume", f"{project}:/project:ro", built.TOOLCHAIN_IMAGE, "bash", "-c",
                      README_SCRIPT, timeout=300)
        self.assertIn("hello world", done.stdout)

    def test_the_programs_package_runs_where_nothing_else_is(self):
        file = os.path.basename(package("dialtone"))
        done = docker("run", "--rm", "--volume", f"{built.packages}:/packages:ro", "debian:bookworm-slim", "bash", "-c",
                      f"dpkg --install /packages/{file} && dialtone-echo-server --help")
        self.assertIn("echo_server: a server of echo.Echo", done.stdout)


class Recipe(unittest.TestCase):
    def test_makes_a_small_image_of_a_users_own_service(self):
        size = int(said("image", "inspect", "--format", "{{.Size}}", built.RECIPE_IMAGE))
        print(f"image sizes: the recipe's {size / 1e6:.2f} MB")
        self.assertLess(size, 6_000_000)

    def test_its_service_is_healthy_answers_and_drains(self):
        with container("--health-interval=1s", "--read-only", image=built.RECIPE_IMAGE) as server:
            server.wait_healthy()
            roll = said("run", "--rm", "--network", f"container:{server.name}", built.RECIPE_BUILD_IMAGE,
                        "/build/dice_client", "127.0.0.1:7000", "6")
            self.assertIn(int(roll), range(1, 7))
            docker("stop", server.name)
            self.assertEqual(0, Container(server.name).inspect(".State.ExitCode"))
