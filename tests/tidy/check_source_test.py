"""Plants one violation of each rule and sees that it is found, and near misses that must not be."""

import os
import subprocess
import sys
import tempfile
import unittest

import check_source
import include_edges
import source_rules

GUARD = "#pragma once\n"


def rules(path, source):
    return [rule for _, rule, _ in source_rules.check(path, source)]


def edges(path, include, files=()):
    return [what for _, _, what in include_edges.check(path, GUARD + include + "\n", set(files).__contains__)]


class BannedCalls(unittest.TestCase):
    def test_each_is_found(self):
        for rule, line in (("sleep", "sleep(1);"), ("sleep", "std::this_thread::sleep_for(d);"),
                           ("sleep", "absl::SleepFor(d);"), ("rand", "int x = rand();"),
                           ("unbounded-copy", "strcpy(a, b);"), ("regex", "std::regex r;"),
                           ("assert", "assert(x);"), ("using-std", "using namespace std;"),
                           ("print", "printf(x);"), ("print", "std::cout << x;"), ("exit", "std::exit(1);"),
                           ("clock", "auto t = std::chrono::steady_clock::now();"), ("clock", "absl::Now();"),
                           ("absl-mutex", "absl::Mutex m;"), ("new", "auto* p = new Thing(1);"),
                           ("new", "static Thing* p = new Thing;"),
                           ("delete", "delete p;"), ("delete", "delete[] p;")):
            with self.subTest(line):
                self.assertIn(rule, rules("rpc/call/x.cc", line + "\n"))

    def test_near_misses_are_not(self):
        for line in ("static_assert(x);", "snprintf(a, 1, b);", "timer.nosleep();", "X(const X&) = delete;",
                     "void* operator new(size_t n);", "new (place) Thing();", "// sleep(1)", 'Log("printf(");',
                     "using namespace std::chrono_literals;", "void operator delete(void* p);",
                     "std::unique_ptr<Thing>(new Thing(1));", "return Context(new State(1), kAdopt);", "delete this;",
                     "static Mutex& mutex = *new Mutex;", "static Runtime* const runtime = new Runtime();",
                     "EXPECT_EQ(assert_count, 1);"):
            with self.subTest(line):
                self.assertEqual([], rules("rpc/call/x.cc", line + "\n"))

    def test_some_are_fine_elsewhere(self):
        self.assertEqual([], rules("services/echo/x.cc", "printf(x);\n"))
        self.assertEqual([], rules("transport/log.cc", "fprintf(stderr, x);\n"))
        self.assertEqual([], rules("transport/x.cc", "std::chrono::steady_clock::now();\n"))
        self.assertEqual([], rules("tests/rpc/x.cc", "auto* p = new Thing(1);\n"))

    def test_leave_needs_a_reason(self):
        self.assertEqual([], rules("rpc/x.cc", "delete p;  // tidy-allow delete: the pool owns it\n"))
        self.assertEqual([], rules("rpc/x.cc", "// tidy-allow delete: the pool owns it\ndelete p;\n"))
        self.assertEqual(["delete"], rules("rpc/x.cc", "delete p;  // tidy-allow delete:\n"))
        self.assertEqual(["delete"], rules("rpc/x.cc", "delete p;  // tidy-allow new: the pool owns it\n"))


class Files(unittest.TestCase):
    def test_header_without_guard(self):
        self.assertEqual(["pragma-once"], rules("rpc/x.h", "int x;\n"))

    def test_using_namespace_in_a_header(self):
        self.assertEqual(["using-in-header"], rules("rpc/x.h", GUARD + "using namespace absl_literals;\n"))

    def test_length(self):
        self.assertEqual([], rules("rpc/x.cc", "int x;\n" * 400))
        self.assertEqual(["length"], rules("rpc/x.cc", "int x;\n" * 401))
        self.assertEqual([], rules("rpc/x.cc", "// Longer than 400 lines because it is a table.\n" + "int x;\n" * 401))

    def test_unfinished_work(self):
        self.assertEqual(["unfinished"], rules("docs/x.md", "TO" + "DO: more\n"))
        self.assertEqual(["unfinished"], rules("rpc/x.cc", "// FIX" + "ME\n"))

    def test_root_on_the_include_path(self):
        self.assertEqual(["include-root"],
                         rules("rpc/CMakeLists.txt", "target_include_directories(x PRIVATE ${PROJECT_SOURCE_DIR})\n"))
        self.assertEqual([], rules("rpc/CMakeLists.txt",
                                   "target_include_directories(x PRIVATE ${PROJECT_SOURCE_DIR}/rpc/include)\n"))
        commands = [{"directory": "/r/build", "file": "a.cc", "command": "g++ -I/r/rpc/include -isystem /r -c a.cc"},
                    {"directory": "/r/build", "file": "b.cc", "command": "g++ -I/r/rpc -c b.cc"},
                    {"directory": "/r/build", "file": "c.cc", "command": "g++ -I.. -c c.cc"}]
        self.assertEqual(["a.cc", "c.cc"], list(include_edges.root_on_include_path(commands, "/r")))


