#!/usr/bin/env python3
"""What a unary call executes on each side, as callgrind counts it, against recorded.json: instructions of user code, and
among them the atomic ones that lock a cache line (locks, reference counts, flags: what reactors could wait for one
another in).

A count does not care how busy the machine is, nor (much) which processor it has, as a time does. Server and client run
each in a callgrind of their own, over a real socket; what starting up takes cancels out between a run with few calls and
one with many. Both are bound to one processor: then they take turns, so that batches are of one size in every run. What
timers do between the calls only adds, and more on a busy machine: what is out of bounds is measured again, and the least
counts.

A side that executes over 5 % more a call than is recorded has become slower by an accident: find it. One that executes
5 % less has become faster: record it (--update), so that it stays so. The same goes for one atomic instruction more or
less. A change of the compiler or of the distribution's libraries, too, is recorded on purpose.
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
ATOMICS_TOLERANCE = 0.75
FEW, MANY = 1000, 5000
ATTEMPTS = 3
PATIENCE_SECONDS = 120
# Name: the calls in flight, the server's kind of handlers, flags of both sides.
CASES = {
    "1 in flight, plain": (1, "plain", ()),
    "1 in flight, coroutine": (1, "coroutine", ()),
    "64 in flight, plain": (64, "plain", ()),
    "64 in flight, coroutine": (64, "coroutine", ()),
    "64 in flight, observers": (64, "plain", ("--observers", "1")),
}


def callgrind(counts):
    # Its own messages go to a file: it warns of each epoll_pwait2, which it does not know; epoll_wait is used then.
    return ["valgrind", "--tool=callgrind", "--collect-bus=yes", f"--log-file={counts}.log",
            f"--callgrind-out-file={counts}"]


def totals(counts):
    """What a program has executed in all: instructions, atomic ones among them."""
    text = counts.read_text()
    found = re.search(r"^totals: (\d+) (\d+)$", text, re.MULTILINE)
    if not found or "\nevents: Ir Ge\n" not in text:
        sys.exit(f"instructions: callgrind says nothing in {counts}")
    return int(found.group(1)), int(found.group(2))


def run_once(build, folder, calls, in_flight, handlers, flags):
    """What the client and the server have executed in all."""
    counts = {side: folder / f"{side}.{calls}" for side in ("client", "server")}
    server = subprocess.Popen(
        # Under callgrind all handlers are slow.
        callgrind(counts["server"]) + [f"{build}/bench/dialtone_server", "--handlers", handlers,
                                       "--slow-handler-us", "1000000", *flags],
        stdout=subprocess.PIPE, text=True)
    try:
        port = server.stdout.readline().split()[1]
        subprocess.run(
            callgrind(counts["client"]) + [f"{build}/bench/instructions/instructions_client", "--address", f"127.0.0.1:{port}",
                                           "--calls", str(calls), "--in-flight", str(in_flight), *flags],
            check=True, timeout=PATIENCE_SECONDS)
        server.send_signal(signal.SIGTERM)
        if server.wait(PATIENCE_SECONDS) != 0:
            sys.exit("instructions: the server failed")
    finally:
        if server.poll() is None:
            server.kill()
        server.wait()
    return {side: totals(path) for side, path in counts.items()}


def measure(build, folder, *case):
    """What each side executes a call."""
    folder.mkdir(parents=True, exist_ok=True)
    few, many = (run_once(build, folder, calls, *case) for calls in (FEW, MANY))
    result = {}
    for side in few:
        instructions, atomics = ((more - less) / (MANY - FEW) for more, less in zip(many[side], few[side]))
        result[side] = {"instructions": round(instructions), "atomics": round(atomics, 2)}
    return result


def least(results):
    """The least of each count."""
    return {side: {count: min(result[side][count] for result in results) for count in results[0][side]}
            for side in results[0]}


def verdict(now, recorded):
    """(what to print, whether it is within the tolerances)"""
    told = f"{now['instructions']:6d} instructions, {now['atomics']:5.2f} atomic"
    if recorded is None:
        return f"{told}  not recorded", False
    change = now["instructions"] / recorded["instructions"] - 1
    more_atomics = now["atomics"] - recorded["atomics"]
    within = abs(change) <= TOLERANCE and abs(more_atomics) <= ATOMICS_TOLERANCE
    return (f"{told}  recorded {recorded['instructions']:6d}, {recorded['atomics']:5.2f}  {change:+6.1%}, {more_atomics:+5.2f}"
            f"{'' if within else '  OUT OF BOUNDS'}", within)


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
    for name, case in CASES.items():
        results = []
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(arguments.keep or temporary) / name.replace(", ", "_").replace(" ", "_")
            while len(results) < ATTEMPTS:
                results.append(measure(arguments.build, folder, *case))
                measured[name] = least(results)
                told = {side: verdict(now, recorded.get(name, {}).get(side)) for side, now in measured[name].items()}
                within = all(within for _, within in told.values())
                if within and not arguments.update:
                    break
        all_within = all_within and within
        for side, (text, _) in told.items():
            print(f"a call, {name:24} {side}: {text}", flush=True)
    if arguments.update:
        RECORD.write_text(json.dumps(measured, indent=2) + "\n")
        print(f"instructions: recorded in {RECORD.name}")
    elif not all_within:
        sys.exit(f"instructions: more than {TOLERANCE:.0%}, or an atomic instruction, from what is recorded. Find what "
                 "executes more; if the change is meant, record it with ./run instructions --update and say in the commit "
                 "what made it.")


if __name__ == "__main__":
    main()
