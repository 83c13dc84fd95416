"""What the figures depend on beside the code: processors, kernel, compiler, libraries."""

import os
import pathlib
import platform
import re
import shutil
import subprocess

PACKAGES = {"Protobuf": "libprotobuf-dev", "Abseil": "libabsl-dev", "gRPC": "libgrpc++-dev", "Thrift": "libthrift-dev",
            "Cap'n Proto": "libcapnp-dev"}


def _output(*command):
    if shutil.which(command[0]) is None:
        return ""
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout.strip()


def _processor():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    found = re.search(r"^model name\s*:\s*(.*)$", text, re.MULTILINE)
    return found.group(1) if found else platform.machine()


def _compiler(build):
    """As the build tree was configured."""
    cache = (build / "CMakeCache.txt").read_text()
    compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache, re.MULTILINE).group(1)
    kind = re.search(r"^CMAKE_BUILD_TYPE:\w+=(.*)$", cache, re.MULTILINE).group(1)
    flags = re.search(rf"^CMAKE_CXX_FLAGS_{kind.upper()}:\w+=(.*)$", cache, re.MULTILINE).group(1)
    return f"{_output(compiler, '--version').splitlines()[0]}, {flags}"


def describe(build, static=False):
    versions = {name: _output("dpkg-query", "-W", "-f", "${Version}", package) for name, package in PACKAGES.items()}
    virtual = _output("systemd-detect-virt", "--vm")
    return {
        "processor": _processor(),
        "processors": len(os.sched_getaffinity(0)),
        "virtual": virtual if virtual and virtual != "none" else "",
        "kernel": platform.release(),
        "compiler": _compiler(build),
        "static": static,
        "versions": {name: version for name, version in versions.items() if version},
        # Others' work on the same machine spoils a run; this is what was going on when it began.
        "load_before": os.getloadavg()[0],
    }
