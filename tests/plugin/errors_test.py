"""Files and parameters that the plugin refuses: protoc fails, writes nothing, and says what is wrong and what to do.

  errors_test.py protoc protoc-gen-dialtone
"""

import os
import subprocess
import sys
import tempfile
import unittest

PROTOC, PLUGIN = None, None

MESSAGES = "message In {} message Out {}"


class Errors(unittest.TestCase):
    def run_protoc(self, body, parameter="", syntax="proto3"):
        """Runs protoc over greeter.proto with this body; returns the exit code, stderr and the files it left."""
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "greeter.proto"), "w", encoding="utf-8") as file:
                file.write(f'syntax = "{syntax}"; {body}')
            out = os.path.join(folder, "out")
            os.mkdir(out)
            done = subprocess.run(
                [PROTOC, f"--proto_path={folder}", f"--plugin=protoc-gen-dialtone={PLUGIN}",
                 f"--dialtone_out={parameter}{':' if parameter else ''}{out}", "greeter.proto"],
                stderr=subprocess.PIPE, text=True, check=False)
            return done.returncode, done.stderr, os.listdir(out)

    def assert_refused(self, text, *arguments, **keywords):
        code, stderr, files = self.run_protoc(*arguments, **keywords)
        self.assertNotEqual(0, code)
        self.assertIn(text, stderr)
        self.assertEqual([], files)

    def test_generic_services(self):
        body = f"package greeter; option cc_generic_services = true; {MESSAGES}"
        self.assert_refused(
            "greeter.proto: option cc_generic_services = true makes protoc write a class Greeter of its own, where "
            "Dialtone's would be: remove the option from the file",
            body + "service Greeter { rpc Greet(In) returns (Out); }")

    def test_keyword_in_the_package(self):
        self.assert_refused(
            'greeter.proto: package some.class.v1: "class" is a C++ keyword, which protoc leaves as it is in '
            "namespaces, so that its code cannot be compiled: rename the package",
            f"package some.class.v1; {MESSAGES} service Greeter {{ rpc Greet(In) returns (Out); }}")

    def test_unknown_parameter(self):
        self.assert_refused(
            'greeter.proto: --dialtone_opt: unknown parameter "mocks": protoc-gen-dialtone takes no_comments and '
            "no_comments=FILE.proto alone", MESSAGES, parameter="no_comments,mocks=true")

    def test_what_is_wrong_only_with_services_is_fine_without(self):
        for body in ("package some.class.v1;", "option cc_generic_services = true;"):
            with self.subTest(body):
                code, stderr, files = self.run_protoc(f"{body} {MESSAGES}")
                self.assertEqual((0, ""), (code, stderr))
                self.assertEqual(["greeter.dialtone.cc", "greeter.dialtone.h"], sorted(files))

    def test_proto3_optional_is_supported(self):
        code, stderr, _ = self.run_protoc("message In { optional string name = 1; }")
        self.assertEqual((0, ""), (code, stderr))


if __name__ == "__main__":
    PROTOC, PLUGIN = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
