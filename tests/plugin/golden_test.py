"""Generates code for every .proto file below protos/ and compares it with golden/, file by file, byte by byte.

  golden_test.py --protoc protoc --plugin protoc-gen-dialtone [--update]

With --update, or DIALTONE_UPDATE_GOLDENS=1 in the environment, golden/ is written anew instead: look at the
difference before you commit it. That the same code compiles and works is shown by odd_names_test.cc.
"""

import argparse
import difflib
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROTOS = os.path.join(HERE, "protos")
GOLDEN = os.path.join(HERE, "golden")


def files_below(folder):
    return sorted(os.path.relpath(os.path.join(path, name), folder)
                  for path, _, names in os.walk(folder) for name in names)


def generate(protoc, plugin, folder):
    """One protoc a file, as builds do it: what a file becomes must not depend on its neighbours."""
    for proto in files_below(PROTOS):
        subprocess.run([protoc, f"--proto_path={PROTOS}", f"--plugin=protoc-gen-dialtone={plugin}",
                        f"--dialtone_out={folder}", proto], check=True)


def read_lines(folder, name):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return []
    # Bytes as they are: a lone carriage return is no end of a line.
    with open(path, encoding="utf-8", newline="\n") as file:
        return file.readlines()


def differences(generated):
    """What would have to change in golden/ to be what was generated."""
    for name in sorted(set(files_below(generated)) | set(files_below(GOLDEN))):
        yield from difflib.unified_diff(read_lines(GOLDEN, name), read_lines(generated, name),
                                        os.path.join("golden", name), os.path.join("generated", name))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--protoc", required=True)
    parser.add_argument("--plugin", required=True)
    parser.add_argument("--update", action="store_true", default=os.environ.get("DIALTONE_UPDATE_GOLDENS") == "1")
    arguments = parser.parse_args()

    if arguments.update:
        shutil.rmtree(GOLDEN, ignore_errors=True)
        os.makedirs(GOLDEN)
        generate(arguments.protoc, arguments.plugin, GOLDEN)
        print(f"wrote {len(files_below(GOLDEN))} golden files")
        return 0

    with tempfile.TemporaryDirectory() as generated:
        generate(arguments.protoc, arguments.plugin, generated)
        found = list(differences(generated))
        count = len(files_below(generated))
    sys.stdout.writelines(found)
    if found or count == 0:
        print("\nThe plugin writes something else than golden/ holds. If that is meant, run this test with "
              "DIALTONE_UPDATE_GOLDENS=1, look at the difference and commit it.")
        return 1
    print(f"{count} generated files are as in golden/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
