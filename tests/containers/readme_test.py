"""README's section on containers, run as it stands, line by line, in a copy of the tree."""

import os
import re
import shutil
import unittest

import built
from docker_cli import ROOT, docker, run, said, wait_for

SECTION = re.compile(r"^## Run it in containers\n(.*?)^## ", re.DOTALL | re.MULTILINE)
SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        return SHELL_BLOCK.findall(SECTION.search(file.read()).group(1))


def copy_of_the_tree(folder):
    for name in ("CMakeLists.txt", "LICENSE"):
        os.makedirs(folder, exist_ok=True)
        shutil.copy(os.path.join(ROOT, name), folder)
    for name in ("cmake", "docker", "proto", "rpc", "services", "tools", "transport"):
        shutil.copytree(os.path.join(ROOT, name), os.path.join(folder, name), symlinks=True,
                        ignore=shutil.ignore_patterns("__pycache__"))


class Readme(unittest.TestCase):
    def setUp(self):
        self.tree = os.path.join(built.folder, "tree")
        copy_of_the_tree(self.tree)
        has_plugin = docker("compose", "version", check=False).returncode == 0
        self.compose = "docker compose" if has_plugin else "docker-compose"
        self.addCleanup(shutil.rmtree, self.tree)

    def shell(self, line):
        return run("bash", "-e", "-c", line.replace("docker compose", self.compose), cwd=self.tree, timeout=600).stdout

    def test_its_commands_do_what_it_says(self):
        server, fleet, recipe = (block.splitlines() for block in blocks())
        self.addCleanup(docker, "rm", "--force", "echo", check=False)
        self.addCleanup(docker, "image", "rm", "--force", "dice", check=False)
        self.addCleanup(self.shell, "docker compose -f docker/compose.yaml down --timeout 5")
        self.run_server(server)
        self.run_fleet(fleet)
        for line in recipe:
            self.shell(line)
        self.assertLess(int(said("image", "inspect", "--format", "{{.Size}}", "dice")), 6_000_000)

    def run_server(self, lines):
        build, start, health, stop = lines
        self.shell(build)
        self.shell(start)
        wait_for("healthy", lambda: self.shell(health).strip() == "healthy")
        self.assertIn("hello", built.host.call("127.0.0.1:7000", "echo", "hello").stdout)
        self.shell(stop)

    def run_fleet(self, lines):
        up, scale, logs, down = lines
        self.shell(up)
        self.shell(scale)
        wait_for("four servers answer", lambda: re.search(r"failed=0( \S+:7000=\d+){4}", self.shell(logs)), 60)
        self.shell(down)
