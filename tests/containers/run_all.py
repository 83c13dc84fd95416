#!/usr/bin/python3
"""The servers in containers, for real: starts an engine if none runs, builds every image and package, runs the tests,
and leaves nothing behind.

  run_all.py [-k PATTERN]...     only the tests whose names have that (see unittest -k)

Needs docker.io, docker-compose, iptables, mmdebstrap, g++, python3-kubernetes: `./run containers` installs them. Fails
where it has no engine and cannot start one: it never skips.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import built  # noqa: E402
import engine  # noqa: E402

# In this order: what is quick and what the rest rests on comes first.
MODULES = ("kubernetes_test", "images_test", "limits_test", "start_time_test", "packages_test", "compose_test",
           "readme_test")


def run_tests(patterns):
    loader = unittest.TestLoader()
    if patterns:
        loader.testNamePatterns = [f"*{pattern}*" for pattern in patterns]
    suite = unittest.TestSuite(loader.loadTestsFromName(module) for module in MODULES)
    return unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", dest="patterns", action="append", default=[])
    arguments = parser.parse_args()
    begin = time.monotonic()
    ran = failed = 0
    docker = engine.Engine()
    try:
        with tempfile.TemporaryDirectory(prefix="dialtone-containers-") as folder, docker:
            os.chmod(folder, 0o755)
            built.everything(folder)
            result = run_tests(arguments.patterns)
            ran, failed = result.testsRun, len(result.failures) + len(result.errors)
            if not docker.started:
                built.remove_images()
    except (AssertionError, OSError, engine.EngineError, subprocess.SubprocessError) as error:
        print(f"containers: {error}", file=sys.stderr)
        ran, failed = ran + 1, failed + 1
    for thing in docker.left:
        print(f"containers: left behind: {thing}")
    ran, failed = ran + 1, failed + (1 if docker.left else 0)
    print(f"containers: {time.monotonic() - begin:.0f} s in all")
    print(f"{100 * (ran - failed) // ran}% tests passed, {failed} tests failed out of {ran}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