class Edges(unittest.TestCase):
    def test_crossings_are_found(self):
        for path, include in (
                ("transport/x.cc", '#include "dialtone/rpc/call.h"'),
                ("transport/x.cc", '#include "google/protobuf/message.h"'),
                ("transport/x.cc", "#include <google/protobuf/message.h>"),
                ("transport/x.cc", '#include "echo.pb.h"'),
                ("transport/include/dialtone/transport/x.h", '#include "socket_shell.h"'),
                ("rpc/call/x.cc", '#include "dialtone1/frame.h"'),
                ("rpc/call/x.cc", '#include "frame.h"'),
                ("rpc/call/x.cc", '#include "../dialtone1/frame.h"'),
                ("rpc/in_process/x.cc", '#include "frame.h"'),
                ("rpc/call/x.cc", "#include <sys/socket.h>"),
                ("rpc/call/x.cc", "#include <unistd.h>"),
                ("rpc/include/dialtone/rpc/x.h", "#include <time.h>"),
                ("rpc/call/x.cc", '#include "tests/support/x.h"'),
                ("rpc/call/x.cc", "#include <absl/status/status.h>"),
                ("tools/protoc_gen_dialtone/x.cc", '#include "dialtone/rpc/call.h"'),
                ("services/echo/x.cc", '#include "dialtone/rpc/internal/x.h"'),
                ("services/echo/x.cc", '#include "rpc/call/x.h"'),
                ("services/echo/x.cc", '#include "program.h"'),
                ("bench/floors/x.cc", '#include "settings.h"'),
                ("bench/x.cc", '#include "../tests/support/x.h"')):
            files = ["rpc/dialtone1/frame.h", "bench/program/program.h", "bench/dialtone/settings.h"]
            with self.subTest(f"{path} {include}"):
                self.assertEqual(1, len(edges(path, include, files)))

    def test_allowed_ways(self):
        files = ["rpc/dialtone1/frame.h", "rpc/call/table.h", "transport/epoll.h", "services/echo/flags.h",
                 "bench/program/program.h"]
        for path, include in (
                ("transport/x.cc", '#include "dialtone/transport/loop.h"'),
                ("transport/x.cc", '#include "epoll.h"'),
                ("transport/x.cc", "#include <sys/epoll.h>"),
                ("rpc/dialtone1/x.cc", '#include "frame.h"'),
                ("rpc/dialtone1/x.cc", '#include "table.h"'),
                ("rpc/protocols.cc", '#include "frame.h"'),
                ("rpc/call/x.cc", '#include "dialtone/transport/loop.h"'),
                ("rpc/call/x.cc", "#include <vector>"),
                ("rpc/call/x.cc", '#include "google/protobuf/message_lite.h"'),
                ("services/echo/x.cc", '#include "echo/echo.dialtone.h"'),
                ("rpc/call/x.cc", "#include <google/protobuf/message_lite.h>"),
                ("services/echo/x.cc", '#include "flags.h"'),
                ("bench/floors/x.cc", '#include "program.h"'),
                ("bench/floors/x.cc", '#include "dialtone/load/window.h"'),
                ("tests/rpc/x_test.cc", '#include "support/simulated_network.h"'),
                ("rpc/call/x.cc", '// #include "dialtone1/frame.h"'),
                ("tools/protoc_gen_dialtone/x.cc", 'auto t = R"(\n#include "dialtone/rpc/call.h"\n)";')):
            with self.subTest(f"{path} {include}"):
                self.assertEqual([], edges(path, include, files))


class WholeProgram(unittest.TestCase):
    def test_a_planted_tree_fails_and_a_clean_one_passes(self):
        program = os.path.join(os.path.dirname(os.path.abspath(check_source.__file__)), "check_source.py")
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, "rpc", "call"))
            path = os.path.join(root, "rpc", "call", "x.cc")
            with open(path, "w", encoding="utf-8") as file:
                file.write("#include <vector>\n")
            run = subprocess.run([sys.executable, program, root], capture_output=True, text=True, check=False)
            self.assertEqual(0, run.returncode, run.stdout)
            with open(path, "w", encoding="utf-8") as file:
                file.write("#include <unistd.h>\nvoid F() { usleep(1); }\n")
            run = subprocess.run([sys.executable, program, root], capture_output=True, text=True, check=False)
            self.assertEqual(1, run.returncode)
            self.assertIn("rpc/call/x.cc:1: include", run.stdout)
            self.assertIn("rpc/call/x.cc:2: sleep", run.stdout)

    def test_an_empty_tree_fails(self):
        with tempfile.TemporaryDirectory() as root:
            self.assertEqual([], check_source.source_files(root))


if __name__ == "__main__":
    unittest.main()
