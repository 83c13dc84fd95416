"""Tests that the extraction finds what it should in a page, and refuses pages that would hide something."""

import os
import tempfile
import unittest

import readme_files

HERE = os.path.dirname(os.path.abspath(__file__))


def fixture():
    with open(os.path.join(HERE, "fixture", "README.md"), encoding="utf-8") as file:
        return readme_files.blocks(file.read())


class Extraction(unittest.TestCase):
    def test_files_and_snippets_of_the_fixture(self):
        found = fixture()
        self.assertEqual({("file", "greeter.proto"), ("file", "CMakeLists.txt"), ("snippet", "three_ways")}, set(found))
        self.assertEqual('syntax = "proto3";\n\npackage greeter;\n', found[("file", "greeter.proto")])

    def test_files_are_written_as_they_stand(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(["CMakeLists.txt", "greeter.proto"], readme_files.write_files(fixture(), folder))
            with open(os.path.join(folder, "CMakeLists.txt"), encoding="utf-8") as file:
                self.assertEqual("find_package(dialtone REQUIRED)\n", file.read())

    def test_snippets_are_wrapped(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "default.wrap.cc.in"), "w", encoding="utf-8") as file:
                file.write("void F() {\n@SNIPPET@\n}\n")
            self.assertEqual(["three_ways.cc"], readme_files.write_snippets(fixture(), folder, folder))
            with open(os.path.join(folder, "three_ways.cc"), encoding="utf-8") as file:
                self.assertEqual("void F() {\nauto a = greeter.Greet(request).Wait();\n}\n", file.read())
            with open(os.path.join(folder, "three_ways.wrap.cc.in"), "w", encoding="utf-8") as file:
                file.write("int G() {\n@SNIPPET@\n}\n")
            readme_files.write_snippets(fixture(), folder, folder)
            with open(os.path.join(folder, "three_ways.cc"), encoding="utf-8") as file:
                self.assertTrue(file.read().startswith("int G()"))

    def test_a_group_of_snippets_may_share_a_wrapper(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, around in (("default", "F"), ("tools", "G")):
                with open(os.path.join(folder, name + ".wrap.cc.in"), "w", encoding="utf-8") as file:
                    file.write(f"void {around}() {{\n@SNIPPET@\n}}\n")
            found = {("snippet", "tools-one"): "int x;\n", ("snippet", "two-one"): "int y;\n"}
            self.assertEqual(["tools-one.cc", "two-one.cc"], readme_files.write_snippets(found, folder, folder))
            with open(os.path.join(folder, "tools-one.cc"), encoding="utf-8") as file:
                self.assertEqual("void G() {\nint x;\n}\n", file.read())
            with open(os.path.join(folder, "two-one.cc"), encoding="utf-8") as file:
                self.assertTrue(file.read().startswith("void F"))

    def test_an_unmarked_block_of_code_is_refused(self):
        with self.assertRaisesRegex(readme_files.PageError, "README.md:3: a cpp block"):
            readme_files.blocks("text\n\n```cpp\nint x;\n```\n")

    def test_a_marker_that_does_not_touch_its_block_does_not_count(self):
        with self.assertRaises(readme_files.PageError):
            readme_files.blocks("<!-- snippet: x -->\n\n```cpp\nint x;\n```\n")

    def test_an_endless_block_and_a_second_of_one_name_are_refused(self):
        with self.assertRaisesRegex(readme_files.PageError, "never ends"):
            readme_files.blocks("```\nint x;\n")
        one = "<!-- snippet: x -->\n```cpp\nint x;\n```\n"
        with self.assertRaisesRegex(readme_files.PageError, "second snippet"):
            readme_files.blocks(one + one)


if __name__ == "__main__":
    unittest.main()
