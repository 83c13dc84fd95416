"""What protoc-gen-dialtone's parameters leave out of the generated code.

  options_test.py protoc protoc-gen-dialtone
"""

import os
import subprocess
import sys
import tempfile
import unittest

PROTOC, PLUGIN = None, None
PROTOS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "protos")

SHOP, ITEMS = "Takes and gives messages", "Found in a store"


class Options(unittest.TestCase):
    def generate(self, *options):
        """The source of across/shop/shop.proto, whose messages are in another file."""
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([PROTOC, f"--proto_path={PROTOS}", f"--plugin=protoc-gen-dialtone={PLUGIN}",
                            f"--dialtone_out={folder}", *(f"--dialtone_opt={option}" for option in options),
                            "across/shop/shop.proto"], check=True)
            with open(os.path.join(folder, "across/shop/shop.dialtone.cc"), encoding="utf-8") as file:
                return file.read()

    def test_comments_come_along(self):
        source = self.generate()
        for text in (SHOP, ITEMS, "{\"across/shop/shop.proto\", ", "{\"across/store/items.proto\", "):
            self.assertIn(text, source)

    def test_protobufs_own_files_bring_none(self):
        self.assertNotIn("google/protobuf/timestamp.proto", self.generate())

    def test_no_comments(self):
        source = self.generate("no_comments")
        for text in (SHOP, ITEMS, "comments", "Comments"):
            self.assertNotIn(text, source)

    def test_no_comments_of_some_files(self):
        source = self.generate("no_comments=across/store/items.proto")
        self.assertIn(SHOP, source)
        self.assertNotIn("items.proto", source)
        self.assertEqual(self.generate("no_comments"),
                         self.generate("no_comments=across/store/items.proto", "no_comments=across/shop/shop.proto"))


if __name__ == "__main__":
    PROTOC, PLUGIN = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
