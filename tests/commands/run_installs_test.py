"""What ./run does about missing packages, with a made-up dpkg-query, apt-get, id and sudo on its PATH.

  run_installs_test.py <path of the run script>
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

RUN = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else os.path.abspath("run")
REAL_TOOLS = ("bash", "dirname", "env", "nproc", "cat")


class Machine:
    """A PATH that knows only what is put on it."""

    def __init__(self, folder, missing, user=0, sudo=None):
        self.folder = folder
        self.log = os.path.join(folder, "apt.log")
        for tool in REAL_TOOLS:
            os.symlink(shutil.which(tool), os.path.join(folder, tool))
        cases = "".join(f"*' {package}') exit 1 ;;\n" for package in missing)
        self.put("dpkg-query", f'case " $*" in\n{cases}*) echo -n installed ;;\nesac')
        self.put("apt-get", f'echo "apt-get $DEBIAN_FRONTEND $*" >> {self.log}')
        self.put("id", f"echo {user}")
        for tool in ("prometheus", "promtool"):  # not fetched, then
            self.put(tool, "exit 1")
        if sudo is not None:
            # "sudo -n true" asks whether a password is needed; otherwise runs what stands after -n.
            self.put("sudo", f'[ {sudo} = free ] || exit 1\nshift\n[ "$1" = true ] || echo sudo >> {self.log}\nexec "$@"')
            os.symlink(shutil.which("true"), os.path.join(folder, "true"))

    def put(self, name, body):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!{shutil.which('bash')}\n{body}\n")
        os.chmod(path, 0o755)

    def run(self, *arguments):
        return subprocess.run([shutil.which("bash"), RUN, *arguments], env={"PATH": self.folder},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)

    def commands(self):
        if not os.path.exists(self.log):
            return []
        with open(self.log, encoding="utf-8") as file:
            return file.read().splitlines()


class MissingPackages(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def test_nothing_missing_asks_no_package_manager(self):
        machine = Machine(self.folder.name, missing=[])
        self.assertEqual(0, machine.run("install-deps").returncode)
        self.assertEqual([], machine.commands())

    def test_root_installs_only_what_is_missing(self):
        machine = Machine(self.folder.name, missing=["ninja-build", "libabsl-dev"])
        self.assertEqual(0, machine.run("install-deps").returncode)
        self.assertEqual(["apt-get  update -q",
                          "apt-get noninteractive install -q -y --no-install-recommends ninja-build libabsl-dev"],
                         machine.commands())

    def test_the_checks_need_more(self):
        machine = Machine(self.folder.name, missing=["clang-19"])
        machine.run("install-deps")
        self.assertEqual([], machine.commands())
        self.assertEqual(0, machine.run("install-deps", "all").returncode)
        self.assertIn("install -q -y --no-install-recommends clang-19", machine.commands()[-1])

    def test_sudo_without_a_password_is_used(self):
        machine = Machine(self.folder.name, missing=["cmake"], user=1000, sudo="free")
        self.assertEqual(0, machine.run("install-deps").returncode)
        self.assertEqual(["sudo", "apt-get  update -q", "sudo",
                          "apt-get noninteractive install -q -y --no-install-recommends cmake"], machine.commands())

    def test_otherwise_one_command_is_printed(self):
        for sudo in (None, "asks"):
            for command in ("install-deps", "test", "demo"):
                with self.subTest(f"{command}, sudo: {sudo}"), tempfile.TemporaryDirectory() as folder:
                    machine = Machine(folder, missing=["cmake"], user=1000, sudo=sudo)
                    result = machine.run(command)
                    self.assertEqual(1, result.returncode, result.stderr)
                    self.assertEqual([], machine.commands())
                    self.assertIn("su -c 'apt-get update && apt-get install -y --no-install-recommends cmake'",
                                  result.stderr)


class Usage(unittest.TestCase):
    def test_help_names_every_command(self):
        result = subprocess.run([shutil.which("bash"), RUN, "help"], capture_output=True, text=True, check=True)
        for command in ("demo", "bench", "test", "build", "format", "tidy", "containers", "install-deps"):
            self.assertIn(f"./run {command}", result.stdout)

    def test_an_unknown_command_fails_and_says_so(self):
        result = subprocess.run([shutil.which("bash"), RUN, "dance"], capture_output=True, text=True, check=False)
        self.assertEqual(1, result.returncode)
        self.assertIn("unknown command 'dance'", result.stderr)


if __name__ == "__main__":
    unittest.main()
