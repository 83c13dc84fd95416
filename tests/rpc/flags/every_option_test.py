"""Every option of a server has a flag, or a reason why not.

  every_option_test.py <Dialtone's root>

Reads the fields of the options' structs from their headers, and the rows of rpc/flags/server_flag_table.cc: a new field
without a row fails here. (That a row sets its own field is tested in server_flags_test.cc.)
"""

import os
import re
import sys
import unittest

ROOT = None
RPC = "rpc/include/dialtone/rpc/"
TRANSPORT = "transport/include/dialtone/transport/"

# Struct, its header, and how the table's rows reach it.
STRUCTS = (
    ("ServerOptions", RPC + "server.h", "server"),
    ("ConcurrencyOptions", RPC + "concurrency.h", "server.concurrency"),
    ("CompressionOptions", RPC + "compression.h", "server.compression"),
    ("ConnectionLimits", RPC + "connection_limits.h", "server.limits"),
    ("ListenOptions", TRANSPORT + "network.h", "server.listen"),
    ("StreamOptions", TRANSPORT + "byte_stream.h", "server.listen.stream"),
    ("RuntimeOptions", RPC + "runtime.h", "runtime"),
)

WITHOUT_A_FLAG = {
    "server.listen": "a struct whose fields have flags",
    "server.listen.stream": "a struct whose fields have flags",
    "server.limits": "a struct whose fields have flags",
    "server.compression": "a struct whose fields have flags",
    "server.concurrency": "a struct whose fields have flags",
    "server.on_listening": "code",
    "server.observers": "code",
    "server.extensions": "code; --admin-listen and --stats add those that there are",
    "server.runtime": "an object; --reactors and the like set the default one up",
    "server.limits.handshake_timeout": "a client's; a server's is ServerOptions::handshake_timeout",
}

_FIELD = re.compile(r"^\s+(?!return\b|using\b|static\b|enum\b|explicit\b|template\b)"
                    r"(?:const )?[\w:]+(?:<.*>)?\*? (\w+)(?: = [^;(]*(?:\([^;]*\))?[^;]*)?;", re.MULTILINE)


def fields(source, struct):
    """The names of a struct's data members, from the header's text."""
    match = re.search(r"^struct " + struct + r" \{\n(.*?)^\};", source, re.DOTALL | re.MULTILINE)
    if not match:
        raise AssertionError(f"no struct {struct}")
    body = re.sub(r"//[^\n]*", "", match.group(1))
    body = re.sub(r"=\s*\n\s*", "= ", body)
    body = re.sub(r"\{[^{}]*\}", "{}", body)  # of functions and enums
    return _FIELD.findall(body)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


class EveryOption(unittest.TestCase):
    def test_has_a_flag_or_a_reason(self):
        rows = re.findall(r"row\(\"[\w-]+\", ([\w.]+),", read("rpc/flags/server_flag_table.cc"))
        expected = []
        for struct, header, reach in STRUCTS:
            found = fields(read(header), struct)
            self.assertGreater(len(found), 1, f"found too few fields in {struct}")
            expected += [f"{reach}.{field}" for field in found]
        for option in expected:
            self.assertTrue((option in rows) != (option in WITHOUT_A_FLAG),
                            f"{option} needs a row in rpc/flags/server_flag_table.cc, or a reason here; not both")
        for option in WITHOUT_A_FLAG:
            self.assertIn(option, expected, "a reason for what is no option")

    def test_fields_are_found(self):
        header = ("struct Some {\n  Some() = default;\n  static Some Of(int a) {\n    return {a};\n  }\n"
                  "  // int none = 1;\n  int one = 1;  // two\n  std::vector<std::shared_ptr<X>> three;\n"
                  "  enum class Mode : uint8_t { kOff };\n  uint64_t four =\n      4 * 1024;\n"
                  "  absl::Duration five = absl::Seconds(5);\n  std::function<void(const A& a)> six;\n  X* seven = nullptr;\n};\n")
        self.assertEqual(["one", "three", "four", "five", "six", "seven"], fields(header, "Some"))


if __name__ == "__main__":
    ROOT = sys.argv[1]
    unittest.main(argv=sys.argv[:1])
