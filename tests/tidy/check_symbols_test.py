"""Sees that check_symbols finds forbidden symbols: in made-up output, and in an object compiled with one planted.

  check_symbols_test.py   (the compiler is $CXX, nm is $NM)
"""

import os
import subprocess
import sys
import tempfile
import unittest

import check_symbols

CLEAN = "struct Clock { int now(); };\nint F(Clock& c);\nint F(Clock& c) { return c.now(); }\n"
PLANTED = {
    "usleep": "#include <unistd.h>\nvoid F() { usleep(1); }\n",
    "socket": "#include <sys/socket.h>\nint F() { return socket(1, 1, 0); }\n",
    "now": "#include <chrono>\nauto F() { return std::chrono::steady_clock::now(); }\n",
    "system_clock": "#include <chrono>\nauto F() { return std::chrono::system_clock::now(); }\n",
    "absl::Now": '#include "absl/time/clock.h"\nabsl::Time F() { return absl::Now(); }\n',
    "sleep_for": "#include <thread>\nvoid F() { std::this_thread::sleep_for(std::chrono::seconds(1)); }\n",
}


def check_compiled(source):
    """Compiles `source` and runs the program on the object; returns (exit code, output)."""
    program = os.path.join(os.path.dirname(os.path.abspath(check_symbols.__file__)), "check_symbols.py")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.cc")
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        subprocess.run([os.environ.get("CXX", "c++"), "-std=c++20", "-O0", "-c", path, "-o", path + ".o"], check=True)
        run = subprocess.run([sys.executable, program, path + ".o", "--nm", os.environ.get("NM", "nm")],
                             capture_output=True, text=True, check=False)
        return run.returncode, run.stdout


class Compiled(unittest.TestCase):
    def test_planted_calls_are_found(self):
        for name, source in PLANTED.items():
            with self.subTest(name):
                code, output = check_compiled(source)
                self.assertEqual(1, code, output)
                self.assertIn("uses ", output)

    def test_a_clean_object_passes(self):
        code, output = check_compiled(CLEAN)
        self.assertEqual(0, code, output)

    def test_an_object_without_undefined_symbols_is_doubted(self):
        code, output = check_compiled("int x;\n")
        self.assertEqual(1, code, output)


class Listed(unittest.TestCase):
    def test_members_are_named(self):
        output = "\ncall.cc.o:\n                 U memcpy\n                 U epoll_wait@GLIBC_2.3.2\n"
        self.assertEqual([("call.cc.o", "epoll_wait")], list(check_symbols.forbidden_symbols(output)))

    def test_names_that_only_resemble(self):
        output = "a.o:\n U readable\n U _ZN8dialtone7connectEv\n U _ZNK8dialtone4Loop3NowEv\n U timer_name\n T socket\n"
        self.assertEqual([], list(check_symbols.forbidden_symbols(output)))


if __name__ == "__main__":
    unittest.main()
