#!/usr/bin/env python3
"""What a unary call executes: instructions of user code on each side, as callgrind counts them, against recorded.json.

A count does not care how busy the machine is, nor (much) which processor it has, as a time does. Server and client run
each in a callgrind of their own, over a real socket; what starting up takes cancels out between a run with few calls and
one with many. Both are bound to one processor: then they take turns, so that batches are of one size in every run.

A side that executes over 5 % more a call than is recorded has become slower by an accident: find it. One that executes 5 %
less has become faster: record it (--update), so that it stays so. A change of the compiler or of the distribution's
libraries, too, is recorded on purpose.
"""

import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

RECORD = pathlib.Path(__file__).with_name("recorded.json")
TOLERANCE = 0.05
FEW, MANY = 1000, 5000
PATIENCE_SECONDS = 120
# Name: the calls in flight, the server's kind of handlers.
CASES = {
    "1 in flight, plain": (1, "plain"),
    "1 in flight, coroutine": (1, "coroutine"),
    "64 in flight, plain": (64, "plain"),
    "64 in flight, coroutine": (64, "coroutine"),
}


def callgrind(counts):
    # Its own messages go to a file: it warns of each epoll_pwait2, which it does not know; epoll_wait is used then.
    return ["valgrind", "--tool=callgrind", f"--log-file={counts}.log", f"--callgrind-out-file={counts}"]


def total(counts):
    """All instructions that a program has executed."""
    found = re.search(r"^(?:summary|totals): (\d+)", counts.read_text(), re.MULTILINE)
    if not found:
        sys.exit(f"instructions: callgrind says nothing in {counts}")
    return int(found.group(1))


def run_once(build, folder, calls, in_flight, handlers):
    """Instructions of the client and of the server, in all."""
    counts = {side: folder / f"{side}.{calls}" for side in ("client", "server")}
    server = subprocess.Popen(
        callgrind(counts["server"]) + [f"{build}/bench/dialtone_server", "--handlers", handlers],
        stdout=subprocess.PIPE, text=True)
    try:
        port = server.stdout.readline().split()[1]
        subprocess.run(
            callgrind(counts["client"]) + [f"{build}/bench/instructions_client", "--address", f"127.0.0.1:{port}",
                                           "--calls", str(calls), "--in-flight", str(in_flight)],
            check=True, timeout=PATIENCE_SECONDS)
        server.send_signal(signal.SIGTERM)
        if server.wait(PATIENCE_SECONDS) != 0:
            sys.exit("instructions: the server failed")
    finally:
        if server.poll() is None:
            server.kill()
        server.wait()
    return {side: total(path) for side, path in counts.items()}


def measure(build, folder, in_flight, handlers):
    """Instructions a call, for each side."""
    folder.mkdir(parents=True, exist_ok=True)
    few, many = (run_once(build, folder, calls, in_flight, handlers) for calls in (FEW, MANY))
    return {side: round((many[side] - few[side]) / (MANY - FEW)) for side in few}


def verdict(now, recorded):
    """(what to print, whether it is within the tolerance)"""
    if recorded is None:
        return "not recorded", False
    change = now / recorded - 1
    within = abs(change) <= TOLERANCE
    return f"recorded {recorded:6d}  {change:+6.1%}{'' if within else '  OUT OF BOUNDS'}", within


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", help="a build tree of the release preset")
    parser.add_argument("--update", action="store_true", help="record what is measured")
    parser.add_argument("--keep", metavar="FOLDER", help="keep what callgrind wrote, for callgrind_annotate, in FOLDER")
    arguments = parser.parse_args()

    # Inherited by what is started.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    recorded = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    measured, all_within = {}, True
    for case, (in_flight, handlers) in CASES.items():
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(arguments.keep or temporary) / case.replace(", ", "_").replace(" ", "_")
            measured[case] = measure(arguments.build, folder, in_flight, handlers)
        for side, now in measured[case].items():
            told, within = verdict(now, recorded.get(case, {}).get(side))
            all_within = all_within and within
            print(f"instructions a call, {case:24} {side}: {now:6d}  {told}", flush=True)
    if arguments.update:
        RECORD.write_text(json.dumps(measured, indent=2) + "\n")
        print(f"instructions: recorded in {RECORD.name}")
    elif not all_within:
        sys.exit(f"instructions: more than {TOLERANCE:.0%} from what is recorded. Find what executes more; if the change is "
                 "meant, record it with ./run instructions --update and say in the commit what made it.")


if __name__ == "__main__":
    main()
