#!/usr/bin/env python3
"""Measures Dialtone beside the sockets under it and beside other libraries, in one interleaved run.

    bench/suite/bench.py build/release [--static build/static] [--quick] [--write-docs]

Prints tables, and writes results.json and pictures to build/bench/; --write-docs puts both into docs/, too.
docs/performance.md tells how it measures.
"""

import argparse
import dataclasses
import json
import pathlib
import resource
import sys
import time

import cases as cases_module
import figures
import hello
import machine
import report
import syscalls
from measure import Suite
from processes import placements

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/performance.md"
PICTURES = ROOT / "docs/performance"
# What a process needs for other things than connections.
DESCRIPTORS_BESIDE = 200


@dataclasses.dataclass(frozen=True)
class Options:
    rounds: int
    seconds: float  # of a case
    warmup: float
    scale: float  # of what takes its own time
    connections: int  # that idle
    hello_rounds: int
    syscall_placements: int


FULL = Options(rounds=9, seconds=0.4, warmup=0.1, scale=1.0, connections=10_000, hello_rounds=3, syscall_placements=2)
QUICK = Options(rounds=3, seconds=0.11, warmup=0.03, scale=0.3, connections=10_000, hello_rounds=1, syscall_placements=1)
# Shows that everything runs and says something; the figures mean nothing.
SMOKE = Options(rounds=1, seconds=0.05, warmup=0.02, scale=0.02, connections=200, hello_rounds=0, syscall_placements=1)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--static", type=pathlib.Path, metavar="BUILD",
                        help="takes the floors and Dialtone from there, where they are linked statically")
    parser.add_argument("--quick", action="store_true", help="three short rounds: within three minutes, and rough")
    parser.add_argument("--smoke", action="store_true", help="a few seconds: whether everything runs")
    parser.add_argument("--rounds", type=int, help="so many instead")
    parser.add_argument("--seconds", type=float, help="so long a case instead")
    parser.add_argument("--only", default="", help="cases whose name has this text")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/bench")
    parser.add_argument("--again", type=pathlib.Path, metavar="RESULTS", help="measures nothing: tables and pictures of these")
    parser.add_argument("--write-docs", action="store_true", help="tables and pictures into docs/, too")
    arguments = parser.parse_args()
    options = SMOKE if arguments.smoke else QUICK if arguments.quick else FULL
    given = {name: getattr(arguments, name) for name in ("rounds", "seconds") if getattr(arguments, name) is not None}
    return arguments, dataclasses.replace(options, **given)


def with_descriptors(options):
    """Lets this process and those that it starts have a descriptor for each idle connection; fewer connections if it may not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = options.connections + DESCRIPTORS_BESIDE
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    return dataclasses.replace(options, connections=min(options.connections, max(soft, most) - DESCRIPTORS_BESIDE))


def say(text):
    print(text, file=sys.stderr, flush=True)


def own_programs(arguments):
    """Where the floors and Dialtone lie."""
    return (arguments.static or arguments.build).resolve() / "bench"


def chosen_cases(arguments):
    found = cases_module.interleaved(own_programs(arguments), arguments.build.resolve() / "bench")
    if arguments.no_peers:
        found = [case for case in found if case.contender in ("floor", "dialtone")]
    return [case for case in found if arguments.only in case.name]


def run(arguments, options, log):
    """Everything that results.json holds, and what the report needs beside it."""
    found = machine.describe(arguments.build, static=arguments.static is not None)
    cases = chosen_cases(arguments)
    suite = Suite(own_programs(arguments), options, placements(), log, say)
    suite.run_interleaved(cases)
    results = {"machine": found, "options": dataclasses.asdict(options), "samples": suite.samples,
               "idle": {}, "peers_memory": {}, "overload": [], "hello": [], "syscalls": {"counter": None, "counts": []}}
    if not arguments.only:
        say("many connections, overload, system calls, a hello server")
        results["idle"] = suite.run_idle()
        results["peers_memory"] = suite.run_peers_memory(cases)
        results["overload"] = suite.run_overload()
        counted = [case for case in cases if case.name not in suite.missing]
        results["syscalls"] = syscalls.count(counted, suite.placements[:options.syscall_placements],
                                             max(options.seconds, 0.1), log, say)
        results["hello"] = hello.measure(arguments.build.resolve() / "bench", arguments.build.resolve(), options.hello_rounds)
    results["left_out"] = {**suite.failures, **{name: "its client knows no such mode" for name in suite.missing}}
    return cases, results


def read_again(arguments):
    """What an earlier run has measured."""
    results = json.loads(arguments.again.read_text())
    there = {name for samples in results["samples"].values() for name in samples}
    return [case for case in chosen_cases(arguments) if case.name in there], results


def measured_now(arguments, options):
    began = time.monotonic()
    with open(arguments.out / "programs.log", "w", encoding="utf-8") as log:
        cases, results = run(arguments, options, log)
    results["took_seconds"] = time.monotonic() - began
    return cases, results


def groups_of(results):
    """Rounds by where: the placements, and what is measured apart from them."""
    rounds = {where: figures.rounds_of(samples) for where, samples in results["samples"].items()}
    idle = figures.rounds_of({**results["idle"], **results["peers_memory"]})
    return rounds, {**rounds, "idle": idle, "hello": [figures.Round(one) for one in results["hello"]],
                    "overload": [figures.Round(one) for one in results["overload"]]}


def write(out, text, pictures, results):
    out.mkdir(parents=True, exist_ok=True)
    (out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    (out / "report.md").write_text(text)
    for name, picture in pictures.items():
        (out / name).write_text(picture)


def write_docs(text, pictures):
    DOCUMENT.write_text(report.replace_between_markers(DOCUMENT.read_text(), text))
    PICTURES.mkdir(exist_ok=True)
    for name, picture in pictures.items():
        (PICTURES / name).write_text(picture)


def main():
    arguments, options = parse()
    options = with_descriptors(options)
    arguments.out.mkdir(parents=True, exist_ok=True)
    cases, results = read_again(arguments) if arguments.again else measured_now(arguments, options)
    rounds, groups = groups_of(results)
    reached = figures.all_figures(groups)
    results["figures"] = [dataclasses.asdict(figure) for figure in reached]
    text = report.markdown(results["machine"], cases, rounds, groups["idle"], reached, results["syscalls"],
                           results["left_out"])
    drawn = report.draw(cases, rounds)
    write(arguments.out, text, drawn, results)
    if arguments.write_docs:
        write_docs(text, drawn)
    print(text)
    say(f"{results['took_seconds']:.0f} s; everything is in {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
