"""How many system calls a call costs each side.

With perf's counter of the kernel's own where that may be used, which changes nothing of how calls batch; else with strace.
"""

import pathlib
import re
import shutil
import subprocess
import tempfile

from processes import CaseFailed, run_client, serving

SHORTER = 10
# (shape, what a contender's case of it is called)
SHAPES = (("1", "blocking"), ("1x64", "1x64"), ("8x16", "8x16"))


class Perf:
    name = "perf"

    @staticmethod
    def command(report):
        return ("perf", "stat", "-x", ",", "-e", "raw_syscalls:sys_enter", "-o", report, "--")

    @staticmethod
    def count(report):
        found = re.search(r"^(\d+),[^,]*,raw_syscalls:sys_enter", pathlib.Path(report).read_text(), re.MULTILINE)
        return int(found.group(1)) if found else None


class Strace:
    name = "strace"

    @staticmethod
    def command(report):
        return ("strace", "-f", "-c", "-o", report)

    @staticmethod
    def count(report):
        found = re.search(r"^100\.00\s+[\d.]+\s+(?:[\d.]+\s+)?(\d+)(?:\s+\d+)?\s+total$",
                          pathlib.Path(report).read_text(), re.MULTILINE)
        return int(found.group(1)) if found else None


def _counter():
    """The first that works here; None if none does."""
    for counter in (Perf, Strace):
        if shutil.which(counter.name) is None:
            continue
        with tempfile.NamedTemporaryFile() as report:
            tried = subprocess.run([*counter.command(report.name), "true"], capture_output=True, check=False, timeout=30)
            if tried.returncode == 0 and counter.count(report.name):
                return counter
    return None


def _whole_life(counter, case, placement, seconds, log):
    """All system calls of a server and a client, and all calls between them."""
    with tempfile.NamedTemporaryFile() as of_server, tempfile.NamedTemporaryFile() as of_client:
        with serving(case.servers, placement.server, log, counter.command(of_server.name)) as (running,):
            argv = [*case.client, "--address", running.address, "--seconds", seconds, "--warmup", 0]
            sample = run_client(argv, placement.client, seconds, log, counter.command(of_client.name))
        return {"server": counter.count(of_server.name), "client": counter.count(of_client.name),
                "calls": sample["calls_in_all"]}


def _count(counter, case, placement, seconds, log):
    """Of a long life less a short one, so that beginning and ending do not count."""
    short = _whole_life(counter, case, placement, seconds / SHORTER, log)
    long = _whole_life(counter, case, placement, seconds, log)
    calls = long["calls"] - short["calls"]
    if calls <= 0:
        raise CaseFailed(f"{case.name}: no more calls in {seconds} s than in a part of it")
    return {"calls": calls, **{side: (long[side] - short[side]) / calls for side in ("server", "client")}}


def case_of(cases, contender, shape, name):
    """The floor's with one in flight has a name of its own."""
    wanted = f"floor {shape}" if contender == "floor" else f"{contender} {name}"
    return next((case for case in cases if case.name == wanted), None)


def count(cases, placements, seconds, log, say):
    """{"counter": name, "counts": [{"shape", "placement", "contender", "server", "client", "calls"}, …]}"""
    counter = _counter()
    if counter is None:
        say("system calls are not counted: neither perf nor strace works here")
        return {"counter": None, "counts": []}
    counts = []
    for placement in placements:
        for shape, name in SHAPES:
            for contender in dict.fromkeys(case.contender for case in cases):
                case = case_of(cases, contender, shape, name)
                if case is None:
                    continue
                try:
                    found = _count(counter, case, placement, seconds, log)
                except CaseFailed as failure:
                    say(f"  system calls of {contender} {shape}: {failure}")
                    continue
                counts.append({"shape": shape, "placement": placement.name, "contender": contender, **found})
    return {"counter": counter.name, "counts": counts}
